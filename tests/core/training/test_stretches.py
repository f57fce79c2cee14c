"""Windows of long files as rows: all of a file, each once an epoch over all shares, their words with them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from core.cache import ArrayCache
from core.families import named
from core.families.base import Trains
from core.training import items
from core.training.corpus import Corpus
from core.training.feeding import Windows
from core.training.stretches import Stretches
from core.types import Row, Word


def row(
    name: str, seconds: float, start: float = 0.0, stamp: str = "1-a", words: tuple[Word, ...] = ()
) -> Row:
    return Row(name, f"{name}.flac", start, start + seconds, 16_000, "", "train", words, stamp=stamp)


HOURS = [row("a", 3600.0), row("b", 61.5), row("c", 60.0), row("d", 7.0), row("e", 60.5),
         row("take", 300.0, stamp="")]


def test_each_file_is_cut_from_its_start_to_its_end() -> None:
    cut = Stretches(HOURS, 60.0)
    assert [each.id for each in cut][58:] == ["a@3480s", "a@3540s", "b@0s", "b@60s", "c", "d", "e", "take"]
    assert [each.start for each in cut[:60]] == [60.0 * n for n in range(60)]
    assert sum(each.seconds for each in cut) == sum(each.seconds for each in HOURS), "nothing is lost"
    assert cut.seconds().tolist() == pytest.approx([each.seconds for each in cut])
    assert cut[-1] == HOURS[-1], "a take of a project is no corpus, and stays whole"
    with pytest.raises(IndexError):
        cut[len(cut)]
    assert len(Stretches([], 60.0)) == 0


def test_a_window_is_a_part_of_its_clip_with_the_words_that_begin_in_it() -> None:
    words = (Word("one", 0.5, 0.9), Word("two", 9.8, 10.3), Word("three", 10.0, 10.6),
             Word("four", 24.0, 24.5))
    cut = Stretches([row("x", 25.0, start=100.0, words=words)], 10.0)
    assert [(each.start, each.end) for each in cut] == [(100.0, 110.0), (110.0, 120.0), (120.0, 125.0)]
    assert [[(word.text, word.start) for word in each.words] for each in cut] == [
        [("one", 0.5), ("two", 9.8)], [("three", 0.0)], [("four", 4.0)]]
    assert [each.text for each in cut] == ["one two", "three", "four"]


def test_a_year_of_sound_takes_eight_bytes_a_window() -> None:
    cut = Stretches([row(str(n), 20 * 60.0) for n in range(1000)], 1.0)
    assert len(cut) == 1_200_000 and cut.seconds().nbytes == 8 * len(cut)
    assert cut[777_777].id == "648@177s"


def test_validation_looks_at_beginnings_and_learning_at_all() -> None:
    moshi, ctc = (cast(Trains, named(name)) for name in ("moshi", "ctc"))
    options = moshi.options(window_seconds=30.0)  # type: ignore[call-arg]
    many = [row(str(n), 100.0) for n in range(items.LOOKED_AT + 50)]
    looked = items.looked_at(moshi, many, options)
    assert len(looked) == items.LOOKED_AT and {each.seconds for each in looked} == {30.0}
    assert looked == items.looked_at(moshi, many, options)
    assert len(items.learned(moshi, many, options)) == 4 * len(many)
    assert items.learned(ctc, many, ctc.options()) == many, "who learns texts takes each clip whole"
    takes = [row("take", 100.0, stamp="")]
    assert items.looked_at(moshi, takes, options) == takes == items.learned(moshi, takes, options)


@pytest.fixture
def corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Corpus:
    """Windows of long files whose example is their row."""
    ctc = cast(Trains, named("ctc"))
    monkeypatch.setattr(ctc, "encoder_id", lambda base: "none")
    made = Corpus(ctc, Stretches(HOURS, 20.0), tmp_path, tmp_path, cast(Any, None), ArrayCache(tmp_path))
    monkeypatch.setattr(made, "example", lambda i, epoch: made.rows[i])
    monkeypatch.setattr(ctc, "augment", lambda example, *_: example)
    return made


def windows(corpus: Corpus, seed: int = 3, rank: int = 0, world: int = 1) -> Windows:
    """The windows of a run with eight clips a step."""
    options = SimpleNamespace(batch_size=4, accumulation=2, seed=seed)
    plan = SimpleNamespace(family=named("ctc"), train=corpus, prepared=None, options=options)
    return Windows(cast(Any, plan), rank, world)


@pytest.mark.parametrize("world", [1, 3, 8])
def test_every_window_comes_once_an_epoch_over_all_processes(corpus: Corpus, world: int) -> None:
    for epoch in (0, 1):
        shares = [[clip for n in range(len(own)) for clip in own[epoch, n]]
                  for own in (windows(corpus, rank=rank, world=world) for rank in range(world))]
        counted = Counter(clip.id for share in shares for clip in share)  # type: ignore[union-attr]
        assert set(counted.values()) == {1} and len(counted) == len(corpus)


def test_a_place_of_an_epoch_depends_on_seed_epoch_and_number_alone(corpus: Corpus) -> None:
    one, same, other = (windows(corpus, seed) for seed in (3, 3, 4))
    backwards = [same[2, n] for n in reversed(range(len(same)))][::-1]
    order = [one[2, n] for n in range(len(one))]
    assert backwards == order != [other[2, n] for n in range(len(other))]
    assert order != [one[3, n] for n in range(len(one))]


def test_what_is_due_in_a_run_is_what_its_steps_will_read(corpus: Corpus) -> None:
    made = windows(corpus)
    due = made.due(5)
    read = [corpus.rows[i] for i in due]
    assert read == [clip for n in range(5) for clip in made[0, n]] and len(due) == 40
    assert sorted(made.due(10_000)) == list(range(len(corpus))), "in more than an epoch all, and each once"
    assert np.array_equal(due, windows(corpus).due(5))
