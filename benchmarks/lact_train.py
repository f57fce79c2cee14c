"""The tiny LaCT recogniser trained from scratch on made speech, and the same model with frozen fast weights:
error rates on voices that neither heard.

    python benchmarks/lact_train.py [--minutes 30] [--steps 800] [--clips 1200] [--threads 2]
        [--window 2.56] [--seconds 12] [--updates 8] [--batch 12] [--seeds 1] [--work DIR] [--sizes] [--json]

Sentences are numbers and a few words around them, as a caller says them, by many voices of espeak-ng to learn
from and eight others to be judged by. Both models have the same weights at the start, the same clips in the
same order and the same number of steps, through the loop, checkpoints and decoding of the app. A run that
takes more than `--minutes` is stopped and judged as it is. With a shorter `--window` attention sees less of a
clip, and more is left to the fast weights. `cpu_minutes` is processor time: on a machine that does other
things, too, it says more than the clock. With `--seconds` a clip is many sentences of one voice, one throat
and one pace, until it is that long: what fast weights learn of a voice could then help in the rest of the
clip. With several `--seeds` both models are trained once with each, and compared over all of them.
"""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core import manifest
from core.evaluation.bootstrap import Interval, alone, paired
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
HELD_CLIPS = {False: (60, 200), True: (24, 120)}
"""Clips of the held-out voices, short ones and long ones: to watch the training by, and to judge by."""
THROATS = (0.86, 1.16)
"""How much slower or faster a long clip is played: other throats than espeak-ng has."""


@dataclass(frozen=True)
class Result:
    """What one training was worth on the test clips; rates are shares, intervals of 95 %."""

    model: str
    seed: int
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


@dataclass(frozen=True)
class Job:
    """A clip to be made: one sentence where `seconds` is 0, else so many that it lasts that long."""

    folder: Path
    index: int
    split: Split
    seconds: float


def _clip(job: Job) -> Row:
    rng = np.random.default_rng([SEED, job.index])
    text, variant = sentence(rng), str(rng.choice(VARIANTS if job.split == "train" else HELD_OUT))
    voice = f"{rng.choice(ACCENTS[:3])}+{variant}"
    pace, pitch = int(rng.integers(120, 165)), int(rng.integers(25, 75))
    texts, sounds = [text], [espeak(text, voice, pace, pitch)]
    while sum(map(len, sounds)) < RATE * job.seconds:
        texts.append(sentence(rng))
        sounds += [_hush(rng), espeak(texts[-1], voice, pace, pitch)]
    sound = np.concatenate(sounds)
    if job.seconds:
        sound = soxr.resample(sound, RATE, RATE / rng.uniform(*THROATS))
    sound = np.concatenate([_hush(rng), sound, _hush(rng)])
    sound = 0.3 * sound / np.abs(sound).max() + rng.normal(0, 0.001, len(sound))
    path = job.folder / f"{job.index}.wav"
    soundfile.write(path, sound.astype(np.float32), RATE)
    return Row(f"c{job.index}", path.name, 0.0, len(sound) / RATE, RATE, " ".join(texts), job.split,
               speaker=variant, sha256=sha256_of(path))


def _hush(rng: np.random.Generator) -> np.ndarray:
    return np.zeros(int(RATE * rng.uniform(0.1, 0.3)), np.float32)


def dataset(folder: Path, n: int, seconds: float) -> Path:
    """`n` clips to learn from, and those of the held-out voices; made once."""
    if not (folder / manifest.NAME).exists():
        folder.mkdir(parents=True, exist_ok=True)
        n_val, n_test = HELD_CLIPS[seconds > 0]
        splits: list[Split] = ["train"] * n + ["val"] * n_val + ["test"] * n_test
        jobs = [Job(folder, index, split, seconds) for index, split in enumerate(splits)]
        with Pool(2) as pool:
            rows = pool.map(_clip, jobs, chunksize=20)
        manifest.write(folder, rows)
    return folder


