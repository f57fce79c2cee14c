"""The worker in this process: every way in which a job can end becomes a status with a sentence."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BadInput, StudioError
from core.run_dir import RunDir
from core.runs import worker
from core.runs.jobs import EXCLUSIVE, JOBS, Countdown, Job, Stopped, job_of

PutJob = Callable[[str, Job], None]
MakeRun = Callable[..., RunDir]
Order = dict[str, Any]


def test_done_keeps_the_last_words_and_figures_of_the_job(make_run: MakeRun, put_job: PutJob) -> None:
    seen: list[Any] = []

    def job(run: RunDir, order: Order) -> None:
        seen.append((order["model"], run.status().state, run.state()))
        run.report("3 clips transcribed.", 0.9, figures={"n": 3})

    put_job("transcribe", job)
    run = make_run(model="tiny")
    assert worker.work(run) == 0
    assert seen == [("tiny", "running", "running")]
    status = run.status()
    assert (status.state, status.message, status.progress) == ("done", "3 clips transcribed.", 1.0)
    assert status.figures == {"n": 3} and not run.is_held()


def _raise(error: Exception) -> Job:
    def job(run: RunDir, order: Order) -> None:
        run.report("Clip 2 of 9.", 0.2)
        raise error

    return job


class OutOfMemoryError(RuntimeError):
    """Named as torch's own is."""


@pytest.mark.parametrize(
    ("error", "state", "says"),
    [
        (Stopped("at step 12"), "stopped", "Stopped by you at step 12."),
        (Stopped(), "stopped", "Stopped by you."),
        (BadInput("The folder x has no config.json; choose another."), "failed", "The folder x has no"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/d/results.jsonl"),
            "failed",
            "The disk is full: results",
        ),
        (OutOfMemoryError("CUDA out of memory"), "failed", "The memory ran out"),
        (MemoryError(), "failed", "The memory ran out"),
        (ValueError("shapes (3,) (4,)"), "failed", "fault in the app (ValueError: shapes (3,) (4,))"),
        (OSError(errno.EIO, "I/O error"), "failed", "fault in the app (OSError"),
    ],
)
def test_every_end_has_its_sentence(
    error: Exception, state: str, says: str, make_run: MakeRun, put_job: PutJob
) -> None:
    put_job("transcribe", _raise(error))
    run = make_run()
    assert worker.work(run) == 0
    status = run.status()
    assert status.state == state and says in status.message and status.progress == 0.2


def test_a_fault_leaves_its_traceback_in_the_log(
    make_run: MakeRun, put_job: PutJob, caplog: pytest.LogCaptureFixture
) -> None:
    put_job("transcribe", _raise(ZeroDivisionError("nought")))
    worker.work(make_run())
    assert "Traceback" in caplog.text and "nought" in caplog.text


def test_an_unknown_kind_is_a_sentence(make_run: MakeRun) -> None:
    run = make_run("divine")
    worker.work(run)
    assert run.status().state == "failed" and "“divine”" in run.status().message


def test_every_kind_in_the_table_can_be_imported() -> None:
    assert all(callable(job_of(kind)) for kind in JOBS)
    assert set(JOBS) >= EXCLUSIVE and all(isinstance(place, str) for place in JOBS.values())
    with pytest.raises(BadInput, match="transcribe"):
        job_of("nothing")


@pytest.mark.parametrize("state", ["done", "failed", "stopped", "running"])
def test_only_a_queued_run_is_done(state: Any, make_run: MakeRun, put_job: PutJob) -> None:
    put_job("transcribe", _raise(ValueError("was run")))
    run = make_run()
    run.write_status(state, "as it was")
    assert worker.work(run) == 1
    assert (run.status().state, run.status().message) == (state, "as it was")


def test_a_second_worker_leaves_the_run_alone(make_run: MakeRun, put_job: PutJob) -> None:
    second: list[int] = []

    def job(run: RunDir, order: Order) -> None:
        second.append(worker.work(RunDir(run.path), patience=0.1))
        run.report("first")

    put_job("transcribe", job)
    run = make_run()
    assert worker.work(run) == 0 and second == [1]
    assert run.status().message == "first"


def test_a_wish_to_stop_before_the_start_is_heard(make_run: MakeRun, put_job: PutJob) -> None:
    put_job("transcribe", _raise(ValueError("was run")))
    run = make_run()
    run.request_stop()
    worker.work(run)
    assert run.status().message == "Stopped by you before it began."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_wish_to_stop(number: int, make_run: MakeRun, put_job: PutJob) -> None:
    def job(run: RunDir, order: Order) -> None:
        os.kill(os.getpid(), number)
        if run.stop_requested():
            raise Stopped("at step 3")

    put_job("transcribe", job)
    before = signal.getsignal(number)
    run = make_run()
    worker.work(run)
    assert run.status().state == "stopped" and "the system" in run.status().message
    assert signal.getsignal(number) is before


def test_a_signal_while_it_waits_leaves_it_in_the_queue(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting(run: RunDir, order: Order) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        if run.stop_requested():
            raise Stopped("while it waited for its turn")

    monkeypatch.setattr(worker, "take_turn", waiting)
    run = make_run("train")
    assert worker.work(run) == 0
    assert run.status().state == "queued" and not run.stop_requested(), (
        "the next start of the app respawns it"
    )
    run.request_stop()
    worker.work(run)
    assert run.status().message == "Stopped by you while it waited for its turn."


def test_a_full_disk_while_the_job_works_and_ends(
    make_run: MakeRun, put_job: PutJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def job(run: RunDir, order: Order) -> None:
        monkeypatch.setattr("core.files.os.fsync", full)
        run.report("Clip 2 of 9.", 0.2)
        raise OSError(errno.ENOSPC, "No space left on device", str(run.path / "results.jsonl"))

    put_job("transcribe", job)
    run = make_run()
    assert worker.work(run) == 0
    assert run.status().state == "failed" and "disk is full" in run.status().message


def test_usage_is_exit_code_2() -> None:
    assert worker.main([]) == 2


def test_a_lock_that_is_taken_is_a_sentence_in_the_log(
    make_run: MakeRun, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run()
    lock = run.acquire()
    assert worker.work(run, patience=0.0) == 1
    assert "still held" in caplog.text
    lock.release()


def test_the_countdown_knows_nothing_before_the_first_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("core.runs.jobs.time.monotonic", lambda: now[0])
    clock = Countdown(total=10, done=4)
    assert clock.left(4) is None
    now[0] += 6.0
    assert clock.left(7) == 6.0, "three in six seconds: three more take as long, whatever was done before"


def test_stopped_is_no_mistake_of_a_person() -> None:
    assert not issubclass(Stopped, StudioError)
