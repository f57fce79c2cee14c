"""Our training loop beside the Trainer of transformers: the same model with LoRA, data, batches, optimizer,
in pairs that alternate step by step, each side in a process of its own; what metrics, events and guards cost.

    python benchmarks/train_throughput.py [--pairs 5] [--steps 40] [--threads 2] [--device cuda:0]
        [--base FOLDER] [--json]

The two sides of a pair live at the same time and take one step each in turns: what others do to the machine
for longer than a step slows both. The ratio by seconds of the processor stands beside that by the clock.
"""
from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core import manifest
from core.run_dir import RunDir
from core.types import Row

ROOT = Path(__file__).resolve().parents[1]
RATE, N_CLIPS, BATCH, WARM = 16_000, 64, 8, 5
STUDENT = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}
"""The 97.5th percentile of Student's t for so many pairs."""
WORDS = "zero one two three four five six seven eight nine".split()
NEVER = 100_000
DONE = "step done"
Moment = tuple[float, float]
"""By the clock, and by the seconds that the processor worked for this process."""


def make(folder: Path, base: Path) -> None:
    """A dataset of 64 noises of 1 to 4 s with texts, and a copy of the base that drops nothing."""
    rng = np.random.default_rng(1)
    (folder / "set").mkdir()
    rows = []
    for i in range(N_CLIPS):
        seconds = 1.0 + 3.0 * i / N_CLIPS
        text = " ".join(rng.choice(WORDS, 3))
        soundfile.write(folder / "set" / f"{i}.wav", rng.normal(0, 0.1, int(seconds * RATE)), RATE)
        rows.append(Row(f"c{i}", f"{i}.wav", 0.0, seconds, RATE, text, "train"))
    manifest.write(folder / "set", rows)
    shutil.copytree(base, folder / "base")
    config = json.loads((folder / "base" / "config.json").read_text())
    config |= {name: 0.0 for name in config if name.endswith("dropout")}
    (folder / "base" / "config.json").write_text(json.dumps(config))


def session_in(folder: Path, device: str) -> Any:
    """A session of our loop on that dataset, before its first step."""
    from core.training import loop, resuming

    options = {"steps": NEVER, "eval_every": NEVER, "save_every": NEVER, "sample_every": NEVER,
               "batch_size": BATCH, "rank": 16, "lr": 1e-4}
    order = {"family": "ctc", "base": str(folder / "base"), "dataset": str(folder / "set"), "device": device,
             "way": "start", "options": options, "cache": str(folder / "cache")}
    run = RunDir.create(folder / "p" / "runs", "train", order)
    session = loop.opened(run, run.order())
    if session is None:
        raise SystemExit("somebody stopped the benchmark's run")
    resuming.begin(session)
    return session


class Turns:
    """The steps of one side: each begins when the process that compares the two says so, and is timed."""

    def __init__(self, device: Any) -> None:
        self.device = device
        self._spent: list[Moment] = []
        self._began: Moment = (0.0, 0.0)

    def wait(self) -> None:
        """Rest until it is this side's turn."""
        if not sys.stdin.readline():
            raise SystemExit("nobody asks for steps any more")
        self._began = settle(self.device)

    def done(self) -> None:
        """The step is done: time it, and say so."""
        clock, processor = settle(self.device)
        self._spent.append((clock - self._began[0], processor - self._began[1]))
        print(DONE, flush=True)

    def figures(self, loss: float) -> dict[str, float]:
        """Throughput and memory of this side, without the first `WARM` steps."""
        import torch

        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        on_device = torch.cuda.max_memory_allocated(self.device) / 1e9 if self.device.type == "cuda" else 0.0
        timed = self._spent[WARM:]
        clock, processor = (len(timed) * BATCH / sum(each) for each in zip(*timed, strict=True))
        return {"clips_per_second": clock, "clips_per_cpu_second": processor, "first_loss": loss,
                "memory_gb": rss * (1 if sys.platform == "darwin" else 1024) / 1e9, "device_gb": on_device}


