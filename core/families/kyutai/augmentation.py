"""How much silence stands around a clip, and which part of a long one is heard: drawn from (seed, epoch,
clip), because production begins anywhere."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from core.families.base import Prepared
from core.families.kyutai import labels, windows
from core.families.kyutai.frames import BEHIND, FRONT
from core.families.kyutai.labels import Spoken
from core.families.kyutai.options import KyutaiOptions

FEWEST_IN_FRONT = 2
"""Frames: the first word needs a place for its mark, and the codec a beginning."""


def augment(one: Spoken, prepared: Prepared, options: KyutaiOptions, seed: int, epoch: int) -> Spoken:
    """`one`, or a part of it, with another length of silence before and behind."""
    digest = hashlib.sha256(one.id.encode("utf-8")).digest()
    rng = np.random.default_rng([seed, 2, epoch, *digest[:8]])
    parts = windows.cut(one.words, one.seconds, options.window_seconds)
    # each part in turn, from another one on in each clip
    window = parts[(int.from_bytes(digest[8:12]) + epoch) % len(parts)]
    front = int(rng.integers(FEWEST_IN_FRONT, FRONT + 1))
    drop = int(rng.integers(0, round(BEHIND * labels.rule_of(prepared).rate) + 1))
    return part(one, window, front, drop, prepared)


def part(one: Spoken, window: windows.Window, front: int, drop: int, prepared: Prepared) -> Spoken:
    """The words that begin in `window` with their sound, `front` frames of silence before, and behind it
    `drop` frames fewer than there are, but never so few that a piece is lost."""
    rule, tail = labels.rule_of(prepared), int(prepared.extra["tail"])
    codes = one.features
    n = len(codes) - FRONT - tail
    first, last = (min(n, round(edge * rule.rate)) for edge in window)
    last = n if window[1] >= one.seconds else last
    heard = np.concatenate([
        # the beginning of the stream and what stands right before the clip stay; the middle goes
        codes[: (front + 1) // 2], codes[FRONT - front // 2 : FRONT],
        codes[FRONT + first : FRONT + last], codes[FRONT + n :],
    ])
    inside = windows.inside(one.words, window)
    words = tuple(one.words[number] for number in inside)
    spelled = tuple(one.pieces[number] for number in inside)
    stream = labels.laid(words, spelled, (first - front) / rule.rate, len(heard), rule)
    text = [frame for frame, owner in enumerate(stream.owners) if owner >= 0]
    keep = max(len(heard) - drop, max(text, default=-1) + 2)
    keep = min(keep, len(heard))
    said = one.text if len(words) == len(one.words) else " ".join(word.text for word in words)
    return replace(one, features=heard[:keep], labels=stream.tokens[:keep], text=said,
                   seconds=(last - first) / rule.rate, words=words, pieces=spelled)
