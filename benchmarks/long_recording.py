"""A long made recording with known times, aligned with a text that has gaps, additions and swapped sections.

    python benchmarks/long_recording.py [--hours H] [--seed N] [--folder DIR] [--json]

"Found": a sentence of which at least nine words in ten lie in one of our segments, at their time. "Wrong": a
segment with a word that nobody said, or said more than half a second elsewhere.
"""
from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.runs.long.text import Text, text_of
from core.runs.start import wait
from core.steps import align_file
from core.steps.recordings import Options
from core.text import documents
from tools import long_speech

APART = 0.5  # seconds
FASTEST = 6.0  # words a second: made voices speak faster than the default allows


def measure(folder: Path, hours: float, seed: int) -> dict[str, Any]:
    """Make, align, compare."""
    if not (folder / "truth.json").exists():
        long_speech.make(folder, hours, seed)
    began = time.monotonic()
    run = align_file.start(folder / "recording.wav", folder / "text.txt", folder / "out",
                           options=Options(max_rate=FASTEST))
    state = wait(run, 24 * 3600)
    seconds = time.monotonic() - began
    if state != "done":
        raise SystemExit(f"The run is {state}: {run.status().message}")
    align_file.write(run, folder / "recording.wav", folder / "out")
    truth = json.loads((folder / "truth.json").read_text())["sentences"]
    text = text_of([{"id": at, "text": each.text}
                    for at, each in enumerate(documents.read(folder / "text.txt"))], "en")
    row = run.results()[0][0]
    return {**compared(text, truth, row["segments"]), "seconds": round(seconds, 1),
            "times_as_fast_as_speech": round(row["figures"]["seconds"] / seconds, 1),
            "peak_gb": run.status().figures.get("peak_gb"), "message": run.status().message}


def compared(text: Text, truth: list[dict[str, Any]], segments: list[dict[str, Any]]) -> dict[str, Any]:
    """What of the truth was found, and what of the found is not true."""
    owner = {word: (sentence, true) for sentence, true in zip(text.sentences, truth, strict=True)
             for word in range(sentence.first, sentence.stop)}
    at_its_time: dict[int, bool] = {}
    edges, starts, wrong = list[float](), list[float](), {"matched": 0, "uncertain": 0}
    for one in segments:
        places = list(_placed(one))
        right = [_is_right(owner[place][1], start, end) for place, start, end in places]
        wrong[one["kind"]] += not all(right)
        for (place, start, end), good in zip(places, right, strict=True):
            if good:
                sentence, true = owner[place]
                at_its_time[place] = one["kind"] == "matched"
                edges += [abs(start - true["start"])] if place == sentence.first else []
                edges += [abs(end - true["end"])] if place == sentence.stop - 1 else []
                if len(true["words"]) == sentence.stop - sentence.first:
                    starts.append(abs(start - true["words"][place - sentence.first][1]))
    said = [sentence for sentence, true in zip(text.sentences, truth, strict=True)
            if true["start"] is not None]
    n_sure = sum(one["kind"] == "matched" for one in segments)
    return {"said_and_written": len(said), "never_said": len(truth) - len(said),
            "found": sum(_share(s, at_its_time) >= 0.9 for s in said) / len(said),
            "found_and_accepted": sum(_share(s, {w: g for w, g in at_its_time.items() if g}) >= 0.9
                                      for s in said) / len(said),
            "segments": len(segments), "accepted": n_sure, "wrong_accepted": wrong["matched"],
            "wrong_accepted_share": wrong["matched"] / max(1, n_sure), "wrong_uncertain": wrong["uncertain"],
            "boundary_median_ms": _ms(edges, 50), "boundary_p95_ms": _ms(edges, 95),
            "word_median_ms": _ms(starts, 50), "word_p95_ms": _ms(starts, 95)}


def _placed(one: dict[str, Any]) -> Iterator[tuple[int, float, float]]:
    """Place in the text, start and end in the recording of each word of a segment."""
    for place, (_, start, end, _score) in enumerate(one["words"], start=one["first"]):
        yield place, one["start"] + start, one["start"] + end


def _is_right(true: dict[str, Any], start: float, end: float) -> bool:
    return true["start"] is not None and start >= true["start"] - APART and end <= true["end"] + APART


def _share(sentence: Any, found: dict[int, bool]) -> float:
    words = range(sentence.first, sentence.stop)
    return sum(word in found for word in words) / len(words)


def _ms(errors: list[float], percent: int) -> float:
    return round(1000 * float(np.percentile(errors, percent)), 1) if errors else float("nan")


def main() -> None:
    """Measure, in a folder that is kept if it is named."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = measure(given.folder or Path(temporary), given.hours, given.seed)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(found["message"])
    print(f"{100 * found['found']:.1f} % of {found['said_and_written']} sentences found, "
          f"{100 * found['found_and_accepted']:.1f} % in accepted segments; {found['wrong_accepted']} of "
          f"{found['accepted']} accepted segments wrong; boundaries median {found['boundary_median_ms']} ms, "
          f"95 % below {found['boundary_p95_ms']} ms; {found['seconds']} s, "
          f"{found['times_as_fast_as_speech']} times as fast as speech, {found['peak_gb']} GB at the most")


if __name__ == "__main__":
    main()
