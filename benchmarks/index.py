"""The index of a folder of FLAC files beside soundfile.info over the same files, in the same run.

    python benchmarks/index.py [--files N] [--runs N] [--json]
"""
from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.config import DataRoot
from core.steps.index import index

RATE = 16_000
LENGTHS = 16


def make(folder: Path, n_files: int) -> None:
    """`n_files` tiny FLAC files of different lengths, a thousand in a folder; the system has them at hand."""
    sounds = []
    for tenths in range(1, LENGTHS + 1):
        held = io.BytesIO()
        tone = 0.3 * np.sin(np.arange(RATE * tenths // 10) / 20)
        soundfile.write(held, tone.astype(np.float32), RATE, format="FLAC")
        sounds.append(held.getvalue())
    for number in range(n_files):
        path = folder / f"{number // 1000:04d}" / f"{number:07d}.flac"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sounds[number % LENGTHS])


def seconds_of(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def with_soundfile(folder: Path) -> float:
    """The peer: walk the folder and ask libsndfile for each header; the seconds of sound."""
    total = 0.0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".flac"):
                total += soundfile.info(os.path.join(place, name)).duration
    return total


def measure(folder: Path, data: DataRoot) -> dict[str, float]:
    """Seconds of one round: soundfile.info, an empty index, an index that knows all of it."""
    shutil.rmtree(data.cache, ignore_errors=True)
    return {
        "soundfile_s": seconds_of(lambda: with_soundfile(folder)),
        "empty_s": seconds_of(lambda: index(data, folder)),
        "known_s": seconds_of(lambda: index(data, folder)),
    }


def main() -> None:
    """Rounds, the first (cold files) thrown away; medians of the seconds and of the ratios of each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, data = Path(place) / "sounds", DataRoot(Path(place) / "data")
        make(folder, args.files)
        found = index(data, folder)
        if found.files != args.files or abs(found.hours * 3600 - with_soundfile(folder)) > 0.01:
            raise SystemExit(f"the index and soundfile.info do not agree: {found}")
        rounds = [measure(folder, data) for _ in range(args.runs + 1)][1:]
    figures: dict[str, float] = {"files": args.files, "runs": args.runs}
    figures |= {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for kind in ("empty", "known"):
        figures[f"{kind}_ratio"] = statistics.median(one["soundfile_s"] / one[f"{kind}_s"] for one in rounds)
    print(
        json.dumps(figures)
        if args.json
        else f"{args.files} files: soundfile.info {figures['soundfile_s']:.2f} s, empty index "
        f"{figures['empty_s']:.2f} s ({figures['empty_ratio']:.1f} x faster), known index "
        f"{figures['known_s']:.3f} s ({figures['known_ratio']:.1f} x faster), median of {args.runs} rounds"
    )


if __name__ == "__main__":
    main()
