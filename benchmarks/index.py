"""The index of a folder of FLAC files beside soundfile.info over the same files, in the same run.

    python benchmarks/index.py [--files N] [--runs N] [--json]
    python benchmarks/index.py --bare --files 200000 [--place DIR]

With --bare: FLAC files that are nothing but their headers, laid out as Libri-Light, and the memory it takes.
"""
from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import statistics
import struct
import subprocess
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


def make_bare(folder: Path, n_files: int) -> None:
    """`n_files` headers of FLAC files (42 bytes, no sound), ten a book and twenty books a speaker."""
    told = json.dumps({"speaker": "", "snr": 0.0, "voice_activity": []})
    for number in range(n_files):
        book = folder / "large" / str(number // 200) / f"book_{number // 10}"
        if number % 10 == 0:
            book.mkdir(parents=True)
        packed = RATE << 44 | 15 << 36 | RATE * (number % 900 + 1)
        head = struct.pack(">IHH3s3sQ16s", 0x80000022, 16, 4096, b"", b"", packed, b"")
        (book / f"{number}.flac").write_bytes(b"fLaC" + head)
        (book / f"{number}.json").write_text(told)


def peak_mb(folder: Path, data: DataRoot) -> float:
    """The most memory of a process of its own that indexes what is known, in MB of 10^6 bytes."""
    code = (
        "import resource, sys; from pathlib import Path; from core.config import DataRoot;"
        "from core.steps.index import index; index(DataRoot(Path(sys.argv[1])), Path(sys.argv[2]));"
        "used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "print(used * (1 if sys.platform == 'darwin' else 1024))"
    )
    done = subprocess.run([sys.executable, "-c", code, data.path, folder], cwd=Path(__file__).parents[1],
                          capture_output=True, text=True, check=True)
    return int(done.stdout) / 1e6


def bare(args: argparse.Namespace) -> None:
    """Print what an index of bare headers takes: empty, known (median), and its memory."""
    with tempfile.TemporaryDirectory(dir=args.place) as place:
        folder, data = Path(place) / "sounds", DataRoot(Path(place) / "data")
        make_bare(folder, args.files)
        empty = seconds_of(lambda: index(data, folder))
        known = statistics.median(seconds_of(lambda: index(data, folder)) for _ in range(args.runs))
        found = index(data, folder)
        if found.files != args.files or [part.layout for part in found.corpora] != ["Libri-Light"]:
            raise SystemExit(f"the index did not find what was made: {found}")
        peak = peak_mb(folder, data)
        figures = {"files": args.files, "runs": args.runs, "empty_s": empty, "known_s": known,
                   "hours": found.hours, "speakers": found.corpora[0].speakers, "peak_mb": peak}
        print(json.dumps(figures) if args.json else
              f"{args.files} headers, {found.hours:,.0f} hours: empty index {empty:.2f} s, known index "
              f"{known:.2f} s (median of {args.runs}), {peak:.0f} MB")


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
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--place", help="the disk to make the files on; as usual that of temporary files")
    args = parser.parse_args()
    if args.bare:
        return bare(args)
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
