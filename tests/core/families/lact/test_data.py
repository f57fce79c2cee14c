"""What the family makes of texts and clips before a model hears them: letters, chunks, findings, masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.errors import BadInput
from core.families import named, that
from core.families.base import Example, Trains, Transcribes
from core.families.base.sharing import FromScratch, SearchesBeams
from core.families.lact import labels, preparing
from core.families.lact.decoding import decoded
from core.families.lact.options import PRESETS, LactOptions
from core.modelling.ctc_decoding import Alphabet
from core.training import preflight
from core.types import Row, Split

LACT = named("lact")


def row(id: str, text: str, seconds: float = 3.0, split: Split = "train") -> Row:
    return Row(id, f"{id}.wav", 0.0, seconds, 16000, text, split)


def codes(rows: list[Row], **options: Any) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = LACT.preflight(rows, LACT.blank(), LactOptions(**options))
    return {each.code: (each.level, each.ids) for each in found}


def test_it_is_found_by_what_it_can_and_called_experimental() -> None:
    for ability in (Trains, Transcribes, FromScratch, SearchesBeams):
        assert "lact" in that(ability)
    assert "experimental" in LACT.title and all("experimental" in preset for preset in PRESETS)
    assert LACT.claims(LACT.blank()) and LACT.claims(Path(LACT.with_beam(str(LACT.blank()), 8)))


@pytest.mark.parametrize(("text", "said"), [
    ("Order one-two, PLEASE!", "order one two please"), ("don\u2019t  “stop”", "don't stop"),
    ("cafe\u0301 & 5 %", "café & 5 %"), ("...", ""),
])
def test_texts_are_written_as_they_are_said(text: str, said: str) -> None:
    assert labels.normalise(text) == said
    if said:
        prepared = LACT.prepare([row("a", text)], LACT.blank(), LactOptions())
        assert LACT.labels_as_text(row("a", text), prepared) == said


def test_a_text_of_nothing_is_told() -> None:
    with pytest.raises(BadInput, match="holds nothing to write"):
        labels.encode(" -- ", labels.vocabulary_of([row("a", "one")]))


@pytest.mark.parametrize("updates", [1, 4, 9])
def test_a_clip_of_mean_length_has_the_updates_that_were_asked_for(updates: int) -> None:
    rows = [row(str(i), "one", seconds) for i, seconds in enumerate((2.0, 4.0, 6.0))]
    prepared = LACT.prepare(rows, LACT.blank(), LactOptions(updates_per_clip=updates))
    layers = preparing.network_of(prepared).layers
    assert layers.updates(preparing.frames_of(4.0)) == updates
    estimate = LACT.estimate(rows, LACT.blank(), LactOptions(updates_per_clip=updates))
    assert "fast weights learn" in estimate.sentence
    frozen = LACT.estimate(rows, LACT.blank(), LactOptions(frozen=True))
    assert "frozen and never learn" in frozen.sentence


def test_what_spoils_a_run_is_named() -> None:
    good = [row(f"g{i}", "one two three four") for i in range(3)]
    bad = [row("empty", "?"), row("long", "one", 21.0), row("tight", "one two three four", 0.4),
           row("odd", "žluť", split="val"), row("short", "one", 0.3)]
    found = codes([*good, *bad])
    assert found["text_empty"] == ("refuse", ("empty",))
    assert found["letters_unheard"] == ("warn", ("odd",))
    assert found["no_updates"] == ("warn", ("short",))
    left = [each for each in LACT.preflight([*good, *bad], LACT.blank(), LactOptions())
            if each.code == "left_out"]
    assert [each.ids for each in left] == [("long",), ("tight",)]
    assert "“longest” (20 s)" in left[0].sentence
    assert codes(good) == {}
    assert "no_updates" not in codes([*good, bad[-1]], frozen=True)


def test_clips_that_cannot_be_learned_from_are_left_out(lact_data: Path) -> None:
    rows = [*manifest.read(lact_data), row("long", "one", 30.0)]
    found = preflight.findings(LACT, rows, LACT.blank(), LactOptions())
    assert {each.id for each in rows} - {each.id for each in preflight.learnable(rows, found)} == {"long"}


def test_a_chunk_longer_than_every_clip_is_told(lact_data: Path) -> None:
    """The published example: chunks of 41 s on clips of 20 s, whose fast weights never learned."""
    rows = [row(f"c{i}", "one two", 1.0 + i / 10) for i in range(4)]
    prepared = LACT.prepare(rows, LACT.blank(), LactOptions(updates_per_clip=0))
    assert preparing.network_of(prepared).layers.lact_chunk_size == 64
    assert codes(rows, updates_per_clip=0)["no_updates"] == ("refuse", ("c0", "c1", "c2", "c3"))
    assert "no_updates" not in codes(rows, updates_per_clip=0, frozen=True)
    held_out = [row("t", "one", 0.5, split="test")]
    (short,) = LACT.preflight(held_out, LACT.blank(), LactOptions(updates_per_clip=0), rows)
    assert (short.code, short.level) == ("no_updates", "warn"), "no reason not to train"


def test_disturbed_clips_are_a_function_of_seed_epoch_and_clip() -> None:
    mel = np.random.default_rng(0).normal(0, 1, (200, 80)).astype(np.float32)
    example, options = Example("a", mel, (3, 4, 3), "aba"), LactOptions()
    made = {key: LACT.augment(replace(example, id=key[0]), None, options, key[1], key[2]).features
            for key in (("a", 1, 0), ("a", 1, 1), ("a", 2, 0), ("b", 1, 0))}
    again = LACT.augment(example, None, options, 1, 0).features
    assert np.array_equal(again, made["a", 1, 0]) and np.array_equal(example.features, mel), "a copy"
    assert len({one.tobytes() for one in made.values()}) == 4
    quiet = LactOptions(tempo=0, time_masks=0, frequency_masks=0)
    assert np.allclose(LACT.augment(example, None, quiet, 1, 0).features, mel)
    tight = replace(example, features=mel[:20], labels=(3, 4, 3, 4, 5))
    fast = [len(LACT.augment(tight, None, LactOptions(tempo=0.4), 1, i).features) for i in range(20)]
    assert min(fast) == 20, "never so fast that the letters have no room"


@pytest.mark.budget(40)  # the first alignment compiles
def test_a_beam_writes_the_likeliest_text_with_times() -> None:
    letters = Alphabet({1: "|", 2: "a", 3: "b"}, 0, 1, frozenset({0}))
    logits = np.log(np.array([[0.1, 0.1, 0.7, 0.1], [0.6, 0.01, 0.01, 0.38], [0.6, 0.01, 0.01, 0.38]],
                             np.float32))
    greedy, beam = (decoded("c", logits, letters, 0.04, width) for width in (1, 8))
    assert (greedy.text, beam.text) == ("a", "ab")
    assert beam.words[0].start == 0.0 and beam.words[0].end in (0.08, 0.12)
    assert beam.score is not None and 0 < beam.score < 1
