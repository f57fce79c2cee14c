"""The whole set: counted, its odd things found, its leaks named; five thousand clips in a second."""
from __future__ import annotations

import json
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

from core import manifest
from core.config import DataRoot
from core.db import connect
from core.library import Clip, Library, Project, clips
from core.library.transcripts import Draft
from core.quality.clip import ClipQuality
from core.quality.whole import alphabet, growth, outliers, same_texts
from core.steps import spot_check, thresholds, whole_set
from core.types import Row
from tests.made import library, take

FLAT = ClipQuality(3.0, -6.0, -20.0, -18.0, 0.0, 40.0, -60.0, 0.2, 0.2, 0.1, 0.2, None, 7000.0, 0.0)


def many(lib: Library, project: Project, texts: list[str], **odd: dict[int, float]) -> list[str]:
    """Clips with these texts, by three speakers in turn; `odd` sets a figure of some."""
    speakers = [lib.speakers.named(project.id, name).id for name in ("Ann", "Ben", "Cleo")]
    ids = [f"{n:012x}" for n in range(len(texts))]
    with connect(lib.root.database) as db:
        for n, clip_id in enumerate(ids):
            figures = {name: values[n] for name, values in odd.items() if n in values}
            quality = replace(FLAT, **{"seconds": 3.0 + 0.01 * (n % 7), **figures})
            clips.insert(db, Clip(
                clip_id, project.id, "take", f"{n}.wav", f"p/{n}.wav", f"{n:032x}" * 2, 16000, 48000, 0.0,
                quality.seconds, speakers[n % 3], None, "target", "todo", "", "", 0, None, asdict(quality),
                n + 1.0))
    drafts = [Draft(clip_id, text, "person", None) for clip_id, text in zip(ids, texts, strict=True)]
    lib.transcripts.append(project.id, drafts, "maker")
    return ids


def test_the_vocabulary_grows_and_becomes_flat() -> None:
    assert growth([]) == []
    assert growth(["one two", "two three", "One, TWO!"]) == [(2, 2), (4, 3), (6, 3)]
    curve = growth([f"word{n % 10}" for n in range(1000)])
    assert len(curve) == 100 and curve[0] == (1, 1) and curve[-1] == (1000, 10)


def test_strange_letters_are_found() -> None:
    odd = ["the whаle sleeps", "the whale sleeps 7", "naïve", "a\u00a0b", "jazz"]
    texts = ["the whale sleeps, again"] * 50 + odd
    found = {letter.sign: letter for letter in alphabet(texts)}
    assert (found["e"].n, found["e"].n_clips) == (50 * 4 + 4 + 4 + 1, 53)
    strange = {sign for sign, letter in found.items() if letter.is_strange}
    assert strange >= {"а", "7", "ï", "\u00a0", "j"} and not strange & set("ehlsptw,")
    assert " " not in found and found["а"].name == "cyrillic small letter a"
    samoan = alphabet(["ʻo le tala", "ā"])
    assert not any(letter.is_strange for letter in samoan), "few texts: nothing is rare, and ʻ is a letter"
    assert alphabet([]) == []


def test_the_same_words_are_the_same_text() -> None:
    assert same_texts({"a": "One, two.", "b": "one two", "c": "three", "d": "", "e": "", "f": "ONE TWO"}) == [
        ("a", "b", "f")]


def test_outliers_by_the_median_absolute_deviation() -> None:
    usual = [3.0, 3.1, 2.9, 3.0, 3.2, 2.8]
    assert outliers([*usual, 9.0, None]) == (3.0, [6])
    assert outliers(usual) == (3.0, [])
    assert outliers([1.0, 100.0]) == (50.5, []), "too few to be unlike anything"
    assert outliers([None]) == (None, [])


