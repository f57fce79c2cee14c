"""The tiny LaCT recogniser trained from scratch on made speech, and the same model with frozen fast weights:
error rates on voices that neither heard.

    python benchmarks/lact_train.py [--minutes 30] [--steps 800] [--clips 1200] [--threads 2]
        [--window 2.56] [--work DIR] [--json]

Sentences are numbers and a few words around them, as a caller says them, by many voices of espeak-ng to learn
from and eight others to be judged by. Both models have the same weights at the start, the same clips in the
same order and the same number of steps, through the loop, checkpoints and decoding of the app. A run that
takes more than `--minutes` is stopped and judged as it is. With a shorter `--window` attention sees less of a
clip, and more is left to the fast weights. `cpu_minutes` is processor time: on a machine that does other
things, too, it says more than the clock.
"""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core import manifest
from core.evaluation.bootstrap import alone
from core.evaluation.rates import ItemScore, score_item
from core.evaluation.verdict import figures
from core.families import named
from core.families.base import Clip
from core.files import sha256_of
from core.modelling.lact.asr_config import SIZES, of_size
from core.run_dir import RunDir
from core.types import Row, Split
from tools.starter_audio import ACCENTS, HELD_OUT, RATE, VARIANTS, espeak

DIGITS = "zero one two three four five six seven eight nine".split()
FRAMES = ("{}", "{}", "{}", "order {}", "order number {}", "gate {}", "room {} please", "call {} now",
          "the code is {}", "yes {}", "no {} thank you")
SEED, SHOWN = 7, 5
VAL, TEST = 60, 200
"""Clips of the held-out voices: to watch the training by, and to judge by."""


@dataclass(frozen=True)
class Result:
    """What one training was worth on the test clips; rates are shares, intervals of 95 %."""

    model: str
    cer: float
    cer_interval: tuple[float, float] | None
    wer: float
    wer_interval: tuple[float, float] | None
    n: int
    steps: int
    minutes: float
    cpu_minutes: float
    course: list[tuple[int, float]]
    samples: list[tuple[str, str]]


def sentence(rng: np.random.Generator) -> str:
    """One to six digits, and at times words around them."""
    digits = " ".join(rng.choice(DIGITS, rng.integers(1, 7)))
    return str(rng.choice(FRAMES)).format(digits)


def _clip(job: tuple[Path, int, Split]) -> Row:
    folder, index, split = job
    rng = np.random.default_rng([SEED, index])
    text, variant = sentence(rng), str(rng.choice(VARIANTS if split == "train" else HELD_OUT))
    voice = f"{rng.choice(ACCENTS[:3])}+{variant}"
    sound = espeak(text, voice, int(rng.integers(120, 165)), int(rng.integers(25, 75)))
    hush = [np.zeros(int(RATE * rng.uniform(0.1, 0.3)), np.float32) for _ in range(2)]
    sound = np.concatenate([hush[0], sound, hush[1]])
    sound = 0.3 * sound / np.abs(sound).max() + rng.normal(0, 0.001, len(sound))
    path = folder / f"{index}.wav"
    soundfile.write(path, sound.astype(np.float32), RATE)
    return Row(f"c{index}", path.name, 0.0, len(sound) / RATE, RATE, text, split, speaker=variant,
               sha256=sha256_of(path))


def dataset(folder: Path, n: int) -> Path:
    """`n` clips to learn from, and those of the held-out voices; made once."""
    if not (folder / manifest.NAME).exists():
        folder.mkdir(parents=True, exist_ok=True)
        splits: list[Split] = ["train"] * n + ["val"] * VAL + ["test"] * TEST
        with Pool(2) as pool:
            rows = pool.map(_clip, [(folder, i, split) for i, split in enumerate(splits)], chunksize=20)
        manifest.write(folder, rows)
    return folder


