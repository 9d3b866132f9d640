"""The application: its commands, and how errors become exit codes."""

from __future__ import annotations

import sys

import typer

from mackinder import __version__
from mackinder.cli.ablation import ablation_command
from mackinder.cli.assign import assign_command
from mackinder.cli.backtests import backtests_command
from mackinder.cli.calibrate import calibrate_command
from mackinder.cli.cases import check_command, new_command, scenarios_command, show_command
from mackinder.cli.claims import claims_command
from mackinder.cli.deals import deals_command
from mackinder.cli.export import export_command
from mackinder.cli.forecasts import forecasts_command
from mackinder.cli.levers import levers_command
from mackinder.cli.power import power_command
from mackinder.cli.route import route_command
from mackinder.cli.runs import compare_command, report_command, run_command
from mackinder.cli.serve import serve_command
from mackinder.cli.sweep import sweep_command
from mackinder.cli.switch import switch_command
from mackinder.cli.ties import ties_command
from mackinder.cli.timeline import timeline_command
from mackinder.cli.vintages import vintages_command
from mackinder.cli.why import why_command
from mackinder.errors import MackinderError

__all__ = ["app", "main"]

_HELP = """Who gains, who loses and who gets a say when a transport corridor opens, closes or changes hands.

CASE is a folder, or the name of a packaged case; without one it is south-caucasus."""

app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run_command)
app.command("scenarios")(scenarios_command)
app.command("compare")(compare_command)
app.command("sweep")(sweep_command)
app.command("why")(why_command)
app.command("ablation")(ablation_command)
app.command("route")(route_command)
app.command("switch")(switch_command)
app.command("ties")(ties_command)
app.command("levers")(levers_command)
app.command("power")(power_command)
app.command("deals")(deals_command)
app.command("timeline")(timeline_command)
app.command("show")(show_command)
app.command("check")(check_command)
app.command("new")(new_command)
app.command("report")(report_command)
app.command("claims")(claims_command)
app.command("vintages")(vintages_command)
app.command("forecasts")(forecasts_command)
app.command("backtests")(backtests_command)
app.command("serve")(serve_command)
app.command("export")(export_command)
app.command("assign")(assign_command)
app.command("calibrate")(calibrate_command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mackinder {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    """Declare what holds for every command."""


def main() -> None:
    """Run the command line; an error of ours becomes one message on stderr and its exit code.

    Exit codes: 0 fine, 1 failed, 2 usage, 3 data or failed check, 4 not converged, 5 a claim failed, 130 interrupted.
    """
    try:
        app()
    except MackinderError as error:
        typer.echo(f"mackinder: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("mackinder: interrupted; nothing half-written is left behind", err=True)
        sys.exit(130)
    except SystemExit as end:
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        sys.exit(0)  # the reader of a pipe has gone, which is its right; typer has made stdout silent
    except OSError as error:  # a file that is missing, full or forbidden: its name and the reason say what to do
        typer.echo(f"mackinder: {error}", err=True)
        sys.exit(1)
