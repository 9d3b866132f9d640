"""A small case on disk: the scaffold, plus a planned, a closed and an upgraded link, and a border closure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mackinder.case import Case, read_case, scaffold
from mackinder.scenario import Scenario, read_scenario

MORE_LINKS = [
    # id, from, to, mode, status, opens_on, closed_since, territory
    ("dream-rail", "b-south-town", "c-harbour", "rail", "planned", "", "", "BBB;CCC"),
    ("old-rail", "a-city", "c-harbour", "rail", "closed", "", "1993-04-03", "AAA;CCC"),
    ("young-road", "a-port", "c-harbour", "road", "closed", "", "2024-05-01", "AAA;CCC"),
    ("shut-road", "a-pass", "c-harbour", "road", "closed", "", "1993-04-03", "AAA;CCC"),
]


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    found = read_case(scaffold(tmp_path_factory.mktemp("cases") / "three"))
    links = found.table("links")
    like = links[links["link_id"] == "b-south-c-harbour-road"]
    rows = [links]
    for name, start, end, mode, status, opens_on, closed_since, territory in MORE_LINKS:
        rows.append(
            like.assign(
                link_id=name,
                label=name.title(),
                from_place=start,
                to_place=end,
                mode=mode,
                status=status,
                opens_on=opens_on,
                closed_since=closed_since,
                territory=territory,
                tags="new",
            )
        )
    more = pd.concat(rows, ignore_index=True)
    port = more["link_id"] == "a-city-a-port-road"
    more.loc[port, "upgrade_capacity_mt_per_year"] = 9.0
    more.loc[port, "upgrade_on"] = "2033-01-01"
    restrictions = found.table("restrictions")
    closure = restrictions[restrictions["restriction_id"] == "aaa-ccc-embargo"].assign(
        restriction_id="wall", kind="border_closed", origin="*", destination="*", asset="link=old-rail|shut-road",
        starts_on="1993-04-03",
    )  # fmt: skip
    return found.with_tables(links=more, restrictions=pd.concat([restrictions, closure], ignore_index=True))


Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario file from its changes and return its path."""

    def _write(changes: str = "", *, name: str = "test", head: str = "") -> str:
        path = tmp_path / f"{name}.toml"
        text = f'label = "{name}"\ndescription = "What {name} says."\n{head}\n'
        for change in (part for part in changes.split("---") if part.strip()):
            ground = (
                ""
                if "facts" in change or "\nbasis" in change
                else '\nbasis = "estimate"\nground = "made up for a test"\n'
            )
            text += f"[[change]]\n{change.strip()}{ground}\n"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return _write


Scene = Callable[..., Scenario]


@pytest.fixture
def scene(case: Case, write: Write) -> Scene:
    """Return the scenario made of some changes, in the grammar of the files."""

    def _scene(changes: str = "", *, name: str = "test", head: str = "") -> Scenario:
        return read_scenario(write(changes, name=name, head=head), case)

    return _scene


def row(case: Case, table: str, name: str) -> dict[str, object]:
    """Return one row of a table by id."""
    frame = case.table(table)
    found = frame[frame[frame.columns[0]] == name]
    assert len(found) == 1, f"{table} has {len(found)} rows {name}"
    return found.iloc[0].to_dict()
