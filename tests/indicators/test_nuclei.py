"""Nucleolus and prenucleolus against published games, Kohlberg's criterion, closed forms and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from mackinder.errors import DataError
from mackinder.indicators import EmptyImputationsError, core_interval, nucleolus, prenucleolus, superadditive_cover
from mackinder.indicators.coalitions import coalition_sums

INHERITED = [0, 0, 0, 4.324, 0, 0.155, 6.061, 13.931, 0, 19.323, 5.85, 8.784, 4.403, 18.23, 17.584, 12.825]
CONTESTED = [0, 0, 0, 26.413, 0, 37.955, 39.934, 49.945, 0, 38.706, 23.507, 58.321, 31.357, 57.588, 58.409, 82.377]

#: in the order of bit masks: values, nucleolus, prenucleolus
GAMES = {
    "glove: one left, two right": ([0, 0, 0, 1, 0, 1, 0, 1], [1, 0, 0], [1, 0, 0]),
    "serial transit": ([0, 0, 0, 0, 0, 0, 0, 1], [1 / 3] * 3, [1 / 3] * 3),
    "not superadditive (R package CoopGame, check 67.1)": ([0, 2, 6, 15, 5, 1, 18, 14], [2, 7, 5], None),
    "Peleg and Sudhölter (2007), example 5.5.12": ([0, 0, 0, 10, 0, 0, 0, 2], None, [3, 3, -4]),
    "four players (example of CoopGame)": (
        [0, 0, 0, 5, 0, 5, 8, 13, 0, 9, 10, 15, 8, 16, 17, 21], [3.5, 4.5, 5.5, 7.5], [3.5, 4.5, 5.5, 7.5],
    ),
    # computed with CoopGame by others
    "four players, both the same": (CONTESTED, [20.611666666667, 21.102833333333, 20.699666666667, 19.962833333333], None),
    "four players, not the same": (INHERITED, [3.637, 0, 1.898, 7.29], [3.637, -2.359, 4.257, 7.29]),
}  # fmt: skip


@pytest.mark.parametrize("name", GAMES)
def test_published_games(name: str) -> None:
    values, kernel, free = GAMES[name]
    if kernel is not None:
        np.testing.assert_allclose(nucleolus(values), kernel, atol=1e-9)
    if free is not None:
        np.testing.assert_allclose(prenucleolus(values), free, atol=1e-9)


def test_they_differ_where_players_alone_bind() -> None:
    values = GAMES["not superadditive (R package CoopGame, check 67.1)"][0]
    free = prenucleolus(values)
    assert abs(free - nucleolus(values)).max() > 1
    assert free[0] < values[1]


@pytest.mark.parametrize(
    ("estate", "wanted"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])], ids=["100", "200", "300"]
)
def test_talmud(estate: float, wanted: list[float]) -> None:
    """Claims of 100, 200 and 300 (Aumann and Maschler 1985): the division of the Mishna."""
    claims = coalition_sums([100.0, 200.0, 300.0])
    values = np.maximum(estate - (claims[-1] - claims), 0.0)
    np.testing.assert_allclose(nucleolus(values), wanted, atol=1e-9)
    np.testing.assert_allclose(prenucleolus(values), wanted, atol=1e-9)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(1, 50), min_size=2, max_size=7), st.floats(0.05, 0.95))
def test_estates_by_the_rule_of_the_contested_garment(claims: list[float], part: float) -> None:
    """Aumann and Maschler (1985): half claims capped equally up to half of all, losses likewise above."""
    d, estate = np.array(claims), part * sum(claims)

    def equal(amount: float) -> np.ndarray:  # constrained equal awards over half claims
        order, out, left = np.argsort(d / 2), np.zeros(len(d)), amount
        for k, i in enumerate(order):
            out[i] = min(d[i] / 2, left / (len(d) - k))
            left -= out[i]
        return out

    wanted = equal(estate) if part <= 0.5 else d - equal(d.sum() - estate)
    sums = coalition_sums(claims)
    values = np.maximum(estate - (sums[-1] - sums), 0.0)
    values[np.abs(values) < 1e-12 * estate] = 0.0
    np.testing.assert_allclose(nucleolus(values), wanted, atol=1e-7 * sums[-1])


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=8))
def test_airport_nucleolus_has_a_closed_form(costs: list[int]) -> None:
    """Littlechild (1974): the first stretches are shared by those before whom the burden is least."""
    c = np.array(sorted(costs), dtype=float)
    n = len(c)
    wanted, at, spent, paid = np.zeros(n), 0, 0.0, 0.0
    while at < n:
        shares = [(c[i] - spent + paid) / (i - at + 2) for i in range(at, n - 1)] + [(c[-1] - spent + paid) / (n - at)]
        least = min(shares)
        last = max(k for k, share in enumerate(shares) if share <= least * (1 + 1e-12)) + at
        wanted[at : last + 1] = least
        at, spent, paid = last + 1, c[last], least
    values = np.zeros(2**n)
    for i in range(n):
        values[1 << i : 2 << i] = np.minimum(values[: 1 << i], -c[i])
    np.testing.assert_allclose(-nucleolus(values), wanted, atol=1e-7)


@st.composite
def games(draw: st.DrawFn, least: int = 2, most: int = 6) -> np.ndarray:
    """Small integers, so that coalitions tie in their complaints, where the classic mistake is made."""
    n = draw(st.integers(least, most))
    return np.array([0.0, *draw(st.lists(st.integers(0, 12).map(float), min_size=2**n - 1, max_size=2**n - 1))])


def is_justified(values: np.ndarray, payoff: np.ndarray, *, rational: bool) -> bool:
    """Kohlberg's criterion (1971): those who complain at least so much balance each other, at every level.

    For the nucleolus players at their own value may help to balance; for the prenucleolus (Sobolev 1975) not.
    """
    n = len(payoff)
    lack = values - coalition_sums(payoff)
    scale = max(np.abs(values).max(), 1.0)
    member = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(float)
    proper = np.arange(1, 2**n - 1)
    bound = [1 << i for i in range(n) if rational and payoff[i] <= values[1 << i] + 1e-6 * scale]
    levels = np.sort(lack[proper])[::-1]
    for level in levels[np.append(True, np.diff(levels) < -1e-6 * scale)]:
        loud = proper[lack[proper] >= level - 1e-6 * scale]
        extra = [s for s in bound if s not in loud]
        # weights of the loud at least t, of the others at least 0, t as great as possible
        rows = np.vstack([member[loud], member[extra]] if extra else [member[loud]])
        count = len(rows)
        done = linprog(
            np.append(np.zeros(count), -1.0),
            np.hstack([-np.eye(count)[: len(loud)], np.ones((len(loud), 1))]),
            np.zeros(len(loud)),
            np.hstack([rows.T, np.zeros((n, 1))]),
            np.ones(n),
            bounds=[(0, None)] * count + [(None, 1)],
        )
        if done.status != 0 or done.x[-1] < 1e-7:
            return False
    return True


@settings(deadline=None, max_examples=60)
@given(games(most=5))
def test_prenucleolus_meets_kohlbergs_criterion(values: np.ndarray) -> None:
    payoff = prenucleolus(values)
    assert payoff.sum() == pytest.approx(values[-1], abs=1e-9)
    assert is_justified(values, payoff, rational=False)


@settings(deadline=None, max_examples=60)
@given(games(most=5))
def test_nucleolus_meets_kohlbergs_criterion(values: np.ndarray) -> None:
    n = len(values).bit_length() - 1
    alone = values[1 << np.arange(n)]
    if alone.sum() > values[-1]:
        with pytest.raises(EmptyImputationsError, match="no payoff gives each its own value"):
            nucleolus(values)
        values = superadditive_cover(values)
    payoff = nucleolus(values)
    assert payoff.sum() == pytest.approx(values[-1], abs=1e-9)
    assert (payoff >= values[1 << np.arange(n)] - 1e-9).all()
    assert is_justified(values, payoff, rational=True)


def test_the_criterion_refuses_other_payoffs() -> None:
    values = np.array(GAMES["four players (example of CoopGame)"][0], dtype=float)
    for payoff in ([3.6, 4.4, 5.5, 7.5], [5.25] * 4, [3.5, 4.5, 5.4, 7.6]):
        assert not is_justified(values, np.array(payoff), rational=True)


@settings(deadline=None, max_examples=40)
@given(games(most=5), st.data())
def test_relabelling_scale_and_own_money(values: np.ndarray, data: st.DataObject) -> None:
    n = len(values).bit_length() - 1
    payoff = prenucleolus(values)
    order = data.draw(st.permutations(range(n)))
    turned = np.empty_like(values)
    for s in range(2**n):
        turned[sum(1 << order[i] for i in range(n) if (s >> i) & 1)] = values[s]
    np.testing.assert_allclose(prenucleolus(turned)[order], payoff, atol=1e-7)
    alone = np.array(data.draw(st.lists(st.integers(-9, 9), min_size=n, max_size=n)), dtype=float)
    for factor in (1e-3, 1e9):
        moved = factor * (values + coalition_sums(alone))
        np.testing.assert_allclose(prenucleolus(moved), factor * (payoff + alone), atol=1e-7 * factor)


@settings(deadline=None, max_examples=40)
@given(games(most=4), st.data())
def test_who_adds_nothing_gets_exactly_zero_and_changes_nothing(values: np.ndarray, data: st.DataObject) -> None:
    n = len(values).bit_length() - 1
    at = data.draw(st.integers(0, n))
    masks = np.arange(2 ** (n + 1))
    with_null = values[(masks & ((1 << at) - 1)) | (masks >> (at + 1) << at)]
    payoff = prenucleolus(with_null)
    assert payoff[at] == 0.0
    np.testing.assert_allclose(np.delete(payoff, at), prenucleolus(values), atol=1e-7)
    assert is_justified(with_null, payoff, rational=False)


@settings(deadline=None, max_examples=40)
@given(games(least=3))
def test_they_lie_in_the_core_where_there_is_one(values: np.ndarray) -> None:
    values = np.maximum.accumulate(values)  # more cores are not empty
    n = len(values).bit_length() - 1
    values[-1] = values[1:-1].max() * n / 2
    payoff, core = prenucleolus(values), core_interval(values)
    worst = (values - coalition_sums(payoff))[1:-1].max()
    assert worst == pytest.approx(core.least_core, abs=1e-7)
    if not core.empty:
        np.testing.assert_allclose(nucleolus(values), payoff, atol=1e-7)
        assert (payoff >= core.low - 1e-7).all()
        assert (payoff <= core.high + 1e-7).all()


def test_twelve_players_and_ties_everywhere() -> None:
    """Weighted majority of 12: the large ones share, by symmetry equally, and Kohlberg agrees."""
    values = (coalition_sums([1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3]) >= 9).astype(float)
    payoff = nucleolus(values)
    np.testing.assert_allclose(payoff, np.array([1] * 9 + [2, 2, 3]) / 16, atol=1e-9)


def test_small_games() -> None:
    assert nucleolus([0, 3]).tolist() == prenucleolus([0, 3]).tolist() == [3.0]
    np.testing.assert_allclose(nucleolus([0, 1, 2, 7]), [3, 4])
    np.testing.assert_allclose(prenucleolus([0, 5, 5, 8]), [4, 4])
    np.testing.assert_allclose(nucleolus([0, 5, 5, 10]), [5, 5])
    assert nucleolus(np.zeros(8)).tolist() == [0, 0, 0]
    np.testing.assert_allclose(nucleolus(coalition_sums([0.1, 0.2, 0.3, 0.7])), [0.1, 0.2, 0.3, 0.7])


def test_what_cannot_be_solved_says_why() -> None:
    with pytest.raises(EmptyImputationsError, match=r"worth 10 and all together 8.*Use prenucleolus"):
        nucleolus([0, 5, 5, 8])
    assert issubclass(EmptyImputationsError, DataError)
    with pytest.raises(DataError, match="17 players change some value"):
        prenucleolus(coalition_sums(np.arange(1.0, 18.0)) ** 2)
