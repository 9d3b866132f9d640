"""Where chunks are solved: processes of this machine, or Dask, behind one interface (convention C138).

What all chunks share is sent once: as a file to processes of this machine, as one scattered object to a cluster.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Protocol

from mackinder.ensemble.chunk import Job, Packed, work
from mackinder.ensemble.manifest import versions
from mackinder.ensemble.prepared import Prepared
from mackinder.ensemble.reach import dask_distributed, reach
from mackinder.errors import RunError, UsageError
from mackinder.kernels import SOURCE_HASH

__all__ = ["DaskWorkers", "LocalWorkers", "Workers", "check_executor", "start_workers"]

#: seconds to wait for a scheduler
_PATIENCE = 15


class Workers(Protocol):
    """Something that solves chunks."""

    count: int

    def share(self, combo: int, prepared: Prepared, path: Path) -> None:
        """Hand over what the chunks of a combination of switches share."""

    def submit(self, combo: int, job: Job) -> Future[Packed]:
        """Start a chunk."""

    def restart(self) -> bool:
        """Begin anew after a worker died; false if that is not in this program's hands."""

    def close(self) -> None:
        """Let go of workers that were started here."""


def start_workers(executor: str, workers: int | None) -> Workers:
    """Return the workers of ``local``, ``dask`` (a cluster started here) or the address of a scheduler.

    Raises
    ------
    UsageError
        If ``executor`` is none of these, or Dask is not installed.
    RunError
        If no scheduler answers there, or its workers run other versions.
    """
    check_executor(executor, workers)
    if executor == "local":
        return LocalWorkers(workers or os.cpu_count() or 1)
    return DaskWorkers(None if executor == "dask" else executor, workers)


def check_executor(executor: str, workers: int | None) -> None:
    """Refuse what cannot be an executor, before anything is computed.

    Raises
    ------
    UsageError
        If ``executor`` is no known word and no address, fewer than one worker is asked for, or Dask is not installed.
    RunError
        If no scheduler answers at the address.

    Examples
    --------
    >>> check_executor("local", 2)
    """
    if workers is not None and workers < 1:
        msg = f"--workers {workers}: at least one worker is needed"
        raise UsageError(msg)
    if executor not in ("local", "dask") and "://" not in executor:
        msg = f"--executor {executor}: give local, dask, or the address of a scheduler such as tcp://10.0.0.1:8786"
        raise UsageError(msg)
    if "://" in executor:
        reach(executor, patience=_PATIENCE)


def _watch_parent() -> None:
    """End this worker when the driver is gone: after a kill -9 nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class LocalWorkers:
    """Processes of this machine, one thread each."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._paths: dict[int, Path] = {}
        self._pool = self._start()

    def _start(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # threads of numba do not survive a fork
        return ProcessPoolExecutor(self.count, mp_context=context, initializer=_watch_parent)

    def share(self, combo: int, prepared: Prepared, path: Path) -> None:
        """Write what is shared beside the chunks, for the processes to read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(prepared.packed())
        self._paths[combo] = path

    def submit(self, combo: int, job: Job) -> Future[Packed]:
        """Start a chunk in the next free process."""
        try:
            return self._pool.submit(work, self._paths[combo], job)
        except BrokenProcessPool as error:
            broken: Future[Packed] = Future()
            broken.set_exception(error)
            return broken

    def restart(self) -> bool:
        """Start new processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._start()
        return True

    def close(self) -> None:
        """Stop the processes and remove what they shared."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for path in self._paths.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _what_runs_here() -> dict[str, str]:
    return versions() | {"kernels": SOURCE_HASH}


class DaskWorkers:
    """Workers of Dask Distributed: a cluster of this machine, or one that is there."""

    def __init__(self, address: str | None, workers: int | None) -> None:
        distributed = dask_distributed()
        if address is not None:
            reach(address, patience=_PATIENCE)  # a client that cannot connect is slow to give up, and slow to go
        self._cluster: Any = None
        try:
            if address is None:
                self._cluster = distributed.LocalCluster(
                    n_workers=workers or os.cpu_count() or 1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
                )
            self._client = distributed.Client(address or self._cluster, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            self._stop(self._cluster)
            why = str(error) or type(error).__name__
            msg = f"--executor {address or 'dask'}: no scheduler answers ({why}); check address and port"
            raise RunError(msg) from error
        self._check(address, workers)
        self.count = max(len(self._client.scheduler_info(n_workers=-1)["workers"]), 1)
        self._executor = self._client.get_executor(pure=False, retries=3)
        self._shared: dict[int, Any] = {}

    def _check(self, address: str | None, workers: int | None) -> None:
        """Make sure that workers are there and run what runs here."""
        try:
            self._client.wait_for_workers(workers or 1, timeout=_PATIENCE)
            there = self._client.run(_what_runs_here, on_error="return")
        except Exception as error:
            self.close()
            need = workers or 1
            msg = (
                f"--executor {address or 'dask'}: the scheduler lacks {need} workers that answer ({error}); start some"
            )
            raise RunError(msg) from error
        here = _what_runs_here()
        for name, found in there.items():
            if not isinstance(found, dict):
                self.close()
                msg = f"worker {name}: cannot run mackinder ({found}); install the same version there"
                raise RunError(msg)
            other = [f"{k} {found.get(k)} (here {v})" for k, v in here.items() if found.get(k) != v]
            if other:
                self.close()
                msg = f"worker {name}: runs {', '.join(other)}; numbers would differ: install the same versions there"
                raise RunError(msg)

    def share(self, combo: int, prepared: Prepared, path: Path) -> None:
        """Send what is shared to every worker, once."""
        [self._shared[combo]] = self._client.scatter([prepared.packed()], broadcast=True)

    def submit(self, combo: int, job: Job) -> Future[Packed]:
        """Start a chunk somewhere."""
        future: Future[Packed] = self._executor.submit(work, self._shared[combo], job)
        return future

    def restart(self) -> bool:
        """Leave it to the scheduler, which starts the chunks of a dead worker elsewhere."""
        return False

    def close(self) -> None:
        """Close the connection, and the cluster if it was started here."""
        self._stop(getattr(self, "_client", None))
        self._stop(self._cluster)

    @staticmethod
    def _stop(thing: Any) -> None:
        close: Callable[[], object] | None = getattr(thing, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told
                close()
