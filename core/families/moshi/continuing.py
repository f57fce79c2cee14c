"""What a model writes and says to given sound. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.families.base import Batch, Example, Prepared
from core.families.moshi import labels, network
from core.modelling.kyutai.stream import FRAME_RATE
from core.modelling.moshi import streams
from core.modelling.moshi.forward import Talker
from core.types import Prediction

if TYPE_CHECKING:

    from core.modelling.moshi.streams import Numbers

BATCH = 8
GIVEN = round(3 * FRAME_RATE)
"""Frames of a clip that are given before the model goes on by itself, and half of a short one."""


def predict(model: Any, examples: Sequence[Example], prepared: Prepared) -> list[Prediction]:
    """The text that the model writes step by step to the whole sound of each example, always the likeliest
    piece. The text of a clip that teaches none is padding, as in training: nothing is written there."""
    found = {example.id: "" for example in examples}
    asked = [talk for talk in map(network.as_talk, examples) if talk.teaches_text]
    for at in range(0, len(asked), BATCH):
        part = asked[at : at + BATCH]
        for one, written in zip(part, write(model, part, prepared), strict=True):
            found[one.id] = labels.decode(written, prepared)
    return [Prediction(example.id, found[example.id]) for example in examples]


def write(model: Any, talks: Sequence[labels.Talk], prepared: Prepared) -> list[list[int]]:
    """The pieces (frames,) that the model writes to the sound of each."""
    import torch

    batch = network.batch_of(talks, prepared)
    steps = []
    with network.evaluating(model) as at:
        batch = {name: value.to(at) for name, value in batch.items()}
        talker = _at_the_start(model, batch)
        for place in range(batch["heard"].shape[1]):
            steps.append(talker.step()[1].argmax(-1))
            talker.take(steps[-1], batch["heard"][:, min(place + 1, batch["heard"].shape[1] - 1)])
    written = torch.stack(steps, 1).cpu().tolist()
    return [pieces[: len(one.features)] for pieces, one in zip(written, talks, strict=True)]


def _at_the_start(model: Any, batch: Batch) -> Talker:
    return Talker(model, batch["text"][:, 0], batch["heard"][:, 0])


def go_on(model: Any, example: Example, prepared: Prepared) -> Numbers:
    """The codes (frames, codebooks) of what the model says for one example: its own beginning, and from there
    on what it finds likeliest, to the end of the clip; the other speaker says what was recorded."""
    import torch

    books, one = int(prepared.extra["codebooks"]), network.as_talk(example)
    with network.evaluating(model) as at:
        batch = {name: value.to(at) for name, value in network.collate([one], prepared).items()}
        heard, n = batch["heard"][0], batch["heard"].shape[1]
        given, talker, said = min(GIVEN, n // 2), _at_the_start(model, batch), []
        for place in range(n):
            hidden, scores = talker.step()
            is_given = place < given
            text = batch["pieces"][:, place] if is_given else scores.argmax(-1)
            own = heard[None, place + 1, :books] if is_given else talker.codes(hidden, text)
            said.append(own[0].cpu())
            user = heard[min(place + 1, n - 1), books:][None]
            talker.take(text, torch.cat([own, user], 1))
    return streams.undelayed(np.asarray(torch.stack(said).numpy(), np.int64))
