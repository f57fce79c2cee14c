"""Devices by name with their free memory: asked without torch, numbered as CUDA numbers them, in the
background."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from core.config import REPOSITORY
from core.modelling import offered
from core.modelling.offered import Offer, Watch, nvidia, offers

TWO = ("0, GPU-aaaa1111, NVIDIA H200, 143771, 122880\n"
       "1, GPU-bbbb2222, NVIDIA L4, 23034, [N/A]\n")


def test_graphics_processors_are_offered_by_name_with_free_memory() -> None:
    first, second, processor = offers(lambda: TWO, lambda: True, {})
    assert first.sentence == "NVIDIA H200 (cuda:0), 120 of 140 GB free"
    assert (second.key, second.sentence) == ("cuda:1", "NVIDIA L4 (cuda:1)")
    assert processor.key == "cpu" and processor.cores >= 1
    assert processor.free and processor.total and 0 < processor.free <= processor.total


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("1", ["NVIDIA L4"]),
        ("1,0", ["NVIDIA L4", "NVIDIA H200"]),
        ("GPU-bbbb", ["NVIDIA L4"]),
        ("", []),
        ("-1", []),
        ("0,7,1", ["NVIDIA H200"]),
    ],
)
def test_only_what_cuda_may_see_is_offered_and_by_its_number_there(visible: str, names: list[str]) -> None:
    found = nvidia(TWO, visible)
    assert [offer.name for offer in found] == names
    assert [offer.key for offer in found] == [f"cuda:{n}" for n in range(len(names))]


def test_without_a_torch_for_cuda_none_is_offered_and_nobody_is_asked() -> None:
    def ask() -> str:
        raise AssertionError("asked")

    assert [offer.key for offer in offers(ask, lambda: False)][-1] == "cpu"
    assert offers(lambda: "NVIDIA-SMI has failed", lambda: True, {})[-1].key == "cpu"


def test_an_apple_chip_shares_the_memory_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offered.sys, "platform", "darwin")
    monkeypatch.setattr(offered.platform, "machine", lambda: "arm64")
    found = offers(lambda: "", lambda: False)
    assert [offer.key for offer in found] == ["mps", "cpu"]
    assert found[0].sentence.startswith("Apple GPU (mps), ")


def test_a_slow_answer_is_not_waited_for_and_asked_once() -> None:
    asked, go = [], threading.Event()

    def find() -> list[Offer]:
        asked.append(1)
        go.wait(5)
        return [Offer("cuda:0", "Slow")]

    watch = Watch(find)
    began = time.monotonic()
    assert [offer.key for offer in watch.known()] == ["cpu"] and watch.known(0.05)[0].key == "cpu"
    assert time.monotonic() - began < 2
    go.set()
    assert watch.known(5)[0].name == "Slow"
    assert watch.known()[0].name == "Slow" and asked == [1]


def test_devices_are_known_without_torch() -> None:
    code = ("import sys; from core.steps.devices import offers; found = offers(); "
            "print(found[-1].key, 'torch' in sys.modules)")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cpu", "False"]
