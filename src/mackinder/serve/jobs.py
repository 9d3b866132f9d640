"""Heavy jobs (runs with intervals): a queue, one worker, one unfinished job a client (convention C117)."""

from __future__ import annotations

import dataclasses
import queue
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from mackinder.errors import MackinderError, UsageError

__all__ = ["Job", "JobQueue"]

_MOST_WAITING: Final = 8
_KEPT: Final = 50
Narrate = Callable[[str], None]
Work = Callable[[Narrate], Any]


@dataclasses.dataclass(slots=True, kw_only=True)
class Job:
    """One job; `state` goes from queued to running to done or failed."""

    job_id: str
    client: str
    title: str
    state: str = "queued"
    stage: str = ""
    message: str = ""
    result: Any = None
    began: float = 0.0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what the app may know of it."""
        running = time.monotonic() - self.began if self.state == "running" else self.seconds
        return {
            "id": self.job_id, "title": self.title, "state": self.state, "stage": self.stage, "message": self.message,
            "seconds": round(running, 1), "result": self.result,
        }  # fmt: skip


class JobQueue:
    """Jobs one after the other in a thread of their own, so that sliders and pages stay alive meanwhile.

    Examples
    --------
    >>> jobs = JobQueue()
    >>> jobs.wait(jobs.submit("me", "two and two", lambda say: 2 + 2).job_id, 5.0).result
    4
    >>> jobs.close()
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._work: queue.Queue[tuple[Job, Work] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._serve, name="mackinder-jobs", daemon=True)
        self._thread.start()

    def submit(self, client: str, title: str, work: Work) -> Job:
        """Put a job into the queue.

        Raises
        ------
        UsageError
            If the client has an unfinished job, or too many jobs wait.
        """
        with self._lock:
            waiting = [job for job in self._jobs.values() if job.state in ("queued", "running")]
            if any(job.client == client for job in waiting):
                msg = "you have a job that is not finished; wait for it, one at a time"
                raise UsageError(msg)
            if len(waiting) >= _MOST_WAITING:
                msg = f"{len(waiting)} jobs wait already; try again later"
                raise UsageError(msg)
            job = Job(job_id=secrets.token_hex(8), client=client, title=title)
            for old in [j.job_id for j in self._jobs.values() if j.state in ("done", "failed")][:-_KEPT]:
                del self._jobs[old]
            self._jobs[job.job_id] = job
        self._work.put((job, work))
        return job

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None if there is none of that id."""
        with self._lock:
            return self._jobs.get(job_id)

    def wait(self, job_id: str, seconds: float) -> Job:
        """Wait until a job is done or failed, or the time is over."""
        job = self._jobs[job_id]
        with self._changed:
            self._changed.wait_for(lambda: job.state in ("done", "failed"), seconds)
        return job

    @property
    def busy(self) -> bool:
        """Whether a job is running or waits."""
        with self._lock:
            return any(job.state in ("queued", "running") for job in self._jobs.values())

    def close(self) -> None:
        """Take no further job; what runs is left to end with the process."""
        self._work.put(None)

    def _serve(self) -> None:
        while (item := self._work.get()) is not None:
            job, work = item
            job.state, job.began = "running", time.monotonic()

            def say(stage: str, job: Job = job) -> None:
                job.stage = stage

            try:
                job.result = work(say)
                state = "done"
            except MackinderError as error:
                job.message, state = str(error), "failed"
            except Exception as error:  # the worker must outlive any job; the client is told
                job.message, state = f"{type(error).__name__}: an error of mackinder itself", "failed"
            with self._changed:
                job.seconds = time.monotonic() - job.began
                job.state = state
                self._changed.notify_all()
