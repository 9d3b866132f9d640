"""Options that several commands of the model take: draws, seed, model, variants, threads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AllowUnsolved", "Draws", "Horizon", "Model", "Out", "Reexports", "Seed", "Threads"]

Draws = Annotated[int, typer.Option("--draws", help="Draws of the uncertain inputs.")]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="trade: routes, capacities, and trade that answers; capacity: demand fixed; routes: nothing fills up.",
    ),
]
Reexports = Annotated[
    str | None,
    typer.Option(
        "--reexports",
        help="with: trade as customs count it; without: goods that are only sent on left out. As the case says.",
    ),
]
Horizon = Annotated[
    str | None,
    typer.Option("--horizon", help="long: trade answers in full; short: as in the first year. As the case says."),
]
AllowUnsolved = Annotated[
    bool,
    typer.Option(
        "--allow-unsolved", help="End well although some draw is not solved; its numbers are left out anyway."
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the draws.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder of the run; out/<case> if not given.")]
Threads = Annotated[
    int | None, typer.Option("--threads", help="Threads; as many as cores if not given. Results do not depend on it.")
]