def trained(
    name: str, data: Path, home: Path, given: argparse.Namespace, **options: Any
) -> tuple[Result, list[ItemScore]]:
    """Train the tiny size with `options` and judge it on the test clips."""
    from core.training.loop import train

    family = named("lact")
    tenth = max(1, given.steps // 10)
    chosen = {"size": "tiny", "steps": given.steps, "batch_size": given.batch, "lr": given.lr,
              "schedule": "one-cycle", "window": given.window, "updates_per_clip": given.updates,
              "eval_every": tenth, "sample_every": tenth, "save_every": tenth, "samples": 2, **options}
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
    result = Result(name, chosen["seed"], rates.cer, alone(scores, "cer"), rates.wer, alone(scores, "wer"),
                    len(scores), step, round(minutes, 1), round(cpu, 1), course, samples)
    return result, scores


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


def counted(weights: dict[str, int]) -> str:
    """A line for a person."""
    return "Millions of weights: " + ", ".join(f"{size} {n / 1e6:.1f}" for size, n in weights.items())


def told(result: Result) -> str:
    """A few lines for a person."""
    low, high = result.cer_interval or (0.0, 0.0)
    lines = [
        f"{result.model}, seed {result.seed}: CER {100 * result.cer:.1f} % (95 %: {100 * low:.1f} to"
        f" {100 * high:.1f}), WER {100 * result.wer:.1f} % on {result.n} clips of unheard voices, after"
        f" {result.steps} steps, {result.minutes} minutes by the clock and {result.cpu_minutes} of the"
        " processor.",
        "  CER on the validation clips: " + ", ".join(f"{s}: {100 * c:.1f} %" for s, c in result.course),
        *(f"  “{reference}” -> “{text}”" for reference, text in result.samples),
    ]
    return "\n".join(lines)


def over_seeds(runs: Sequence[Sequence[ItemScore]]) -> list[ItemScore]:
    """Each clip once, with what the models of all seeds got wrong in it: clips are drawn, not trainings."""
    return [replace(same[0], char_errors=sum(one.char_errors for one in same),
                    n_chars=sum(one.n_chars for one in same)) for same in zip(*runs, strict=True)]


def measured(given: argparse.Namespace, home: Path) -> dict[str, Any]:
    """Both models, one after the other, with each seed; and the CER of LaCT less that of frozen."""
    data = dataset(home / f"data-{given.clips}-{given.seconds:g}", given.clips, given.seconds)
    results, scores = [], dict[bool, list[list[ItemScore]]]({False: [], True: []})
    for seed in range(SEED, SEED + given.seeds):
        for name, is_frozen in (("LaCT", False), ("frozen", True)):
            result, scored = trained(name, data, home, given, frozen=is_frozen, seed=seed)
            results.append(result)
            scores[is_frozen].append(scored)
            if not given.json:
                print(told(result), flush=True)
    gain = paired(over_seeds(scores[True]), over_seeds(scores[False]), "cer")
    return {"weights": sizes(), "results": [asdict(result) for result in results], "gain": asdict(gain)}


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
    parser.add_argument("--seconds", type=float, default=0.0, help="of a clip; 0: one sentence")
    parser.add_argument("--updates", type=int, default=4, help="of the fast weights in a clip of mean length")
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, help="where clips and runs are kept; a temporary folder if not")
    parser.add_argument("--sizes", action="store_true", help="train nothing; tell the weights of each size")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.sizes:
        print(json.dumps(sizes(), indent=1) if given.json else counted(sizes()))
        return
    torch.set_flush_denormal(True)  # tiny numbers cost a processor half its speed
    with tempfile.TemporaryDirectory() as folder:
        found = measured(given, given.work or Path(folder))
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        gain = Interval(**found["gain"])
        print(f"CER of LaCT less that of frozen: {100 * gain.difference:+.1f} points (95 %:"
              f" {100 * gain.low:+.1f} to {100 * gain.high:+.1f}) on {gain.n} clips, {given.seeds} seeds.")
        print(counted(found["weights"]))


if __name__ == "__main__":
    main()
