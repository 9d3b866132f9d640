"""The bottleneck of a corridor: what of its way is fullest, against plain sums."""

import numpy as np
import pytest

from mackinder.indicators.bottleneck import corridor_shares, measure_bottleneck


@pytest.fixture(scope="module")
def solved(starter, solve, scenes):
    from mackinder.equilibrium.loading import load_network

    out = solve(scenes(starter), draws=3)
    out.free = out.loading
    out.loading = load_network(
        out.cases, out.network, out.routes, out.prices, out.design, threads=1, model="capacity"
    )  # fmt: skip
    return out


def test_all_of_a_corridor_passes_its_only_link(solved):
    share = corridor_shares(solved.loading, solved.cases, solved.routes)
    state = next(s for s, x in enumerate(solved.network.states) if x.scenario == "south-road" and x.year == 2035)
    south, link = (
        solved.network.corridors.index("south"),
        solved.network.graph.asset_index()["b-south-c-harbour-road"],
    )
    assert share[state, south, link] == pytest.approx(1.0)
    assert (share <= 1.0 + 1e-12).all()
    shut = next(s for s, x in enumerate(solved.network.states) if x.scenario == "status-quo")
    assert not share[shut, south].any()


def test_bottleneck_is_the_fullest_on_the_way(solved):
    (measure,) = measure_bottleneck(solved.loading, solved.cases, solved.routes, solved.prices.capacity)
    share, network = corridor_shares(solved.loading, solved.cases, solved.routes), solved.network
    for row, (_, key) in enumerate(measure.keys.iterrows()):
        corridor, asset = key["asset"].split(">")
        s = next(i for i, x in enumerate(network.states) if (x.scenario, x.year) == (key["scenario"], key["year"]))
        room = solved.prices.capacity[:, network.capacity_vector[s]]
        full = solved.loading.loads.asset_tonnes[:, s] / room
        a = network.graph.asset_index()[asset]
        np.testing.assert_allclose(measure.draws[:, row], full[:, a])
        there = (share[s, network.corridors.index(corridor)] >= 0.5) & np.isfinite(room).all(axis=0)
        assert full[:, a].mean() >= full[:, there].mean(axis=0).max() - 1e-5
    assert "south" in {a.split(">")[0] for a in measure.keys["asset"]}


def test_without_capacity_there_is_none(solved):
    assert measure_bottleneck(solved.free, solved.cases, solved.routes, solved.prices.capacity) == []
