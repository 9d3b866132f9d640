"""The JSON API of the app and the page itself; `/openapi.json` documents it."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from mackinder import __version__
from mackinder.errors import MackinderError, NoRouteError, RunError, UsageError
from mackinder.report.shell import NOT_BUILT, app_page, content_policy, read_shell
from mackinder.serve.drafts import preview_draft, save_draft
from mackinder.serve.guard import App, Guard
from mackinder.serve.messages import AnswerRequest, DraftRequest, JobRequest, LeverRequest, LiveRequest, RouteRequest
from mackinder.serve.session import Session, StaleError

__all__ = ["SCHEMA", "build_app"]

SCHEMA: Final = "mackinder.api/1"
_SECONDS: Final = 600.0  # a first question may have to find the routes of a new pair of scenarios
T = TypeVar("T")
Client = Annotated[str, Header(alias="X-Client", pattern=r"^[A-Za-z0-9-]{1,64}$")]


def _answer(found: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: _plain(value) for key, value in found.items()}, "schema": SCHEMA}


def _plain(value: Any) -> Any:
    """Make what is not a number null: JSON has no nan."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


async def _timed(work: Callable[[], T]) -> T:
    try:
        return await asyncio.wait_for(run_in_threadpool(work), _SECONDS)
    except TimeoutError:
        msg = f"no answer within {_SECONDS:.0f} s; ask for less, or use the command line"
        raise RunError(msg) from None


def _html(page: str) -> HTMLResponse:
    policy = content_policy(page).replace("connect-src blob:", "connect-src 'self' blob:")
    return HTMLResponse(page, headers={"content-security-policy": f"{policy}; frame-ancestors 'none'"})


def _failed(status: int, error: str) -> JSONResponse:
    return JSONResponse({"schema": SCHEMA, "error": error}, status_code=status)


def build_app(
    session: Session, *, hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "::1"}), token: str = ""
) -> App:
    """Build the ASGI application.

    Parameters
    ----------
    session : Session
    hosts : frozenset of str
        Host names under which it may be asked.
    token : str
        If not empty, every request must bring it.
    """
    app = FastAPI(
        title="mackinder", version=__version__, docs_url=None, redoc_url=None,
        description="What the app asks; the same functions as the command line, so the same numbers.",
    )  # fmt: skip

    @app.exception_handler(MackinderError)
    async def _ours(_: Request, error: Exception) -> Response:
        status = 404 if isinstance(error, NoRouteError) else 400 if isinstance(error, UsageError) else 422
        return _failed(status, str(error))

    @app.exception_handler(RequestValidationError)
    async def _malformed(_: Request, error: Exception) -> Response:
        found = error.errors()[0] if isinstance(error, RequestValidationError) and error.errors() else {}
        where = ".".join(str(part) for part in found.get("loc", ()))
        return _failed(400, f"{where}: {found.get('msg', 'malformed')}")

    @app.exception_handler(StaleError)
    async def _stale(_: Request, __: Exception) -> Response:
        return _failed(409, "a newer question has come; this one needs no answer")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        shell = read_shell()
        if shell is None:
            return HTMLResponse(f"<!doctype html><title>mackinder</title><p>No page: {NOT_BUILT}.</p>", status_code=503)
        return _html(app_page(shell, session.case.settings.title))

    @app.get("/report/{run}", include_in_schema=False)
    async def report(run: str) -> Response:
        return _html(await _timed(lambda: session.report(run)))

    @app.get("/api/case", summary="Links, rights, facts, scenarios and sliders of the case")
    async def case() -> dict[str, Any]:
        return _answer(await _timed(session.about))

    @app.get("/api/differences", summary="What differs between the inputs of two scenarios")
    async def differences(first: str, second: str) -> dict[str, Any]:
        found = await _timed(lambda: session.differences(first, second))
        return {"schema": SCHEMA, "first": first, "second": second, "differences": found}

    @app.get("/api/rights", summary="Who can close each link under a scenario in the horizon year")
    async def rights(scenario: str) -> dict[str, Any]:
        return _answer({"scenario": scenario, "rights": await _timed(lambda: session.rights(scenario))})

    @app.post("/api/live", summary="Both scenarios solved at central values, with the sliders where they stand")
    async def live(asked: LiveRequest, client: Client = "nobody") -> dict[str, Any]:
        return _answer(await _timed(lambda: session.live(asked, client)))

    @app.post("/api/route", summary="Ways between two places, as `mackinder route --json`")
    async def route(asked: RouteRequest) -> dict[str, Any]:
        answer = await _timed(lambda: session.route(asked))
        return _answer(dataclasses.asdict(answer))

    @app.post("/api/jobs", summary="A run with intervals, as `mackinder run`: queued, one at a time a client")
    async def start(asked: JobRequest, client: Client = "nobody") -> dict[str, Any]:
        return {"schema": SCHEMA} | session.start_run(asked, client)

    @app.get("/api/jobs/{job_id}", summary="State of a job")
    async def job(job_id: str) -> Response:
        found = session.jobs.get(job_id)
        return _failed(404, "no such job") if found is None else JSONResponse(_answer(found.as_dict()))

    @app.post("/api/levers", summary="What a sender can do to a target, as `mackinder levers`: a job")
    async def levers(asked: LeverRequest, client: Client = "nobody") -> dict[str, Any]:
        return _answer(session.start_levers(asked, client))

    @app.post("/api/deals", summary="Who agrees and who can block, as `mackinder deals`: a job")
    async def deals(asked: AnswerRequest, client: Client = "nobody") -> dict[str, Any]:
        return _answer(session.start_deals(asked, client))

    @app.post("/api/claims", summary="The claims of the case's text and their verdicts, as `mackinder claims`: a job")
    async def claims(asked: AnswerRequest, client: Client = "nobody") -> dict[str, Any]:
        return _answer(session.start_claims(asked, client))

    @app.get("/api/runs", summary="Runs whose report can be opened at /report/{run}")
    async def runs() -> dict[str, Any]:
        return {"schema": SCHEMA, "runs": await _timed(session.runs)}

    @app.post("/api/scenario", summary="A scenario built by clicking: its TOML and what it changes")
    async def draft(asked: DraftRequest) -> dict[str, Any]:
        return {"schema": SCHEMA} | await _timed(lambda: preview_draft(asked, session.case))

    @app.post("/api/scenario/save", summary="Save it, if the app was started with --save-dir")
    async def save(asked: DraftRequest) -> dict[str, Any]:
        path = await _timed(lambda: save_draft(asked, session.case, session.save))
        return {"schema": SCHEMA, "saved": path.name}

    return Guard(app, hosts=hosts, token=token)
