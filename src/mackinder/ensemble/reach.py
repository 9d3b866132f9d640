"""Whether a Dask scheduler answers at an address: asked before a client is made, which would wait long and end badly."""

from __future__ import annotations

import asyncio
import importlib
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from mackinder.errors import RunError, UsageError

__all__ = ["dask_distributed", "reach"]

#: schemes whose far end is a plain socket, and the one that is not
_SOCKETS = ("tcp", "tls", "ws", "wss")
_SCHEMES = (*_SOCKETS, "ucx")


def dask_distributed() -> Any:
    """Import Dask Distributed, which is an extra.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        return importlib.import_module("distributed")
    except ImportError:
        msg = "--executor dask or an address needs Dask Distributed: pip install 'mackinder[cluster]'"
        raise UsageError(msg) from None


def reach(address: str, *, patience: float) -> None:
    """Make sure that a Dask scheduler answers.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.1:8786``.
    patience : float, s
        Time to wait for an answer.

    Raises
    ------
    UsageError
        If it is no address, or Dask is not installed.
    RunError
        If nobody answers there, or somebody who is no scheduler.

    Examples
    --------
    >>> reach("tcp://127.0.0.1", patience=1)  # doctest: +SKIP
    """
    dask_distributed()
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.scheme not in _SCHEMES:
        msg = (
            f"--executor {address}: give host and port of the scheduler, such as tcp://10.0.0.1:8786 "
            f"(or {', '.join(_SCHEMES[1:])})"
        )
        raise UsageError(msg)
    if parts.scheme in _SOCKETS:
        try:
            socket.create_connection((host, port), timeout=patience).close()
        except OSError as error:
            msg = f"--executor {address}: no scheduler answers ({error.strerror or error}); check address and port"
            raise RunError(msg) from error
    if parts.scheme == "tcp":  # the others want keys, or a library of their own: the client itself tells
        _ask(address, patience)


def _ask(address: str, patience: float) -> None:
    """Ask who is there: what accepts a connection may be anything."""
    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook has a loop running in its own thread
            found = pool.submit(_run, address, patience).result()
    except (OSError, EOFError, TimeoutError, ValueError) as error:
        msg = (
            f"--executor {address}: something accepts connections there, but it does not answer as a Dask scheduler "
            f"({str(error) or type(error).__name__}); check the port: the dashboard has another one"
        )
        raise RunError(msg) from error
    kind = found.get("type") if isinstance(found, dict) else None
    if kind != "Scheduler":
        msg = f"--executor {address}: this is a {kind or 'program'} of Dask and no scheduler; give the scheduler's address"
        raise RunError(msg)


def _run(address: str, patience: float) -> Any:
    return asyncio.run(asyncio.wait_for(_identity(address, patience), patience))


async def _identity(address: str, patience: float) -> Any:
    comm = await importlib.import_module("distributed.comm").connect(address, timeout=patience)
    try:
        await comm.write({"op": "identity"})
        return await comm.read()
    finally:
        comm.abort()
