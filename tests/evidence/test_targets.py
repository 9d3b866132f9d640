"""``reality.toml``: what it must hold, and what is refused."""

import shutil

import pytest

from mackinder.case import read_case
from mackinder.errors import CaseError
from mackinder.evidence.targets import read_targets

GOOD = """
[[target]]
id = "way"
label = "City to harbour"
observed = 100
low = 90
high = 110
unit = "km"
year = 2023
facts = ["{fact}"]
use = "fit"
counts = "length by both"
metric = {{ kind = "length", path = {{ via = ["a-city", "c-harbour"], modes = ["road"] }} }}
"""


@pytest.fixture
def own(starter, tmp_path):
    """The starter case in a folder of its own, with one target; returns a writer of the file."""
    folder = tmp_path / "own"
    shutil.copytree(starter.folder, folder)
    fact = starter.table("facts")["fact_id"].iloc[0]

    def write(change=lambda text: text):
        (folder / "reality.toml").write_text(change(GOOD.format(fact=fact)), encoding="utf-8")
        return read_case(folder)

    return write


def test_a_case_without_the_file_has_no_targets(starter):
    assert read_targets(starter) == ()


def test_a_good_file_is_read(own):
    (target,) = read_targets(own())
    assert (target.id, target.observed, target.metric.path.via) == ("way", 100, ("a-city", "c-harbour"))
    assert not target.metric.needs_run


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('facts = ["', 'facts = ["NO', "unknown fact"),
        ('"a-city"', '"a-cityy"', "did you mean 'a-city'"),
        ('modes = ["road"]', 'modes = ["roads"]', "unknown mode"),
        ("low = 90", "low = 101", "not in order"),
        ('use = "fit"', 'use = "tune"', "held_out"),
        ('kind = "length"', 'kind = "width"', "metric.kind"),
        ('kind = "length"', 'kind = "flow"', "takes links"),
        ('kind = "length", path', 'kind = "length", links = "*", path', "takes path"),
        ('modes = ["road"]', 'modes = ["road"], scenario = "nowhere"', "unknown scenario"),
        ("observed = 100", "observed = nan", "observed"),
        ("[[target]]", "[[target]", "not valid TOML"),
        ('counts = "length by both"', 'counts = "length by both"\nground = "x"', "ground"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(own, old, new, said):
    case = own(lambda text: text.replace(old, new, 1))
    with pytest.raises(CaseError, match=r"reality\.toml") as caught:
        read_targets(case)
    assert said in str(caught.value)


def test_an_id_that_stands_twice_is_refused(own):
    with pytest.raises(CaseError, match="stands twice"):
        read_targets(own(lambda text: text + text))


def test_a_link_that_does_not_exist_is_refused(own):
    case = own(lambda text: text.split("metric")[0] + 'metric = { kind = "flow", links = "link=nothing" }\n')
    with pytest.raises(CaseError, match="no link has link=nothing"):
        read_targets(case)