def settle(device: Any) -> Moment:
    """The time, once the device has done what it was given."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter(), time.process_time()


def ours(folder: Path, device: str, steps: int) -> dict[str, float]:
    """Our loop with all that it does at a step."""
    from core.training.loop import advance
    from core.training.reporting import Clock

    session = session_in(folder, device)
    clock, turns = Clock(0, NEVER), Turns(session.ranks.device)
    for _ in range(WARM + steps):
        turns.wait()
        advance(session, clock)
        turns.done()
    return turns.figures(next(row["loss"] for row in session.run.events()[0] if row["kind"] == "step"))


def theirs(folder: Path, device: str, steps: int) -> dict[str, float]:
    """The Trainer of transformers on the batches that our loop takes; it logs as rarely as it likes to."""
    import transformers

    session = session_in(folder, device)
    turns = Turns(session.ranks.device)
    losses: list[float] = []

    class InTurns(transformers.TrainerCallback):
        """A turn ends with a step: the batch of the next is loaded before `on_step_begin`."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            turns.wait()

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            turns.done()
            if state.global_step < WARM + steps:
                turns.wait()

    class InOrder(transformers.Trainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return range(len(self.train_dataset))

        def compute_loss(self, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
            found = super().compute_loss(model, inputs, *rest, **named)
            if not losses:
                losses.append(float(found.detach()) / int((inputs["labels"] >= 0).sum()))
            return found

    arguments = transformers.TrainingArguments(
        output_dir=str(folder / "theirs"), per_device_train_batch_size=BATCH, max_steps=WARM + steps,
        learning_rate=1e-4, lr_scheduler_type="linear", warmup_steps=10, optim="adamw_torch",
        max_grad_norm=1.0, weight_decay=0.0, save_strategy="no", report_to=[], disable_tqdm=True,
        use_cpu=device == "cpu", remove_unused_columns=False, seed=7)
    trainer = InOrder(model=session.model, args=arguments, train_dataset=Items(session, WARM + steps),
                      data_collator=lambda items: batch_of(session, items), callbacks=[InTurns()])
    trainer.train()
    return turns.figures(losses[0])


class Items:
    """The clips of our windows one by one, disturbed when they are asked for, as our loop does it."""

    def __init__(self, session: Any, n_batches: int) -> None:
        from core.training import sampling

        plan, epochs = session.plan, math.ceil(n_batches * BATCH / N_CLIPS)
        self._plan = plan
        self._order = [(epoch, i) for epoch in range(epochs)
                       for window in sampling.windows(plan.train.seconds, BATCH, plan.options.seed, epoch)
                       for i in window]

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, n: int) -> Any:
        (epoch, i), plan = self._order[n], self._plan
        example = plan.train.example(i)
        return plan.family.augment(example, plan.prepared, plan.options, plan.options.seed, epoch)


def batch_of(session: Any, items: list[Any]) -> dict[str, Any]:
    """A batch as the model's own loss wants it."""
    import torch

    batch = session.family.collate(items, session.plan.prepared)
    longest = max(len(item.labels) for item in items)
    labels = [[*item.labels, *[-100] * (longest - len(item.labels))] for item in items]
    name = session.model.get_base_model().main_input_name
    return {name: batch["inputs"], "attention_mask": batch["mask"], "labels": torch.tensor(labels)}


def overhead(folder: Path, device: str, steps: int) -> dict[str, Any]:
    """What metrics, events and guards cost: each window with them and without, in alternating order."""
    from core.training.loop import advance
    from core.training.reporting import Clock

    session = session_in(folder, device)
    clock, differences, bare_seconds = Clock(0, NEVER), [], []

    def timed() -> float:
        began, _ = settle(session.ranks.device)
        advance(session, clock)
        return settle(session.ranks.device)[0] - began

    for n in range(WARM + steps):
        place, seconds = (session.progress.epoch, session.progress.cursor), {}
        for is_bare in (n % 2 == 0, n % 2 == 1):
            session.progress.epoch, session.progress.cursor = place
            with bare(session) if is_bare else told():
                seconds[is_bare] = timed()
        if n >= WARM:
            differences.append(seconds[False] - seconds[True])
            bare_seconds.append(seconds[True])
    step = statistics.median(bare_seconds)
    shares = sorted(difference / step for difference in differences)
    return {"overhead": statistics.median(shares), "step_ms": 1000 * step, **median_interval(shares)}


def median_interval(ranked: list[float]) -> dict[str, float]:
    """The 95 % interval of a median, by the order of the values (no assumption about their spread)."""
    n = len(ranked)
    reach = math.ceil(0.98 * math.sqrt(n))
    low, high = max(0, n // 2 - reach), min(n - 1, n // 2 + reach)
    return {"overhead_low": ranked[low], "overhead_high": ranked[high]}


@contextmanager
def told() -> Iterator[None]:
    """The step as it is."""
    yield


@contextmanager
def bare(session: Any) -> Iterator[None]:
    """The step without events, status, guards and figures of memory."""
    from core.training import guards

    def nothing(*_: Any, **__: Any) -> float:
        return 0.0

    held = session.report.event, session.report.status, guards.check_parameters, session.ranks.memory_gb
    session.report.event = session.report.status = session.ranks.memory_gb = nothing
    guards.check_parameters = nothing  # type: ignore[assignment]
    try:
        yield
    finally:
        session.report.event, session.report.status, guards.check_parameters, session.ranks.memory_gb = held


SIDES: dict[str, Callable[[Path, str, int], dict[str, Any]]] = {
    "ours": ours, "theirs": theirs, "overhead": overhead}


def start(side: str, folder: Path, device: str, steps: int) -> subprocess.Popen[str]:
    """One side in a process of its own, so that each has its own memory."""
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder), "--device", device,
               "--steps", str(steps)]
    # threads that wait for work must not spin: the other side is at work
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"})


