"""The web app: a JSON API over the same functions as the command line, and the page that asks it."""

from __future__ import annotations

from mackinder.serve.api import build_app
from mackinder.serve.server import run_server
from mackinder.serve.session import Session

__all__ = ["Session", "build_app", "run_server"]
