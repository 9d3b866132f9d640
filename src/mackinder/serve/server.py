"""Running the app: address, token, and an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from mackinder.errors import UsageError
from mackinder.serve.api import build_app
from mackinder.serve.guard import is_loopback
from mackinder.serve.session import Session

__all__ = ["run_server"]


def run_server(session: Session, *, host: str, port: int, token: str = "", say: Callable[[str], None] = print) -> None:
    """Serve until SIGINT or SIGTERM.

    Parameters
    ----------
    session : Session
    host : str
        An address of this machine alone by default; any other needs a token, and gets one if none is given.
    port : int
        0 takes a free one.
    token : str
        What every request must bring.
    say : callable
        Told the address, when it is known.

    Raises
    ------
    UsageError
        If the address cannot be had.
    """
    if not is_loopback(host) and not token:
        token = secrets.token_urlsafe(24)
    hosts = frozenset({"127.0.0.1", "localhost", "::1", host} if is_loopback(host) else _names(host))
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)  # whoever reads the address below may ask at once
    except OSError as error:
        bound.close()
        msg = (
            f"{host}:{port} cannot be used ({error.strerror or error}); choose another with --port, 0 takes a free one"
        )
        raise UsageError(msg) from error
    config = uvicorn.Config(
        build_app(session, hosts=hosts, token=token), log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=3, limit_concurrency=64, lifespan="off",
    )  # fmt: skip
    name = f"[{host}]" if ":" in host else host
    say(f"http://{name}:{bound.getsockname()[1]}/{f'?token={token}' if token else ''}")
    # uvicorn ends gracefully on a signal, then raises it once more: by then it has been heeded
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        uvicorn.Server(config).run(sockets=[bound])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        bound.close()
        busy = session.jobs.busy
        session.close()
    if busy:
        # A solve cannot be interrupted from outside; all that it would write is in the temporary folder, now gone.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _names(host: str) -> set[str]:
    """Names by which others may call this machine."""
    own = {host, socket.gethostname(), socket.getfqdn(), "127.0.0.1", "localhost"}
    with contextlib.suppress(OSError):  # a machine that cannot resolve its own name is reached by its address
        own |= {str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)}
    return {name.lower() for name in own}
