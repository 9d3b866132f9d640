"""The page about calibration: medians by hand, every factor and count in its table."""

import pandas as pd

from mackinder.evidence.targets import Target
from mackinder.report.calibrationpage import calibration_page


def target(name, kind="flow", use="fit"):
    metric = (
        {"kind": "flow", "links": "*"}
        if kind == "flow"
        else {"kind": kind, "path": {"via": ["a", "b"], "modes": ["rail"]}}
    )
    return Target(
        id=name, label=f"The {name}", observed=4.0, low=4.0, high=4.0, unit="Mt/yr", year=2023, facts=("F",), use=use,
        metric=metric, counts="both",
    )  # fmt: skip


def page(adopted=True, profile=None):
    targets = [target("one"), target("two"), target("three"), target("way", "days"), target("kept", use="held_out")]
    counts = pd.DataFrame({
        "id": [t.id for t in targets], "use": [t.use for t in targets], "fitted": ["yes", "yes", "yes", "yes", "no"],
        "observed": 4.0, "error": 0.4, "before": [2.0, 1.0, 0.25, 1.5, 3.0], "after": [1.0, 1.1, 0.5, 1.2, 2.0],
    })  # fmt: skip
    fits = pd.DataFrame({
        "fit_id": ["rail", "lift"], "parameter": ["link_cost", "transfer_time"], "links": ["mode=rail|road", ""], "goods": "",
        "factor_low": [0.9, 0.5], "factor_mode": [1.1, 1.0], "factor_high": [1.3, 2.0], "prior_low": 0.5, "prior_mode": 1.0,
        "prior_high": 2.0, "prior_driven": [False, True],
    })  # fmt: skip
    told = pd.DataFrame(
        {
            "fit_id": ["rail", "lift"],
            "ratio": [0.27, 0.99],
            "rise_low": 2.0,
            "rise_high": 1.9,
            "counts": ["one;two", ""],
        }
    )
    facts = {"widened": 1.0, "rounds": 6, "baseline": "b", "base_year": 2023, "adopted": adopted}
    return calibration_page(targets, fits.merge(told), counts, facts, profile)


def test_it_says_whether_the_factors_are_used():
    assert "**Adopted.**" in page()
    assert "**Not adopted.**" in page(adopted=False)


def test_medians_are_of_logarithms():
    """Of |ln 2|, |ln 1|, |ln 1/4| the middle is ln 2 = 0.69; after, of 0, 0.10 and 0.69, it is 0.10."""
    assert "| fitted, volumes | 3 | 0.69 | 0.10 |" in page()
    assert "| fitted, days | 1 | 0.41 | 0.18 |" in page()
    assert "| held out, volumes | 1 | 1.10 | 0.69 |" in page()


def test_every_factor_and_count_is_told():
    text = page()
    assert (
        "| `rail` | link_cost: mode=rail, road | 1 (0.5 to 2) | 1.1 (0.9 to 1.3) | 0.27 | 2.0, 1.9 | no | one, two |"
        in text
    )
    assert "Prior-driven: `lift`." in text
    for name in ("one", "two", "three", "way", "kept"):
        assert text.count(f"| The {name} |") == 1
    assert text == page()


def test_what_the_counts_bound_is_said():
    """One parabola is cut at 1.92 on both sides, one only above; without profiles there is no such part (convention C153)."""
    value = [0.5, 0.75, 1.0, 1.25, 1.5]
    profile = pd.DataFrame({
        "parameter": ["rail"] * 5 + ["lift"] * 5, "value": value * 2, "held": [9.0, 4.0, 0.0, 4.0, 9.0] * 2,
        "refitted": 0.0, "counts": [3.84, 1.92, 0.0, 1.92, 3.84, 1.0, 0.5, 0.0, 0.0, 3.84],
    })  # fmt: skip
    text = page(profile=profile)
    assert "**1 of 2 are identified: `rail`.**" in text
    assert "| `rail` | 0.5 to 1.5 | 1 | 0.75 to 1.25 | 9.0, 9.0 | 3.8, 3.8 | identified |" in text
    assert "| `lift` | 0.5 to 1.5 | 1 | 0.5 to 1.38 | 9.0, 9.0 | 1.0, 3.8 | bounded above only |" in text
    assert "## Identification" not in page()


def test_what_was_settled_after_held_out_counts_had_been_seen_is_said():
    limits = page().split("## Limits")[1]
    for word in (
        "adopted only if",
        "back to their prior",
        "after the held-out counts had been seen",
        "`shanghai-poti-days`",
    ):
        assert word in limits
