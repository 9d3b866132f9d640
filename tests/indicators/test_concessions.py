"""Mackinder's claim and joint closing: exact tests against enumeration and hand-made cases (conventions C98 and C99)."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from mackinder.errors import DataError
from mackinder.indicators.concessions import carried_and_conceded, carried_shares, concessions, rank_test
from mackinder.indicators.headline import headline, run_lever_rows
from mackinder.indicators.leverage import LeverModel
from mackinder.indicators.pairclosing import closed_together


def test_rank_test_against_another_implementation() -> None:
    x, y = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0], [2.0, 7.0, 1.0, 8.0, 2.0, 8.0]
    seen, chance, _, exact = rank_test(x, y)
    assert exact
    assert seen == pytest.approx(spearmanr(x, y).statistic, rel=1e-12)
    every = [abs(spearmanr(x, order).statistic) for order in itertools.permutations(y)]
    assert chance == pytest.approx(np.mean(np.array(every) >= abs(seen) - 1e-12))


def test_few_powers_cannot_show_anything() -> None:
    assert rank_test([1, 2, 3], [1, 2, 3])[1:3] == (pytest.approx(2 / 6), math.inf)
    with pytest.raises(DataError, match="three pairs"):
        rank_test([1, 2], [1, 2])
    with pytest.raises(DataError, match="no order"):
        rank_test([1, 1, 1], [1, 2, 3])


def test_many_powers_are_drawn() -> None:
    n = 11
    seen, chance, needed, exact = rank_test(list(range(n)), list(range(n)))
    assert (seen, exact) == (pytest.approx(1.0), False)
    assert chance <= 1e-4
    assert 0.55 < needed < 0.65  # the table of critical values of Spearman's rho: 0.618 for n = 11


def test_concessions_are_counted_by_root(starter: Any, more: Any) -> None:
    rows = [("aaa-ccc-embargo-2019", {"episode_id": f"e{i}", "sender": s, "kind": k, "target_response": r}) for i, (s, k, r) in
            enumerate([("ARW", "threat", "complied"), ("AAA;CCC", "sanction", "partly"), ("AAA", "threat", "unclear"),
                       ("AAA", "inducement", "complied")])]  # fmt: skip
    case = starter.with_tables(episodes=more(starter.table("episodes"), *rows))
    found = concessions(case)
    assert found["AAA"] == (
        pytest.approx((0.0 + 1.0 + 0.5) / 3),
        3,
    )  # ARW rolls up, offers and unclear ones do not count
    assert found["CCC"] == (0.5, 1)
    assert carried_and_conceded(case, "status-quo", LeverModel(draws=2)) is None  # fewer than three powers


def test_carried_shares_by_hand(starter_solved: Any) -> None:
    """All of the trade that BBB and CCC have with each other passes AAA, which is no end of it."""
    loading, network = starter_solved.loading, starter_solved.network
    exposure, captive, partner = carried_shares(loading, 0, [True] * len(network.actors))
    a, b, c = (network.actors.index(x) for x in ("AAA", "BBB", "CCC"))
    trade = loading.loads.trade[:, 0, :, 1]
    carried = (trade[:, b] + trade[:, c] - trade[:, a]) / trade.sum(axis=1)  # their own trade, at both ends
    np.testing.assert_allclose(exposure[:, a], carried, rtol=1e-9)
    np.testing.assert_allclose(captive[:, a], carried, rtol=1e-9)
    assert (partner[:, a] > 0).all()


def test_closing_together(rich_solved: Any) -> None:
    """A group closes at least what any member closes; a member alone adds nothing; a target is no member."""
    s = rich_solved
    found = closed_together(
        s.case, s.network, s.routes, s.prices, s.design, 0, [("AAA",), ("AAA", "BBB"), ("AAA", "NONE")], ["BBB", "CCC"]
    )
    by = {(one.actors, one.target): one for one in found}
    assert set(by) == {(("AAA",), "BBB"), (("AAA",), "CCC"), (("AAA", "BBB"), "CCC")}
    assert not by[("AAA",), "CCC"].gain.any()
    assert all((one.gain >= -1e-12).all() and (one.together <= 1 + 1e-12).all() for one in found)


def test_headline_of_a_run(starter: Any) -> None:
    rows, answers = run_lever_rows(starter, ["south-road"], draws=3, seed=0, threads=1)
    assert len(answers) == 2
    (told,) = headline(
        rows, actor="AAA", targets=["BBB"], scenarios=["south-road"], baseline="status-quo", base_year=2023, horizon_year=2035,
        others=["CCC"],
    )  # fmt: skip
    table = told.table.set_index("measure")
    assert np.isnan(table.loc["ties capacity", "now"])  # missing is missing
    assert table.loc["all freight levers at once", "now"] > 0
    assert "ties capacity not known at both ends" in told.sentence
    assert told.gains.empty
