"""The transit game: structure, player definitions, investment, and all solutions together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mackinder.errors import DataError
from mackinder.indicators import best_investment, game_power, is_superadditive, shapley, transit_values
from mackinder.indicators.routegame import player_masks


def corridor(closers: list[int], *, players: list[int], endpoint: int = 1, **more: Any) -> np.ndarray:
    """One flow of 1000 t whose routes cost the same; not shipping costs 1e4 USD/t, so far that choice hardly counts."""
    given = {
        "pair_start": [0, len(closers)], "cost": np.full(len(closers), 50.0), "path_size": np.ones(len(closers)),
        "closers": closers, "players": players, "endpoints": [endpoint], "dispersion": 10.0, "quantity": 1000.0,
        "no_ship": 1e4,
    }  # fmt: skip
    return transit_values(**(given | more))


@pytest.mark.parametrize(
    ("closers", "wanted"),
    [([0b010, 0b100], [2 / 3, 1 / 6, 1 / 6]), ([0b110], [1 / 3] * 3), ([0b010], [1 / 2, 1 / 2, 0])],
    ids=["parallel", "serial", "one"],
)
def test_transit_is_the_textbook_game(closers: list[int], wanted: list[float]) -> None:
    """Exporter and two transit countries; choice between two equal routes is worth ln 2 / theta = 0.07 of 1e4 USD/t."""
    values = corridor(closers, players=[1, 2, 4])
    np.testing.assert_allclose(shapley(values) / values[-1], wanted, atol=1e-4)


def test_links_of_one_owner_in_series_are_one() -> None:
    """The mask of a route is the same however many of its links an actor can close."""
    values = corridor([0b010 | 0b010, 0b100], players=[1, 2, 4])
    assert (values == corridor([0b010, 0b100], players=[1, 2, 4])).all()


def test_players_are_a_switch() -> None:
    separate = corridor([0b010, 0b100], players=[1, 2, 4])
    union = corridor([0b010, 0b100], players=[1, 0b110])
    np.testing.assert_array_equal(union, separate[[0, 1, 6, 7]])  # the union acts as both or neither
    contractor = corridor([0b010, 0b100], players=[1, 2])  # actor 2 is not asked, and its route stays open
    np.testing.assert_allclose(contractor, [0, 1e7, 0, 1e7], rtol=1e-4)
    outsider = corridor([0b010], players=[1, 2], endpoint=1 << 63)
    np.testing.assert_allclose(outsider, [0, 0, 1e7, 1e7], rtol=1e-4)


def test_the_last_bit_is_a_bit() -> None:
    """Bit 63 of a mask of 64 actors, signed or not."""
    for kind in (np.int64, np.uint64):
        masks = np.array([1 << 63, 1], dtype=np.uint64).view(kind)
        assert player_masks(masks, [1 << 63]).tolist() == [1, 0]


def test_ends_that_play_make_it_superadditive() -> None:
    rng = np.random.default_rng(4)
    given = {
        "pair_start": np.arange(21) * 5, "cost": rng.uniform(20, 90, 100), "path_size": rng.uniform(0.2, 1, 100),
        "closers": rng.integers(0, 64, 100), "players": [1 << i for i in range(6)], "dispersion": np.full(20, 0.05),
        "quantity": rng.uniform(1, 9, 20), "no_ship": np.full(20, 200.0),
    }  # fmt: skip
    assert is_superadditive(transit_values(**given, endpoints=1 << rng.integers(0, 6, 20)))
    free = transit_values(**given, endpoints=np.zeros(20, dtype=int))
    assert not is_superadditive(free)
    # money and tonnes scale; flows add up
    np.testing.assert_allclose(
        transit_values(**(given | {"quantity": 3 * given["quantity"]}), endpoints=[0] * 20), 3 * free
    )
    halves = [
        transit_values(**(given | {"quantity": given["quantity"] * (np.arange(20) % 2 == k)}), endpoints=[0] * 20)
        for k in range(2)
    ]
    np.testing.assert_allclose(sum(halves), free, rtol=1e-12)
    np.testing.assert_allclose(
        transit_values(**given | {"cost": given["cost"] + 7.0}, endpoints=[0] * 20), free, rtol=1e-9
    )


def test_draws_are_a_leading_axis() -> None:
    cost = np.array([[50.0, 60.0], [70.0, 20.0]])
    both = corridor([0b010, 0b100], players=[1, 2, 4], cost=cost, dispersion=0.1, quantity=[[1.0], [2.0]])
    assert both.shape == (2, 8)
    for k in range(2):
        one = corridor([0b010, 0b100], players=[1, 2, 4], cost=cost[k], dispersion=0.1, quantity=[k + 1.0])
        np.testing.assert_array_equal(both[k], one)
    assert shapley(both).shape == (2, 3)


def test_a_hopeless_route_and_one_not_on_offer_change_nothing() -> None:
    """Convention C25; the hopeless one costs a thousand units of utility more."""
    plain = corridor([0b010], players=[1, 2, 4], dispersion=0.1, no_ship=80.0)
    more = {"dispersion": 0.1, "no_ship": 80.0, "cost": [50.0, 1e4]}
    np.testing.assert_allclose(corridor([0b010, 0b100], players=[1, 2, 4], **more), plain, rtol=1e-12)
    more = {"dispersion": 0.1, "no_ship": 80.0, "path_size": [1.0, 0.0]}
    assert (corridor([0b010, 0b100], players=[1, 2, 4], **more) == plain).all()


def test_investment_can_reverse_a_ranking() -> None:
    """Actor 1 holds the only route until actor 2 builds one (bit 3): in the long run they compete."""
    values = corridor([0b0010, 0b1100], players=[1, 2, 4, 8])
    long, built = best_investment(values, [1e6], [0b100])
    short, _ = best_investment(values, [1e9], [0b100])
    np.testing.assert_allclose(shapley(short) / 1e7, [1 / 2, 1 / 2, 0], atol=1e-4)
    assert shapley(short)[2] == 0.0
    assert built.tolist() == [0, 0, 0, 0, 0, 1, 0, 0]  # only where there is no other way
    np.testing.assert_allclose(long[[3, 5, 7]], [1e7, 9e6, 1e7], rtol=1e-4)
    assert shapley(long)[1] < shapley(short)[1]
    # an option that nobody need sponsor is there before the game: only what is above it counts
    free, _ = best_investment([0, 1, 4, 6], [1.0], [0])
    assert free.tolist() == [0.0, 2.0]


def test_bad_input_is_refused() -> None:
    with pytest.raises(DataError, match=r"dispersion\[0\] is 0.0; it must be positive"):
        corridor([2], players=[1, 2], dispersion=0.0)
    with pytest.raises(DataError, match=r"cost\[1\] is nan"):
        corridor([2, 2], players=[1, 2], cost=[1.0, np.nan])
    with pytest.raises(DataError, match=r"quantity\[0\] is -1.0.*not negative"):
        corridor([2], players=[1, 2], quantity=[-1.0])
    with pytest.raises(DataError, match=r"no_ship has shape \(2,\)"):
        corridor([2], players=[1, 2], no_ship=[1.0, 2.0])
    with pytest.raises(DataError, match="pair_start must begin with 0"):
        corridor([2], players=[1, 2], pair_start=[1, 1])
    with pytest.raises(DataError, match="closers have shape"):
        corridor([2, 2], players=[1, 2], pair_start=[0, 1], cost=[1.0], path_size=[1.0])
    with pytest.raises(DataError, match=r"\[2, 3\] draws; they must agree"):
        corridor([2], players=[1, 2], cost=np.ones((2, 1)), quantity=np.ones((3, 1)))
    with pytest.raises(DataError, match="each actor to one player only"):
        corridor([2], players=[1, 3])
    with pytest.raises(DataError, match="has 1 to 20"):
        corridor([2], players=[])
    with pytest.raises(DataError, match="give each option both"):
        best_investment([0, 1, 2, 3], [1.0], [])
    with pytest.raises(DataError, match="beyond the 1 of the game"):
        best_investment([0, 1, 2, 3], [1.0], [2])


def test_all_solutions_of_a_glove_game() -> None:
    power = game_power([0, 0, 0, 1, 0, 1, 0, 1], ["RUS", "IRN", "GEO"])
    assert power.notes == ()
    assert power.superadditive
    assert not power.convex
    np.testing.assert_allclose(power.nucleolus, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(power.core.low, [1, 0, 0], atol=1e-12)
    np.testing.assert_allclose(power.banzhaf, [0.75, 0.25, 0.25])


def test_what_is_unusual_is_said() -> None:
    power = game_power([0, 5, 5, 8], ["A", "B"])
    assert power.nucleolus is None
    assert not power.superadditive
    assert not power.covered
    np.testing.assert_allclose(power.prenucleolus, [4, 4])
    text = " | ".join(power.notes)
    assert "not superadditive: A and B are worth 2 USD/yr more apart" in text
    assert "core is empty: whatever the payoff, some coalition lacks 1 USD/yr" in text
    assert "there is no nucleolus" in text
    covered = game_power([0, 5, 5, 8], ["A", "B"], cover=True)
    assert covered.covered
    np.testing.assert_allclose(covered.nucleolus, [5, 5])
    assert "solved is its superadditive cover" in covered.notes[0]
    assert not covered.superadditive


def test_many_players_have_indices_only() -> None:
    power = game_power((np.arange(2**13) == 2**13 - 1).astype(float), [f"P{i}" for i in range(13)])
    assert power.core is None
    assert power.nucleolus is power.prenucleolus is None
    np.testing.assert_allclose(power.shapley, np.full(13, 1 / 13))
    assert power.notes == ("13 players: core and nucleolus are computed up to 12",)


def test_names_must_fit() -> None:
    with pytest.raises(DataError, match="1 different names for 2 players"):
        game_power([0, 1, 2, 3], ["A", "A"])
