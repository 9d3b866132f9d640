"""The exception tree in the docstring is the exception tree in the code, and messages help."""

import re

import pytest

from mackinder import errors
from mackinder.errors import did_you_mean


def drawn() -> dict[str, tuple[str, int]]:
    """Read the tree of the docstring: name -> (parent, exit code)."""
    tree: dict[str, tuple[str, int]] = {}
    branch: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^(?P<lead>[ │├└─]*)(?P<name>\w+Error)\b(?:.*exit code (?P<code>\d+))?", line)
        if match is None:
            continue
        depth, name = len(match["lead"]), match["name"]
        branch = [(d, n) for d, n in branch if d < depth]
        parent = branch[-1][1] if branch else "Exception"
        code = int(match["code"]) if match["code"] else tree[parent][1]
        tree[name] = (parent, code)
        branch.append((depth, name))
    return tree


def test_the_drawn_tree_is_the_real_one():
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    real = {c.__name__: (c.__bases__[0].__name__, c.exit_code) for c in classes}
    assert len(real) > 5
    assert drawn() == real
    assert set(real) == {name for name in errors.__all__ if name.endswith("Error")}


def test_exit_codes_leave_success_and_the_claim_gate_alone():
    assert {code for _, code in drawn().values()} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("trump-rout", ["trump-route", "no-corridor"], "unknown scenario 'trump-rout': did you mean 'trump-route'?"),
        ("zzz", ["b", "a", "a"], "unknown scenario 'zzz': known are a, b"),
        ("zzz", [], "unknown scenario 'zzz': known are none"),
        ("zzz", (str(i) for i in range(21)), "unknown scenario 'zzz', and nothing known comes near it (21 are known)"),
    ],
    ids=["near", "few", "none", "many"],
)
def test_did_you_mean(name, known, expected):
    assert did_you_mean(name, known, what="scenario") == expected
