"""Keeping workers busy: chunks are handed out, kept as they come, and begun again if a worker dies."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait

from mackinder.ensemble.chunk import Job, Packed
from mackinder.ensemble.executors import Workers, start_workers
from mackinder.ensemble.folder import SweepFolder
from mackinder.ensemble.prepared import Prepared
from mackinder.ensemble.sweepplan import SweepPlan
from mackinder.errors import MackinderError, RunError

__all__ = ["solve_chunks"]

#: times in a row that workers may die before a chunk is done
_DEATHS = 3

Narrate = Callable[[str], None]


def solve_chunks(
    jobs: dict[int, Job],
    plan: SweepPlan,
    prepared: Sequence[Prepared],
    folder: SweepFolder,
    executor: str,
    workers: int | None,
    say: Narrate,
) -> None:
    """Solve the chunks of some jobs and keep each as it comes.

    Raises
    ------
    RunError
        If workers cannot be had or are lost, or a chunk cannot be written; finished chunks are kept.
    """
    say(f"starting workers ({executor})")
    pool = start_workers(executor, workers)
    try:
        try:
            for combo in sorted({plan.combo[c] for c in jobs}):
                pool.share(combo, prepared[combo], folder.folder / f".shared-{combo}.pkl")
        except OSError as error:
            msg = f"{folder.folder}: cannot be written ({error.strerror or error}); free some room and go on with --resume"
            raise RunError(msg) from error
        progress = _Progress(sum(job.design.draws for job in jobs.values()), say)

        def done(packed: Packed) -> None:
            folder.add(packed)
            progress.step(jobs[packed.chunk].design.draws)

        _drive(pool, {c: (plan.combo[c], job) for c, job in jobs.items()}, done, say)
    finally:
        pool.close()


def _drive(pool: Workers, jobs: Mapping[int, tuple[int, Job]], done: Callable[[Packed], None], say: Narrate) -> None:
    """Keep every worker busy, hand over what is done, and begin lost chunks again."""
    waiting, flying, deaths = deque(sorted(jobs)), dict[Future[Packed], int](), 0
    while waiting or flying:
        while waiting and len(flying) < 2 * pool.count:
            c = waiting.popleft()
            flying[pool.submit(*jobs[c])] = c
        lost = []
        for future in wait(flying, return_when=FIRST_COMPLETED).done:
            c = flying.pop(future)
            try:
                packed = future.result()
            except (BrokenExecutor, CancelledError) as error:
                lost.append((c, error))
                continue
            except MackinderError:
                raise
            except Exception as error:
                msg = f"chunk {c}: {type(error).__name__}: {error}; finished chunks are kept: go on with --resume"
                raise RunError(msg) from error
            deaths = 0
            done(packed)
        if lost:
            deaths += 1
            if deaths > _DEATHS or not pool.restart():
                msg = (
                    f"chunk {lost[0][0]}: its workers were lost ({lost[0][1] or type(lost[0][1]).__name__}); "
                    "finished chunks are kept: go on with --resume"
                )
                raise RunError(msg) from lost[0][1]
            say("a worker died; its chunks begin again")
            waiting.extendleft(sorted([c for c, _ in lost] + list(flying.values()), reverse=True))
            flying = {}


class _Progress:
    """How far it is, and how long it will take."""

    def __init__(self, total: int, say: Narrate) -> None:
        self.total, self.done, self.say = total, 0, say
        self.start = self.last = time.monotonic()

    def step(self, draws: int) -> None:
        self.done += draws
        now = time.monotonic()
        if now - self.last < 2.0 and self.done < self.total:
            return
        self.last = now
        left = (now - self.start) / self.done * (self.total - self.done)
        self.say(f"{self.done:,} of {self.total:,} draws, {_span(left)} left")


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