def result(side: subprocess.Popen[str]) -> dict[str, Any]:
    """What a side found, once it has ended."""
    assert side.stdout is not None
    printed = side.stdout.read()
    if side.wait():
        raise SystemExit(f"a side ended with {side.returncode}")
    found: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return found


def one_step(side: subprocess.Popen[str]) -> None:
    """Let a side take one step, and wait until it is done."""
    assert side.stdin is not None and side.stdout is not None
    side.stdin.write("go\n")
    side.stdin.flush()
    while (line := side.stdout.readline().strip()) != DONE:
        if not line and side.poll() is not None:
            raise SystemExit(f"a side ended with {side.returncode} before its steps were done")


def pair(folder: Path, device: str, steps: int, order: tuple[str, str]) -> dict[str, dict[str, float]]:
    """Both sides at once, a step each in turns, the first of `order` first."""
    sides = {side: start(side, folder, device, steps) for side in order}
    try:
        for _ in range(WARM + steps):
            for side in order:
                one_step(sides[side])
        return {side: result(process) for side, process in sides.items()}
    finally:
        for process in sides.values():
            process.kill()


def measure(pairs: int, steps: int, device: str, base: Path) -> dict[str, Any]:
    """The ratio of the pairs with its interval, the overhead, and the peaks of memory."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        make(folder, base)
        found: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for n in range(pairs):
            order = ("ours", "theirs") if n % 2 == 0 else ("theirs", "ours")
            for side, each in pair(folder, device, steps, order).items():
                found[side].append(each)
                speeds = each["clips_per_second"], each["clips_per_cpu_second"]
                print(f"  pair {n + 1}, {side}: {speeds[0]:.2f} clips/s by the clock, {speeds[1]:.2f} by the"
                      " processor", file=sys.stderr)
        cost = result(start("overhead", folder, device, 2 * steps))
    sides = {f"{side}_{name}": (max if "gb" in name else statistics.mean)(one[name] for one in runs)
             for side, runs in found.items() for name in runs[0]}
    ratios = ratio(found, "clips_per_second", "") | ratio(found, "clips_per_cpu_second", "cpu_")
    return {**ratios, **cost, **sides}


def ratio(found: dict[str, list[dict[str, float]]], name: str, prefix: str) -> dict[str, float]:
    """Ours by theirs over the pairs: the geometric mean with its 95 % interval, by Student's t."""
    logs = [math.log(a[name] / b[name]) for a, b in zip(found["ours"], found["theirs"], strict=True)]
    n, middle = len(logs), statistics.mean(logs)
    spread = STUDENT.get(n, 2.2) * statistics.stdev(logs) / math.sqrt(n) if n > 1 else math.inf
    return {f"{prefix}ratio": math.exp(middle), f"{prefix}low": math.exp(middle - spread),
            f"{prefix}high": math.exp(middle + spread)}


def lines(found: dict[str, float], pairs: int) -> Iterator[str]:
    """The figures for a person."""
    yield (f"ours {found['ours_clips_per_second']:.1f}, Trainer {found['theirs_clips_per_second']:.1f}"
           f" clips/s; ratio {found['ratio']:.3f} (95 % {found['low']:.3f} to {found['high']:.3f},"
           f" {pairs} pairs)")
    yield (f"by seconds of the processor: ratio {found['cpu_ratio']:.3f} (95 % {found['cpu_low']:.3f} to"
           f" {found['cpu_high']:.3f})")
    yield (f"loss of the first step, by letter: ours {found['ours_first_loss']:.5f},"
           f" Trainer {found['theirs_first_loss']:.5f}")
    yield (f"metrics, events and guards: {found['overhead']:.1%} of a step of {found['step_ms']:.0f} ms"
           f" (95 % {found['overhead_low']:.1%} to {found['overhead_high']:.1%})")
    yield (f"peak memory: ours {found['ours_memory_gb']:.2f}, Trainer {found['theirs_memory_gb']:.2f} GB;"
           f" on the device {found['ours_device_gb']:.2f} and {found['theirs_device_gb']:.2f} GB")


def main() -> None:
    """Measure, and print the figures."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--pairs", type=int, default=5)
    reader.add_argument("--steps", type=int, default=40)
    reader.add_argument("--threads", type=int, default=0, help="Of PyTorch; 0: as many as it takes itself.")
    reader.add_argument("--device", default="cpu")
    reader.add_argument("--base", type=Path, default=ROOT / "models" / "starter")
    reader.add_argument("--json", action="store_true")
    reader.add_argument("--side", choices=list(SIDES), help=argparse.SUPPRESS)
    reader.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = reader.parse_args()
    if given.threads:
        os.environ["OMP_NUM_THREADS"] = str(given.threads)  # for the processes of the sides
    if given.side:
        print(json.dumps(SIDES[given.side](given.folder, given.device, given.steps)))
        return
    found = measure(given.pairs, given.steps, given.device, given.base)
    if given.json:
        print(json.dumps(found))
        return
    for line in lines(found, given.pairs):
        print(line)


if __name__ == "__main__":
    main()
