"""Forced alignment of hours: seconds, memory and exactness beside peers, on the same made emissions.

    python benchmarks/alignment.py [--hours H] [--only ENGINE ...] [--json]

The emissions are random: 50 frames a second, 32 columns, 12.5 tokens a second that stand out where they are.
Each engine has a process of its own; its memory is the peak of that process less the peak of one that only
holds the emissions (so imports and compiled code count, compiling does not). It is exact where its path
writes the tokens and is as likely as the textbook's best, which is found in double precision by a process
that keeps scores only. The peers: that textbook trellis with its back-pointers where they fit into 4 GB,
ctc-segmentation, and torchaudio where it imports and within its limit of 2^31 cells. ctc-segmentation places
one frame a token (here with its defaults): it gets the most likely path with those beginnings. It is not
among the requirements, since it needs a C compiler: `pip install ctc-segmentation`.
"""
from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Path_ = npt.NDArray[np.int64]

FRAMES_A_SECOND, TOKENS_A_SECOND, VOCABULARY, BLANK = 50, 12.5, 32, 0
GB = 2**30
ONCE = "once "  # a process that only lets an engine compile what it keeps on the disk
TRELLIS_LIMIT, TORCHAUDIO_LIMIT = 4 * GB, 2**31


def emissions(hours: float, seed: int = 1) -> tuple[Array, Path_]:
    """Log-probabilities (frames, vocabulary) and the tokens (n,) that are said in them."""
    rng = np.random.default_rng(seed)
    n_frames = round(hours * 3600 * FRAMES_A_SECOND)
    tokens = rng.integers(1, VOCABULARY, round(hours * 3600 * TOKENS_A_SECOND))
    raw = rng.normal(0, 2, (n_frames, VOCABULARY)).astype(np.float32)
    places = np.sort(rng.choice(n_frames, len(tokens), replace=False))
    raw[:, BLANK] += 4
    raw[places, BLANK] -= 4
    raw[places, tokens] += 9
    for part in np.array_split(raw, max(1, n_frames // 10_000)):
        part -= np.log(np.exp(part).sum(1, keepdims=True))
    return raw, tokens


def voicewright(log_probs: Array, tokens: Path_) -> Path_:
    from core.alignment.viterbi import align

    path = np.full(len(log_probs), BLANK, np.int64)
    for span in align(log_probs, tokens.tolist(), BLANK):
        path[span.start : span.end] = span.token
    return path


def trellis(log_probs: Array, tokens: Path_) -> Path_:
    """All states of all frames, a byte each."""
    labels = _labels(tokens)
    moves = np.zeros((len(log_probs), len(labels)), np.int8)
    state = _textbook()(log_probs, labels, moves)[1]
    path = np.empty(len(log_probs), np.int64)
    for frame in range(len(path) - 1, -1, -1):
        path[frame] = labels[state]
        state -= int(moves[frame, state])
    return path


def ctc_segmentation(log_probs: Array, tokens: Path_) -> Path_:
    import ctc_segmentation as peer

    config = peer.CtcSegmentationParameters(char_list=[str(n) for n in range(VOCABULARY)], index_duration=1.0,
                                            blank=BLANK)
    truth, _ = peer.prepare_token_list(config, [tokens])
    timings, _, _ = peer.ctc_segmentation(config, log_probs, truth)
    return filled(log_probs, tokens, timings[2 : 2 + len(tokens)].astype(np.int64))


def torchaudio(log_probs: Array, tokens: Path_) -> Path_:
    import torch
    from torchaudio.functional import forced_align

    path, _ = forced_align(torch.from_numpy(log_probs)[None], torch.from_numpy(tokens)[None], blank=BLANK)
    return np.asarray(path[0], np.int64)


ENGINES: dict[str, Callable[[Array, Path_], Path_]] = {
    "voicewright": voicewright, "trellis": trellis, "ctc-segmentation": ctc_segmentation,
    "torchaudio": torchaudio,
}


def _labels(tokens: Path_) -> Path_:
    labels = np.full(2 * len(tokens) + 1, BLANK)
    labels[1::2] = tokens
    return labels


def _textbook() -> Callable[..., tuple[float, int]]:
    """Best score and last state by the textbook; `moves` (frames, states) are filled unless it is empty."""
    from numba import njit

    @njit
    def best(log_probs: Array, labels: Path_, moves: npt.NDArray[np.int8]) -> tuple[float, int]:
        n_states = len(labels)
        before, now = np.full(n_states, -np.inf), np.full(n_states, -np.inf)
        before[0] = 0.0
        for frame in range(len(log_probs)):
            for state in range(n_states):
                score, move = before[state], 0
                if state >= 1 and before[state - 1] > score:
                    score, move = before[state - 1], 1
                if state % 2 and state >= 3 and labels[state] != labels[state - 2]:
                    if before[state - 2] > score:
                        score, move = before[state - 2], 2
                now[state] = score + log_probs[frame, labels[state]]
                if len(moves):
                    moves[frame, state] = move
            before, now = now, before
        last = n_states - 1 if before[-1] > before[-2] else n_states - 2
        return before[last], last

    return best


def best_score(log_probs: Array, tokens: Path_) -> float:
    """The best score, in two rows of memory."""
    return _textbook()(log_probs, _labels(tokens), np.zeros((0, 0), np.int8))[0]


def filled(log_probs: Array, tokens: Path_, starts: Path_) -> Path_:
    """The most likely path on which each token begins where it is said to."""
    path = np.full(len(log_probs), BLANK, np.int64)
    for at, (start, token) in enumerate(zip(starts.tolist(), tokens.tolist(), strict=True)):
        end = starts[at + 1] if at + 1 < len(starts) else len(path)
        again = at + 1 < len(starts) and tokens[at + 1] == token
        gain = np.cumsum(log_probs[start : end - again, token] - log_probs[start : end - again, BLANK])
        path[start : start + 1 + (int(gain.argmax()) if len(gain) else 0)] = token
    return path


def score(log_probs: Array, tokens: Path_, path: Path_) -> float | None:
    """Log-probability of a path; None where it does not write the tokens."""
    first = np.concatenate(([True], path[1:] != path[:-1]))
    if not np.array_equal(path[first & (path != BLANK)], tokens):
        return None
    return float(log_probs[np.arange(len(path)), path].sum(dtype=np.float64))


def child(role: str, folder: Path) -> dict[str, Any]:
    """What the process of one role found: `hold` only reads the input, `best` finds the best score."""
    small = emissions(0.002)
    if role.startswith(ONCE):
        return {"frames": len(ENGINES[role.removeprefix(ONCE)](*small))}
    log_probs, tokens = np.load(folder / "log_probs.npy"), np.load(folder / "tokens.npy")
    if role == "best":
        return {"score": best_score(log_probs, tokens)}
    found: dict[str, Any] = {}
    if role in ENGINES:
        ENGINES[role](*small)  # what is loaded at the first call takes memory, not time
        began = time.perf_counter()
        path = ENGINES[role](log_probs, tokens)
        found = {"seconds": round(time.perf_counter() - began, 2)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return found | {"peak": peak} | ({"score": score(log_probs, tokens, path)} if found else {})


def run(role: str, folder: Path) -> dict[str, Any] | None:
    """`child` in a process of its own; None, with its last line told, where it failed."""
    made = subprocess.run([sys.executable, __file__, "--role", role, "--folder", str(folder)],
                          capture_output=True, text=True)
    if made.returncode:
        why = (made.stderr.strip().splitlines() or [f"ended with {made.returncode}"])[-1]
        print(f"{role} failed: {why}", file=sys.stderr)
        return None
    return dict(json.loads(made.stdout.splitlines()[-1]))


def why_not(engine: str, hours: float) -> str:
    """Why an engine is left out, or nothing."""
    frames = hours * 3600 * FRAMES_A_SECOND
    cells = frames * (2 * hours * 3600 * TOKENS_A_SECOND + 1)
    limit = {"trellis": TRELLIS_LIMIT, "torchaudio": TORCHAUDIO_LIMIT}.get(engine, cells)
    if cells > limit:
        return f"{cells:.2g} cells of a trellis, its limit is {limit:.2g}"
    module = {"voicewright": "core", "trellis": "numba"}.get(engine, engine.replace("-", "_"))
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as problem:
        return f"it does not import ({problem})"
    return ""


def measure(hours: float, engines: Sequence[str]) -> list[dict[str, Any]]:
    """A row an engine: seconds, peak memory beside the input in GB, whether its path is the best."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, value in zip(("log_probs.npy", "tokens.npy"), emissions(hours), strict=True):
            np.save(folder / file, value)
        best, held = run("best", folder), run("hold", folder)
        if best is None or held is None:
            raise SystemExit(1)
        for engine in engines:
            if reason := why_not(engine, hours):
                print(f"without {engine}: {reason}", file=sys.stderr)
            elif run(ONCE + engine, folder) and (found := run(engine, folder)):
                exact = found["score"] is not None and abs(found["score"] - best["score"]) < 1e-3
                peak = round((found["peak"] - held["peak"]) / GB, 3)
                rows.append({"engine": engine, "seconds": found["seconds"], "peak_gb": peak, "exact": exact})
    return rows


def main() -> None:
    """Measure each engine on the same emissions."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=0.28)
    parser.add_argument("--only", nargs="+", choices=tuple(ENGINES), default=tuple(ENGINES), metavar="ENGINE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.role:
        print(json.dumps(child(given.role, given.folder)))
        return
    rows = measure(given.hours, given.only)
    if given.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['engine']}: {row['seconds']} s and {row['peak_gb']} GB for {given.hours:g} hours, "
              f"{'exact' if row['exact'] else 'not the best path'}")


if __name__ == "__main__":
    main()