def test_the_whole_is_the_sum_of_its_clips(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    texts = [f"order {n} one two three" for n in range(30)]
    texts[4], texts[5] = "order one", "order one"
    ids = many(lib, project, texts, speech_dbfs={9: -60.0}, seconds={10: 30.0})
    take(lib, project, name="silent.wav")
    found = whole_set.whole_set(lib, project)
    assert (found.n_clips, found.n_without_text) == (31, 1)
    assert found.n_words == 28 * 5 + 4 and found.n_distinct == 28 + 4
    assert found.same_text == ((ids[4], ids[5]),) and found.same_sound == ()
    odd = {voice.name: voice.odd for voice in found.voices}
    assert odd["Ann"]["speech_dbfs"] == (ids[9],) and ids[10] in odd["Ben"]["seconds"]
    assert {letter.sign for letter in whole_set.rarely(found)} >= set("0123456789")


def test_the_same_sound_under_two_names(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    ids = many(lib, project, ["one", "two", "three"])
    with connect(lib.root.database) as db:
        db.execute("UPDATE clips SET sha256 = 'same', start = 0, \"end\" = 1 WHERE id IN (?, ?)", ids[:2])
        db.execute("UPDATE clips SET sha256 = 'same', start = 1, \"end\" = 2 WHERE id = ?", ids[2:])
    found = whole_set.whole_set(lib, project)
    assert found.same_sound == ((ids[0], ids[1]),), "another stretch is another sound"


def test_leaks_between_the_parts_of_a_dataset(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    row = Row("a", "a.wav", 0.0, 1.0, 16000, "one two", "train", speaker="ann", prompt_id="1", sha256="x")
    clean = [row, replace(row, id="b", text="three", split="test", speaker="ben", prompt_id="2", sha256="y")]
    leaking = [row, replace(row, id="b", text="One two.", split="test", prompt_id="2"),
               replace(row, id="c", text="four", split="train", speaker="cy", prompt_id="2", sha256="z")]
    for name, rows in (("clean", clean), ("leaking", leaking), ("gone", clean)):
        folder = data_root.project(project.slug) / "datasets" / name
        manifest.write(folder, rows)
        lib.datasets.add(project.id, name, str(folder.relative_to(data_root.path)), name, {})
    (data_root.project(project.slug) / "datasets" / "gone" / manifest.NAME).unlink()
    bad, good = whole_set.leaks(lib, project)
    assert (bad.dataset, good.dataset) == ("leaking", "clean")
    assert set(good.shared.values()) == {()}
    assert bad.shared == {"recording": ("x",), "prompt": ("2",), "text": ("one two",), "speaker": ("ann",)}


def test_an_empty_project_is_an_empty_set(data_root: DataRoot) -> None:
    found = whole_set.whole_set(*library(data_root))
    assert (found.n_clips, found.n_words, found.n_distinct, found.letters, found.voices) == (0, 0, 0, (), ())


@pytest.mark.budget(20)
def test_five_thousand_clips_are_listed_at_once_and_looked_at_in_a_second(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    words = "order number one two three four five six seven eight nine zero please call the office".split()
    rng = np.random.default_rng(0)
    many(lib, project, [" ".join(rng.choice(words, 8)) for _ in range(5000)])

    def seconds(act: object) -> float:
        assert callable(act)
        took = []
        for _ in range(3):
            began = time.perf_counter()
            act()
            took.append(time.perf_counter() - began)
        return min(took)

    limits = thresholds.limits_of({"snr_db": [30, None], "words_per_second": [1, 4]})
    listed = seconds(lambda: spot_check.ordered(lib, spot_check.checks(lib, project), "snr_db"))
    limited = seconds(lambda: thresholds.outcome(spot_check.checks(lib, project), limits))
    whole = seconds(lambda: whole_set.whole_set(lib, project))
    assert listed < 0.2 and limited < 0.3 and whole < 1.0, (listed, limited, whole)


def test_figures_survive_the_library(data_root: DataRoot) -> None:
    lib, project = library(data_root)
    clip_id, = many(lib, project, ["one two three"])
    clip, = lib.clips.checks(project.id)
    assert clip.id == clip_id and json.loads(clip.quality)["snr_db"] == 40.0
    assert spot_check.checks(lib, project).figures("words_per_second") == [pytest.approx(3 / 2.6)]
