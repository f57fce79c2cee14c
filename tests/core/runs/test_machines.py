"""Several processes: what the launcher is told, what each of them sees, what a file of accelerate means."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.config import REPOSITORY
from core.errors import BadInput
from core.run_dir import RunDir
from core.runs import following, worker
from core.runs.machines import Machines, from_accelerate
from core.runs.queue import device_keys
from core.runs.spawning import arguments, order_of_rank, surroundings

MakeRun = Callable[..., RunDir]
# as `accelerate config` writes it, for two machines with two graphics processors each
WRITTEN = """compute_environment: LOCAL_MACHINE
debug: false
distributed_type: MULTI_GPU
downcast_bf16: 'no'
enable_cpu_affinity: false
gpu_ids: 2,3
machine_rank: 1
main_process_ip: 10.0.0.7
main_process_port: 29511
main_training_function: main
mixed_precision: bf16
num_machines: 2
num_processes: 4
rdzv_backend: static
same_network: true
use_cpu: false
"""


def written(folder: Path, **changed: str) -> Path:
    lines = [line for line in WRITTEN.splitlines() if line.split(":")[0] not in changed]
    path = folder / "accelerate.yaml"
    path.write_text("\n".join([*lines, *(f"{name}: {value}" for name, value in changed.items() if value)]))
    return path


def test_one_process_needs_no_launcher(make_run: MakeRun) -> None:
    run = make_run("train")
    assert arguments(run, run.order())[:2] == ["-m", "core.runs.worker"]


def test_several_are_started_by_the_launcher(make_run: MakeRun) -> None:
    run = make_run("train", devices=2)
    told = arguments(run, run.order())
    assert told[:2] == ["-m", "torch.distributed.run"] and told[-3:] == ["-m", "core.runs.worker",
                                                                         str(run.path.resolve())]
    assert told[2:5] == ["--standalone", "--nproc-per-node", "2"]


def test_a_file_of_accelerate_is_read_as_it_is_meant(tmp_path: Path) -> None:
    shared = from_accelerate(written(tmp_path))
    assert shared.machines == Machines(4, 2, 1, "10.0.0.7", 29511)
    assert (shared.device, shared.precision) == ("cuda:2", "bf16")
    told = " ".join(shared.machines.arguments())
    assert told == ("--nnodes 2 --nproc-per-node 2 --node-rank 1 --master-addr 10.0.0.7 --master-port 29511")
    one = {"num_machines": "1", "machine_rank": "0", "distributed_type": "MULTI_CPU"}
    alone = from_accelerate(written(tmp_path, **one))
    assert alone.device == "cpu" and alone.machines.arguments()[0] == "--standalone"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"distributed_type": "FSDP"}, r"does not know \(FSDP\)"),
        ({"compute_environment": "AMAZON_SAGEMAKER"}, "run accelerate config again"),
        ({"num_processes": "3"}, "asks for 3 processes on 2 machines"),
        ({"num_processes": "0"}, "asks for 0 processes"),
        ({"num_processes": "many"}, "num_processes in accelerate.yaml is 'many'"),
        ({"machine_rank": "2"}, "machine 2, but 2 machines count from 0 to 1"),
        ({"main_process_ip": ""}, "names no main_process_ip"),
        ({"gpu_ids": "0,2"}, "do not follow each other"),
    ],
)
def test_what_does_not_fit_is_told(tmp_path: Path, changed: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        from_accelerate(written(tmp_path, **changed))


def test_processes_share_the_cores_and_see_their_own_graphics_processors() -> None:
    def made(outer: dict[str, str], **order: Any) -> dict[str, str]:
        return surroundings(order, outer, 9)

    assert made({})["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID" and "OMP_NUM_THREADS" not in made({})
    two = made({}, device="cpu", devices=2)
    assert two["OMP_NUM_THREADS"] == str(max(1, (os.cpu_count() or 1) // 2))
    assert made({"OMP_NUM_THREADS": "7"}, devices=2)["OMP_NUM_THREADS"] == "7", "who set it knows better"
    assert "CUDA_VISIBLE_DEVICES" not in two
    assert made({}, device="cuda:2", devices=2)["CUDA_VISIBLE_DEVICES"] == "2,3"
    held = {"CUDA_VISIBLE_DEVICES": "4,5,6,7"}
    assert made(held, device="cuda:1", devices=2)["CUDA_VISIBLE_DEVICES"] == "5,6"
    assert made(held, device="cuda:1")["CUDA_VISIBLE_DEVICES"] == "4,5,6,7", "one process counts as CUDA does"


def test_each_process_takes_the_one_of_its_own_number() -> None:
    assert order_of_rank({"device": "cuda:2", "devices": 2})["device"] == "cuda"
    assert order_of_rank({"device": "cuda:2"})["device"] == "cuda:2"
    assert order_of_rank({"device": "cpu", "devices": 2})["device"] == "cpu"
    assert device_keys({"device": "cuda:2", "devices": 2}) == ["cuda-2", "cuda-3"]
    assert device_keys({"device": "cpu", "devices": 4}) == ["cpu"]


def test_a_second_process_leaves_when_the_first_went_without_a_turn(make_run: MakeRun) -> None:
    run = make_run("train", devices=2)
    lock = run.acquire()
    command = [sys.executable, "-m", "core.runs.worker", str(run.path)]
    environment = {**os.environ, "RANK": "1", "WORLD_SIZE": "2"}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr and b"process 2 of 2" in process.stderr.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.8)  # it waits as long as the first one does
            run.write_status("stopped")
            assert process.wait(20) == 0
        finally:
            process.kill()
    lock.release()
    assert run.status().state == "stopped", "it writes nothing itself"


def test_a_second_process_that_saw_the_first_go_does_not_wait_for_it(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run("train", devices=2)
    lock = run.acquire()
    looks: list[float] = []

    def one_look(seconds: float) -> None:
        looks.append(seconds)
        lock.release()

    monkeypatch.setattr(following.time, "sleep", one_look)
    assert not following._called(run, os.getppid()) and len(looks) == 1
    monkeypatch.setattr(following.time, "sleep", lambda seconds: run.acquire() and run.report("Starting."))
    assert following._called(run, os.getppid()), "and begins when the first one does"


def test_the_first_of_several_that_goes_back_into_the_queue_calls_the_others_off(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waiting(run: RunDir, order: dict[str, Any]) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise worker.Stopped("while it waited for its turn")

    monkeypatch.setattr(worker, "take_turn", waiting)
    run = make_run("train", devices=2)
    assert worker.work(run) == 0
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert worker.work(run) == 1 and run.status().state == "queued", "so that the launcher ends them"
