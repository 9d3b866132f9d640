"""Equilibrium under capacities and with trade that answers, against plain Python and against the public hat algebra."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

GAP = 1e-6


@pytest.fixture(scope="module")
def tight(rich, more):
    """The rich case with little room: a railway and a border post that cannot take what wants to pass."""
    links = rich.table("links").copy()
    for name, rule, room in (
        ("a-city-b-north-rail", "price", 0.02),
        ("a-pass-b-north-road", "queue", 0.05),
        ("b-second", "price", 0.06),
    ):
        at = links["link_id"] == name
        links.loc[at, [f"capacity_mt_per_year_{b}" for b in ("low", "mode", "high")]] = [0.8 * room, room, 1.2 * room]
        links.loc[at, "capacity_rule"] = rule
    return rich.with_tables(links=links)


@pytest.fixture(scope="module")
def settle(solve):
    """Solve cases by name with a model; keep every step."""
    from mackinder.equilibrium.loading import load_network

    def run(cases, model, *, years=(2023,), draws=3, threads=1):
        solved = solve(cases, years=years, draws=draws, threads=threads)
        loading = load_network(
            cases, solved.network, solved.routes, solved.prices, solved.design, threads=threads, model=model
        )
        solved.loading, solved.loads = loading, loading.loads
        return solved

    return run


def scarcity_of_assets(solved, k, s):
    """Scarcity by asset, as a price and as hours of queue."""
    price, hours = np.zeros(solved.network.graph.n_assets), np.zeros(solved.network.graph.n_assets)
    for i, members in enumerate(solved.loading.limits):
        queue = solved.network.capacity_rule[members[0]] == "queue"
        (hours if queue else price)[members[0]] = solved.loads.scarcity[k, s, i]
    return price, hours


def plain_flows(plain, solved, demand, central, k, s):
    """Load given tonnes at given scarcity by plain loops; also the delivered cost of each flow."""
    network, routes, prices = solved.network, solved.routes, solved.prices
    price, hours = scarcity_of_assets(solved, k, s)
    load, cost_of = np.zeros(network.graph.n_assets), {}
    for p, g in itertools.product(range(len(routes.origin)), range(len(network.goods))):
        cost = plain.asset_costs(solved, prices, k, s, p, g)
        offered = [[a >> 1 for a in r] for r in plain.routes_of(routes, p)]
        sets = [frozenset(r) for r in offered if np.isfinite(cost[np.array(r)]).all()]
        if not sets:
            continue
        middle, mid_theta = plain.asset_costs(solved, central, 0, s, p, g), central.goods.dispersion[0, g]
        theta, no_ship = prices.goods.dispersion[k, g], prices.goods.no_ship[k, g]
        owed, mid_owed = (plain.per_shipment(solved, x, row, s, p, g, sets) for x, row in ((prices, k), (central, 0)))
        once = prices.shipment[k, network.regimes.of_flow[s, routes.origin[p], routes.destination[p], g]]
        c = np.array(plain.route_costs(sets, cost)) + owed + once
        sizes = np.array(plain.path_sizes(sets, middle, mid_theta, mid_owed))
        extra = np.array(plain.route_costs(sets, price + prices.goods.value_of_time[k, g] * hours))
        free = sizes * np.exp(-theta * (c - c.min()))
        weight = free * np.exp(-theta * extra)
        away = free.sum() * math.exp(-theta * no_ship)
        cost_of[p, g] = c.min() - math.log(weight.sum() + away) / theta
        for x, route in zip(weight / (weight.sum() + away), sets, strict=True):
            load[sorted(route)] += demand[p, g] * x
    return load, cost_of


@pytest.fixture(scope="module")
def middle():
    from mackinder.draws import Design
    from mackinder.network.prices import draw_prices

    return lambda solved: draw_prices(
        solved.case, solved.network, Design(seed=0, draws=1, common_share=0.5, central=True)
    )


def base_tonnes(solved, k):
    from mackinder.network.demand import draw_demand

    demand = draw_demand(solved.case, solved.network.goods, solved.prices.goods.density, solved.design)
    return demand.tonnes[k][solved.routes.origin, solved.routes.destination]


def test_loads_fit_capacities_and_only_full_assets_have_a_price(plain, tight, settle, middle):
    solved = settle({"tight": tight}, "capacity")
    central, some = middle(solved), 0
    assert solved.loads.gap[..., 0].max() <= GAP
    for k in range(3):
        load, _ = plain_flows(plain, solved, base_tonnes(solved, k), central, k, 0)
        np.testing.assert_allclose(load, solved.loads.asset_tonnes[k, 0], rtol=1e-7, atol=1e-6)
        capacity = solved.prices.capacity[k, solved.network.capacity_vector[0]]
        price, hours = scarcity_of_assets(solved, k, 0)
        full = price + hours > 0
        some += full.sum()
        assert (load <= capacity * (1 + GAP)).all()
        np.testing.assert_allclose(load[full], capacity[full], rtol=2 * GAP)
    assert some >= 6  # the test looks at something


def test_without_limits_the_settled_state_is_the_loading(rich, settle, solve):
    links = rich.table("links").assign(
        capacity_mt_per_year_low=np.nan, capacity_mt_per_year_mode=np.nan, capacity_mt_per_year_high=np.nan, capacity_rule=""
    )  # fmt: skip
    free = {"free": rich.with_tables(links=links)}
    plainly, settled = solve(free, years=(2023,)), settle(free, "capacity")
    away = np.exp(-settled.prices.goods.dispersion * settled.prices.goods.no_ship).max()
    for name in ("asset_tonnes", "asset_value", "corridor", "trade", "revenue"):
        ours, theirs = getattr(settled.loads, name), getattr(plainly.loads, name)
        if name == "revenue":
            ours, theirs = ours[..., :2], theirs[..., :2]
        np.testing.assert_allclose(ours, theirs, rtol=1e-9 + 1.1 * away, atol=1e-6)


def test_more_room_never_raises_the_price_of_the_one_full_asset(rich, settle):
    prices = []
    for room in (0.02, 0.03, 0.05, 5.0):
        links = rich.table("links").copy()
        columns = [f"capacity_mt_per_year_{b}" for b in ("low", "mode", "high")]
        links[columns] = np.nan
        links.loc[links["link_id"] == "a-city-b-north-rail", columns] = [0.8 * room, room, 1.2 * room]
        solved = settle({"tight": rich.with_tables(links=links)}, "capacity")
        prices.append(solved.loads.scarcity[:, 0, 0])
    assert (np.diff(prices, axis=0) <= 1e-9).all()
    assert (prices[0] > 0).all()
    assert (prices[-1] == 0).all()


@pytest.fixture(scope="module")
def two(tight):
    """Base state and one in which a road is gone."""
    links = tight.table("links").copy()
    at = links["link_id"] == "b-round"
    links.loc[at, ["status", "closed_since"]] = ["closed", "2020-01-01"]
    return {"base": tight, "without": tight.with_tables(links=links)}


def test_trade_answers_as_the_hat_algebra_says(plain, two, settle, middle):
    from mackinder.equilibrium import hat_algebra
    from mackinder.equilibrium.economy import build_economy
    from mackinder.network.demand import draw_demand

    solved = settle(two, "trade")
    assert solved.loads.gap[..., :2].max() <= GAP
    network, routes, central = solved.network, solved.routes, middle(solved)
    demand = draw_demand(solved.case, network.goods, solved.prices.goods.density, solved.design)
    economy = build_economy(solved.case, network, routes, demand, solved.design)
    for k in range(3):
        base = base_tonnes(solved, k)
        _, before = plain_flows(plain, solved, base, central, k, 0)
        _, after = plain_flows(plain, solved, base, central, k, 1)
        cost = np.ones(economy.flows[k].shape)
        moved = 0
        for (p, g), was in before.items():
            if base[p, g] > 0:
                density = solved.prices.goods.density[k, g]
                ratio = (density + after[p, g]) / (density + was) if (p, g) in after else np.inf
                cost[economy.sector[g], routes.origin[p], routes.destination[p]] = ratio
                moved += abs(ratio - 1) > 1e-4
        assert moved > 0
        hat = hat_algebra(economy.flows[k], cost, economy.elasticity[k], closure="additive")
        wanted = base.copy()
        for (p, g), was in before.items():
            i, j, m = routes.origin[p], routes.destination[p], economy.sector[g]
            if base[p, g] > 0:
                density = solved.prices.goods.density[k, g]
                value = hat.flows[m, i, j] / economy.flows[k, m, i, j]
                wanted[p, g] = base[p, g] * value / (hat.wages[i] * (density + after[p, g]) / (density + was))
        load, _ = plain_flows(plain, solved, wanted, central, k, 1)
        np.testing.assert_allclose(load, solved.loads.asset_tonnes[k, 1], rtol=2e-5, atol=1e-3)
        real = hat.expenditure / hat.prices
        for actor in {int(a) for a in network.zone_actor if a >= 0}:
            mine = network.zone_actor == actor
            gain = real[mine].sum() - economy.flows[k].sum(axis=(0, 1))[mine].sum()  # the base year has no growth
            np.testing.assert_allclose(solved.loads.income[k, 1, actor], gain, rtol=1e-5, atol=1e-7 * real[mine].sum())


def test_nothing_changes_where_nothing_changed(two, settle):
    solved = settle({"base": two["base"], "same": two["base"].with_tables()}, "trade", years=(2023,))
    assert len(solved.network.states) == 1  # equal states are one
    later = settle({"base": two["base"]}, "trade", years=(2023, 2024))
    assert later.loads.gap[..., :2].max() <= GAP


def test_threads_and_blocks_do_not_matter(tight, settle):
    """Convention C79: three blocks, solved one after the other or at once; a block does not know how many follow."""
    from mackinder.equilibrium.settling import BLOCK

    draws = 2 * BLOCK + 5
    one, other = (settle({"tight": tight}, "trade", years=(2023, 2024), draws=draws, threads=n) for n in (1, 2))
    assert one.loads.scarcity[BLOCK:].any()
    for a, b in zip(one.loads, other.loads, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(
        one.loads.asset_tonnes[:5], one.loads.asset_tonnes[2 * BLOCK :]
    )  # the last is no copy of the first


@pytest.mark.parametrize("elastic", [False, True])
def test_one_draw_alone_answers_as_in_a_row(two, settle, elastic):
    """Loads, demand and slopes of `kernels.alone` against `kernels.response`, at prices on all limits, queues included."""
    from mackinder.equilibrium.loading import settle_inputs
    from mackinder.equilibrium.settling import new_wants, open_market
    from mackinder.kernels.alone import answer_alone
    from mackinder.kernels.block import cut_block
    from mackinder.kernels.economy import new_market, set_wants
    from mackinder.kernels.limits import Answer
    from mackinder.kernels.response import answer_scarcity
    from mackinder.kernels.weights import new_counter, quote_offers

    solved = settle(two, "trade", draws=1)
    given = settle_inputs(two, solved.network, solved.routes, solved.prices, solved.design, threads=1)
    n_states, n_pairs, n_goods = given.menu.available.shape
    n_limits, n_zones = len(given.limits.is_queue), len(given.zone_actor)
    block, sums, _ = cut_block(0, 1, given.prices, given.shipments, given.payees, solved.loads)
    widest = int(np.diff(given.limits.group_first).max())
    counter = new_counter(n_zones, n_limits, widest, given.menu, given.offers, given.economy.destination, block)
    quotes = quote_offers(given.shared, given.offers, block, sums, np.ones(n_states, bool), counter)
    market, wants = new_market(0, 1, given.economy), new_wants(given, 0, 1)
    open_market(given.economy, 1, 0, market)
    wants.reference[:] = 300.0
    tonnes = np.ascontiguousarray(given.shipments.tonnes[:1, given.shipments.table[1]])
    set_wants(0, given.economy, market, tonnes, given.offers.number[1], wants, np.zeros(1, bool))
    price = np.random.default_rng(0).uniform(0.5, 20.0, (n_limits, 1))
    slot, found = np.arange(n_limits), []
    assert given.limits.is_queue.any()
    assert not given.limits.is_queue.all()
    for answer in (answer_scarcity, answer_alone):
        empty = Answer(
            np.zeros((n_limits, 1)), np.zeros((n_limits, n_limits, 1), np.float32), np.ones((n_pairs, n_goods, 1)),
            np.ones((n_zones, n_goods, 1)), np.zeros((n_pairs, n_goods, 1)), np.zeros((n_pairs, n_goods, 1)),
        )  # fmt: skip
        answer(
            1, given.menu, given.offers, quotes, block, wants, given.limits, elastic, price, slot, True, counter, empty
        )
        found.append(empty)
    rows, alone = found
    assert rows.load.min() > 0
    for name in ("load", "delivered", "price_index", "tonnes", "shipped"):
        np.testing.assert_allclose(getattr(alone, name), getattr(rows, name), rtol=1e-12, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(alone.slope, rows.slope, rtol=1e-4, atol=1e-5 * np.abs(rows.slope).max())


@pytest.mark.parametrize("control", [True, False])
def test_one_draw_alone_is_priced_and_booked_as_in_a_row(two, settle, monkeypatch, control):
    """`kernels.alone_prices` and `kernels.alone_books` against `kernels.weights` and `kernels.settled`."""
    from mackinder.equilibrium import loading, settling
    from mackinder.kernels.settled import book_state
    from mackinder.kernels.weights import quote_offers

    solved = settle(two, "trade", draws=1)
    given = (None, two, solved.network, solved.routes, solved.prices, solved.design)
    alone = loading.load_again(*given, threads=1, control=control).loading.loads
    monkeypatch.setattr(settling, "quote_alone", quote_offers)
    monkeypatch.setattr(loading, "book_alone", book_state)
    rows = loading.load_again(*given, threads=1, control=control).loading.loads
    assert rows.scarcity.any()
    assert rows.exposure.any() == control
    for name, ours, theirs in zip(rows._fields, alone, rows, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(theirs)), err_msg=name)


def test_a_solution_may_start_where_another_ended(two, settle):
    """Convention C166: it only decides how soon; what has not changed is not solved again."""
    import dataclasses

    from mackinder.equilibrium.loading import load_again

    solved = settle(two, "trade", draws=2)
    given = (two, solved.network, solved.routes)
    first = load_again(None, *given, solved.prices, solved.design, threads=1)
    again = load_again(first, *given, solved.prices, solved.design, threads=1)
    for name, ours, theirs in zip(first.loading.loads._fields, first.loading.loads, again.loading.loads, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    dearer = dataclasses.replace(solved.prices, money=solved.prices.money * 1.3)
    warm = load_again(first, *given, dearer, solved.design, threads=1).loading.loads
    cold = load_again(None, *given, dearer, solved.design, threads=1).loading.loads
    assert warm.gap[..., :2].max() <= GAP
    hardly = dataclasses.replace(solved.prices, money=solved.prices.money * 1.0001)
    near, far = (load_again(x, *given, hardly, solved.design, threads=1).loading.loads for x in (first, None))
    assert near.gap[..., 2].sum() < far.gap[..., 2].sum()  # fewer answers
    np.testing.assert_allclose(warm.asset_tonnes, cold.asset_tonnes, rtol=1e-4, atol=1.0)
    assert np.abs(warm.asset_tonnes - first.loading.loads.asset_tonnes).max() > 10.0  # something moved


def test_books_may_leave_out_who_could_close_what(two, settle):
    """Convention C166: what the app does not show."""
    from mackinder.equilibrium.loading import load_again

    solved = settle(two, "trade", draws=2)
    given = (None, two, solved.network, solved.routes, solved.prices, solved.design)
    whole, part = (load_again(*given, threads=1, control=c).loading.loads for c in (True, False))
    control = ("exposure", "captive", "closure", "identity_gap")
    for name, ours, theirs in zip(whole._fields, part, whole, strict=True):
        if name in control:
            assert theirs.any(), name
            assert not ours.any(), name
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=name)


def test_a_draw_that_goes_astray_starts_again_from_nothing(two, settle, monkeypatch):
    """Convention C169: from prices out of all measure the answers allowed do not suffice; from nothing they do."""
    from mackinder.equilibrium import clearing
    from mackinder.equilibrium.loading import load_again

    solved = settle(two, "trade", draws=3)
    given = (two, solved.network, solved.routes, solved.prices, solved.design)
    first = load_again(None, *given, threads=1)
    most = int(first.loading.loads.gap[..., 2].max()) + 3
    astray = first.inputs.memory._replace(scarcity=np.full_like(first.inputs.memory.scarcity, 3e4))
    rules = first.inputs.rules._replace(most=most)
    start = dataclasses.replace(first, inputs=first.inputs._replace(memory=astray, rules=rules))
    dearer = dataclasses.replace(solved.prices, money=solved.prices.money * 1.01)
    with_it = load_again(start, *given[:3], dearer, given[4], threads=1).loading.loads.gap[..., :2].max()
    monkeypatch.setattr(clearing, "_start_again", lambda *_: None)
    without = load_again(start, *given[:3], dearer, given[4], threads=1).loading.loads.gap[..., :2].max()
    assert with_it <= GAP < without


def test_only_the_state_that_changed_is_solved_again(two, settle):
    """Convention C166."""
    import dataclasses

    from mackinder.equilibrium.loading import load_again
    from mackinder.serve.sliders import own_vectors

    solved = settle(two, "trade", draws=1)
    network, prices = own_vectors(solved.network, solved.prices)
    first = load_again(None, two, network, solved.routes, prices, solved.design, threads=1)
    money = prices.money.copy()
    money[:, 1] *= 1.2
    moved = dataclasses.replace(prices, money=money)
    warm = load_again(first, two, network, solved.routes, moved, solved.design, threads=1).loading.loads
    cold = load_again(None, two, network, solved.routes, moved, solved.design, threads=1).loading.loads
    for name, old, ours, theirs in zip(warm._fields, first.loading.loads, warm, cold, strict=True):
        if name != "identity_gap":
            np.testing.assert_array_equal(ours[:, 0], old[:, 0], err_msg=name)
        if name in ("asset_tonnes", "corridor", "revenue", "trade"):
            np.testing.assert_allclose(ours[:, 1], theirs[:, 1], rtol=1e-4, atol=1.0, err_msg=name)
    assert np.abs(warm.asset_tonnes[:, 1] - first.loading.loads.asset_tonnes[:, 1]).max() > 10.0


def test_states_that_differ_in_rights_alone_share_an_equilibrium_and_not_their_books(two, settle, monkeypatch):
    """Convention C168: solved once, booked each; as if each were solved by itself."""
    from mackinder.equilibrium import settling

    controls = two["without"].table("controls").copy()
    assert (controls["right"] == "operator").any()
    controls.loc[controls["right"] == "operator", "actor"] = "CCC"
    cases = two | {"other": two["without"].with_tables(controls=controls)}
    cleared: list[int] = []
    clear = settling.clear_limits
    monkeypatch.setattr(settling, "clear_limits", lambda site, *more: cleared.append(site.s) or clear(site, *more))
    shared = settle(cases, "trade", years=(2023, 2024), draws=3)
    states = [(state.scenario, state.year) for state in shared.network.states]
    one, other = states.index(("without", 2024)), states.index(("other", 2024))
    assert one in cleared
    assert other not in cleared
    monkeypatch.setattr(settling, "_twins", lambda given, *_: np.full(len(given.like), -1))
    alone = settle(cases, "trade", years=(2023, 2024), draws=3)
    assert other in cleared
    for name, ours, theirs in zip(shared.loads._fields, shared.loads, alone.loads, strict=True):
        if name not in ("gap", "identity_gap"):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1.0, err_msg=name)
    np.testing.assert_array_equal(shared.loads.asset_tonnes[:, one], shared.loads.asset_tonnes[:, other])
    assert (shared.loads.exposure[:, one] != shared.loads.exposure[:, other]).any()
    assert shared.loads.gap[..., :2].max() <= GAP
