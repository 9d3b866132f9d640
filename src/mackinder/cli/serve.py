"""``serve``: the app in a browser, on this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Quiet, narrator

__all__ = ["serve_command"]


def serve_command(
    case: CaseName = DEFAULT_CASE,
    host: Annotated[
        str, typer.Option("--host", help="Address; any but this machine's own needs the token that is then printed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 8765,
    token: Annotated[
        str, typer.Option("--token", envvar="MACKINDER_TOKEN", help="Token to ask for; made up if one is needed.")
    ] = "",
    runs: Annotated[Path, typer.Option("--runs", help="Folder whose runs are listed.")] = Path("out"),
    save_dir: Annotated[
        Path | None,
        typer.Option("--save-dir", help="Folder in which scenarios may be saved; nothing is written without."),
    ] = None,
    as_of: AsOf = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads; as many as cores if not given.")] = None,
    quiet: Quiet = False,
) -> None:
    """Play with a case in a browser: compare, move sliders, build scenarios, find routes, open reports."""
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.errors import RunError, UsageError
    from mackinder.report.shell import NOT_BUILT, read_shell
    from mackinder.serve import Session, run_server

    if read_shell() is None:
        raise RunError(NOT_BUILT[0].upper() + NOT_BUILT[1:])
    if save_dir is not None and not save_dir.is_dir():
        msg = f"--save-dir {save_dir}: no such folder; make it first"
        raise UsageError(msg)
    session = Session(case, as_of=as_of, runs=runs, save=save_dir, threads=threads or os.cpu_count() or 1)

    def tell(address: str) -> None:
        typer.echo(address)
        say("open this address in a browser; Ctrl+C ends the app")

    run_server(session, host=host, port=port, token=token, say=tell)
    say("ended")
