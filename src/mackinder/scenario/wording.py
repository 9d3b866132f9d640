"""A scenario told in a few lines of text."""

from __future__ import annotations

from collections.abc import Mapping

from mackinder.scenario.model import Change, Scenario

__all__ = ["describe"]


def describe(scenario: Scenario) -> str:
    """Say what a scenario is, what it is compared with and what it changes, with the sources.

    Parameters
    ----------
    scenario : Scenario
        From `read_scenario`.

    Returns
    -------
    str
        Lines of text: label, description, comparison, then one line a change.

    Examples
    --------
    >>> print(describe(Scenario(name="s", label="Nothing happens", description="All stays.")))
    Nothing happens (s)
    All stays.
    Compared with the case as it stands.
    No changes.
    """
    lines = [f"{scenario.label} ({scenario.name})"]
    if scenario.hypothetical:
        lines.append("Hypothetical: it overrides legal prohibitions that are in force.")
    if scenario.range_only:
        lines.append("Of war or collapse: results are told as ranges, without a middle and without decimals.")
    if scenario.description:
        lines.append(scenario.description)
    lines.append(f"Compared with {scenario.counterfactual or 'the case as it stands'}.")
    if len(scenario.parts) > 1:
        lines.append(f"Made of: {', '.join(scenario.parts)}.")
    if not scenario.changes:
        lines.append("No changes.")
    lines += [f"- {_sentence(change)}" for change in scenario.changes]
    return "\n".join(lines)


def _say(value: object) -> str:
    """Return one option as text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {_say(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(f"{v[0]} {100 * v[1]:g} %" if isinstance(v, tuple) else str(v) for v in value) or "nobody"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sentence(change: Change) -> str:
    """Return one change as a line: what, on what, when, and on what it rests."""
    options = []
    for key, value in change.options.items():
        options.append(f"{key.replace('_', ' ')} {_say(value)}")
    days = (f" from {change.starts_on}" if change.starts_on else "") + (
        f" to {change.ends_on}" if change.ends_on else ""
    )
    rests = f"facts {', '.join(change.facts)}" if change.facts else change.basis
    return f"{change.op.replace('_', ' ')} {'; '.join(options)}{days} [{change.scenario}; {rests}]"
