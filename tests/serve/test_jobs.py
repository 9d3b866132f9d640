"""The queue of heavy jobs (convention C117)."""

from __future__ import annotations

import threading

import pytest

from mackinder.errors import RunError, UsageError
from mackinder.serve.jobs import JobQueue


@pytest.fixture
def jobs():
    queue = JobQueue()
    yield queue
    queue.close()


def test_one_unfinished_job_a_client_and_one_at_a_time(jobs):
    gate, running = threading.Event(), []

    def work(say):
        running.append(threading.active_count())
        say("waiting")
        gate.wait(10)
        return "ok"

    first = jobs.submit("me", "first", work)
    with pytest.raises(UsageError, match="one at a time"):
        jobs.submit("me", "second", work)
    second = jobs.submit("you", "third", work)
    assert jobs.busy
    assert second.state == "queued"
    gate.set()
    assert jobs.wait(second.job_id, 10).result == "ok"
    assert jobs.wait(first.job_id, 10).state == "done"
    assert not jobs.busy
    assert jobs.submit("me", "again", work).state in ("queued", "running", "done")


def test_a_failure_is_told_and_the_queue_lives_on(jobs):
    def ours(say):
        raise RunError("no room left; free some")

    def bug(say):
        return 1 / 0

    assert jobs.wait(jobs.submit("a", "x", ours).job_id, 10).message == "no room left; free some"
    failed = jobs.wait(jobs.submit("b", "y", bug).job_id, 10)
    assert (failed.state, "ZeroDivisionError" in failed.message) == ("failed", True)
    assert jobs.wait(jobs.submit("c", "z", lambda say: 7).job_id, 10).result == 7


def test_too_many_waiting_are_refused(jobs):
    gate = threading.Event()
    for number in range(8):
        jobs.submit(f"client-{number}", "wait", lambda say: gate.wait(10))
    with pytest.raises(UsageError, match="wait already"):
        jobs.submit("late", "wait", lambda say: None)
    gate.set()