def trained(name: str, data: Path, home: Path, given: argparse.Namespace, **options: Any) -> Result:
    """Train the tiny size with `options` and judge it on the test clips."""
    from core.training.loop import train

    family = named("lact")
    tenth = max(1, given.steps // 10)
    chosen = {"size": "tiny", "steps": given.steps, "batch_size": 12, "lr": given.lr, "schedule": "one-cycle",
              "window": given.window, "eval_every": tenth, "sample_every": tenth, "save_every": tenth,
              "samples": 2, **options}
    order = {"family": "lact", "base": str(family.blank()), "dataset": str(data), "device": "cpu",
             "way": "start", "options": chosen, "cache": str(home / "features")}
    run = RunDir.create(home / "runs", "train", order)
    clock = threading.Timer(60 * given.minutes, run.request_stop)
    clock.daemon = True
    clock.start()
    began, used = time.monotonic(), time.process_time()
    step = train(run, run.order()).step
    minutes, cpu = (time.monotonic() - began) / 60, (time.process_time() - used) / 60
    clock.cancel()
    scores, samples = judged(run, data)
    course = [(row["step"], round(row["cer"], 3)) for row in run.events()[0] if row["kind"] == "eval"]
    rates = figures(scores)
    return Result(name, rates.cer, alone(scores, "cer"), rates.wer, alone(scores, "wer"), len(scores), step,
                  round(minutes, 1), round(cpu, 1), course, samples)


def judged(run: RunDir, data: Path) -> tuple[list[ItemScore], list[tuple[str, str]]]:
    """The scores of the best checkpoint on the test clips, and some of its texts."""
    recogniser = named("lact").recogniser(str(run.path), "cpu")
    rows = [row for row in manifest.read(data) if row.split == "test"]
    said = [recogniser.transcribe(Clip(row.id, data / row.audio)).text for row in rows]
    scores = [score_item(row.id, row.text, text) for row, text in zip(rows, said, strict=True)]
    return scores, [(row.text, text) for row, text in zip(rows[:SHOWN], said, strict=False)]


def sizes() -> dict[str, int]:
    """The weights of each named size, with the vocabulary of this task; nothing is allocated."""
    import torch

    from core.modelling.lact.asr import LactAsr

    with torch.device("meta"):
        return {size: sum(p.numel() for p in LactAsr(of_size(size, vocabulary=25)).parameters())
                for size in SIZES}


def told(result: Result) -> str:
    """A few lines for a person."""
    low, high = result.cer_interval or (0.0, 0.0)
    lines = [
        f"{result.model}: CER {100 * result.cer:.1f} % (95 %: {100 * low:.1f} to {100 * high:.1f}), WER"
        f" {100 * result.wer:.1f} % on {result.n} clips of unheard voices, after {result.steps} steps,"
        f" {result.minutes} minutes by the clock and {result.cpu_minutes} of the processor.",
        "  CER on the validation clips: " + ", ".join(f"{s}: {100 * c:.1f} %" for s, c in result.course),
        *(f"  “{reference}” -> “{text}”" for reference, text in result.samples),
    ]
    return "\n".join(lines)


def measured(given: argparse.Namespace, home: Path) -> dict[str, Any]:
    """Both models, one after the other."""
    data = dataset(home / f"data-{given.clips}", given.clips)
    results = []
    for name, options in (("LaCT", {}), ("frozen", {"frozen": True})):
        results.append(trained(name, data, home, given, **options))
        if not given.json:
            print(told(results[-1]), flush=True)
    return {"weights": sizes(), "results": [asdict(result) for result in results]}


def main() -> None:
    """Make the clips, train both, print."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, help="the longest that one training may take")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--clips", type=int, default=1200)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--window", type=float, default=2.56, help="seconds that attention sees")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, help="where clips and runs are kept; a temporary folder if not")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)  # tiny numbers cost a processor half its speed
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given, given.work or Path(folder))
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        print("Millions of weights: " + ", ".join(f"{size} {n / 1e6:.1f}"
                                                 for size, n in found["weights"].items()))


if __name__ == "__main__":
    main()
