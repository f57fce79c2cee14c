"""Every known way of fooling oneself with a voice, planted in the training, and refused by the name of its
check; without it the same check passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch

from core import manifest
from core.families.base import Batch, Example, Prepared
from core.families.base.options import LoopOptions
from core.families.higgs import HiggsFamily, labels, network, template
from core.families.higgs.labels import NOT_LEARNED, Sample
from core.modelling.delay import Codes
from core.training import examining
from core.training.checks import Check, spoken, spoken_model

Options = Callable[..., LoopOptions]
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def model(family: HiggsFamily, base: Path, prepared: Prepared, options: Options) -> torch.nn.Module:
    return family.load(base, prepared, options()).eval()


@pytest.fixture
def look(family: HiggsFamily, model: torch.nn.Module, pairs: list[Example], prepared: Prepared
         ) -> Iterator[Callable[[], dict[str, Check]]]:
    """`look()`: the checks on the training pairs by their names; they pass before and after the fault."""

    def checks() -> dict[str, Check]:
        return {check.name: check for check in spoken_model.checks(family, model, pairs, prepared)}

    assert "refused" not in {check.outcome for check in checks().values()}
    yield checks


def refused(found: dict[str, Check]) -> dict[str, str]:
    return {name: check.sentence for name, check in found.items() if check.outcome == "refused"}


def test_what_is_right_passes_and_says_so(look: Callable[[], dict[str, Check]]) -> None:
    found = look()
    assert set(found) == {"codebook", "end", "reference", "shift", "delay", "labels_sound", "prompt", "mean",
                          "adapter_place", "conditioning"}
    assert {name: check.outcome for name, check in found.items() if name != "conditioning"} == dict.fromkeys(
        set(found) - {"conditioning"}, "passed")
    assert found["conditioning"].outcome == "warned", "random weights listen to nothing"
    assert "own template agree" in found["prompt"].sentence


def test_ends_that_are_masked(look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch) -> None:
    real = labels.labels_of

    def without_ends(codes: Codes, prepared: Prepared) -> Codes:
        made = real(codes, prepared)
        return np.where(made == 1025, NOT_LEARNED, made)

    monkeypatch.setattr(labels, "labels_of", without_ends)
    assert "go on to the length limit" in refused(look())["end"]


def test_a_reference_that_is_learned(
    look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = labels.sample

    def all_learned(one: Any, prepared: Prepared) -> Sample:
        made = real(one, prepared)
        before = labels.labels_of(one.reference.features, prepared)
        return replace(made, labels=np.concatenate([before, made.labels[len(before) :]]))

    monkeypatch.setattr(labels, "sample", all_learned)
    assert "repeat its reference" in refused(look())["reference"]


@pytest.mark.parametrize(("by", "said"), [(0, "learn to copy what it reads"), (2, "by 2 instead of 1")])
def test_labels_that_are_shifted_by_another_number(
    by: int, said: str, look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(one: Sample, prepared: Prepared) -> Codes:
        at_places = np.full((len(one.ids) + 2, 8), NOT_LEARNED, np.int64)
        at_places[: len(one.ids)][np.isin(one.ids, prepared.extra["sound"])] = one.labels
        return at_places[by : by + len(one.ids)]

    monkeypatch.setattr(network, "targets_of", shifted)
    assert said in refused(look())["shift"]


def test_a_loss_that_is_divided_by_all_places(
    look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(batch: Batch) -> dict[str, float]:
        n = float(batch["attention_mask"].sum())
        return {f"codebook_{book + 1}": n for book in range(8)}

    monkeypatch.setattr(network, "count", count)
    assert "divided by the wrong number" in refused(look())["mean"]


def test_sounds_without_the_delay_pattern(
    look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def beside_each_other(frames: Codes, before: int, after: int) -> Codes:
        fill = np.full((frames.shape[1] - 1, frames.shape[1]), after, np.int64)
        return np.concatenate([frames, fill])

    monkeypatch.setattr(labels, "delayed", beside_each_other)
    assert "delay pattern that production follows" in refused(look())["delay"]


def test_codebooks_of_1024(family: HiggsFamily, pairs: list[Example], prepared: Prepared) -> None:
    narrow = Prepared({}, "", {**prepared.extra, "rows": 1024})
    found = {check.name: check for check in spoken.of_pair(family.taught(pairs[0], narrow))}
    assert "need 1026 (codebook_size in its config)" in refused(found)["codebook"]


@pytest.mark.parametrize(("pattern", "said"), [
    (r"model\.layers\.\d+\.(self_attn\.[qkvo]_proj|(audio_)?mlp\.(gate|up|down)_proj)",
     "work on texts alone"),
    (r"model\.layers\.\d+\.self_attn\.[qkvo]_proj", "have no adapter"),
])
def test_adapters_on_the_wrong_layers(
    pattern: str, said: str, family: HiggsFamily, base: Path, prepared: Prepared, options: Options,
    pairs: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "TARGETS", re.compile(pattern))
    wrong = family.load(base, prepared, options()).eval()
    check = spoken_model.adapter(family, wrong, pairs, prepared)
    assert check.name == "adapter_place" and check.outcome == "refused" and said in check.sentence


def test_a_prompt_that_production_does_not_use(
    look: Callable[[], dict[str, Check]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = labels.sample

    def other(one: Any, prepared: Prepared) -> Sample:
        made = real(one, prepared)
        return replace(made, ids=np.concatenate([labels.encode("x", prepared), made.ids]))

    with monkeypatch.context() as patched:
        patched.setattr(labels, "sample", other)
        assert "another beginning than production" in refused(look())["prompt"]
    monkeypatch.setattr(template, "ids_by_template", lambda *_: np.zeros(3, np.int64))
    assert "own chat template" in refused(look())["prompt"]


def test_a_model_that_listens_is_told_from_one_that_does_not(
    family: HiggsFamily, base: Path, pairs: list[Example], prepared: Prepared, options: Options
) -> None:
    """Two speakers say the same texts, so that the reference alone tells with which code a take begins; after
    it the take itself tells, so that the gain is spread over all of its codes."""
    torch.manual_seed(1)
    learner = family.load(base, prepared, options(train_tables=True))
    optimizer = torch.optim.AdamW([p for p in learner.parameters() if p.requires_grad], lr=0.02)
    batch = family.collate(pairs, prepared)
    for _ in range(40):
        sum(value / 10 for value, _ in family.loss(learner, batch).values()).backward()  # type: ignore[union-attr]
        optimizer.step()
        optimizer.zero_grad()
    check = spoken_model.conditioning(family, learner.eval(), pairs, prepared)
    assert check.outcome == "passed" and check.figures["right"] < 0.2, check
    with family.base_of(learner):
        assert spoken_model.conditioning(family, learner, pairs, prepared).outcome == "warned"


def test_references_that_do_not_fit(family: HiggsFamily, pairs: list[Example]) -> None:
    wrong = [network.as_take(pair) for pair in family.misheard(pairs)]
    assert all(one.reference and one.reference.speaker != one.speaker for one in wrong)
    own = [pair for pair in pairs if network.as_take(pair).speaker == "Ada"]
    for before, after in zip(own, family.misheard(own), strict=True):
        one, two = network.as_take(before).reference, network.as_take(after).reference
        assert one and two and not np.array_equal(one.features, two.features)
        assert np.array_equal(np.sort(one.features, axis=0), np.sort(two.features, axis=0))


def test_the_preflight_runs_them_on_the_data(
    family: HiggsFamily, base: Path, takes: Path, options: Options, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    rows = manifest.read(takes)
    found = examining.examine(family, rows, takes, base, options(), "cpu", sounds=tmp_path / "sounds")
    assert {"end", "reference", "shift", "delay", "labels_sound", "prompt", "mean", "adapter_place",
            "conditioning", "padding", "accumulation", "delta"} <= {check.name for check in found}
    assert not [check for check in found if check.outcome == "refused"]
    (heard,) = [check for check in found if check.name == "labels_sound"]
    assert heard.ids and {path.stem for path in (tmp_path / "sounds").iterdir()} == set(heard.ids)
    for row in [row for row in rows if row.id in heard.ids]:  # whole frames of 40 ms
        taught = soundfile.info(tmp_path / "sounds" / f"{row.id}.wav")
        assert taught.samplerate == 24_000 and 0 <= taught.duration - row.seconds < 0.04
    monkeypatch.setattr(labels, "delayed", lambda frames, *_: frames)
    stopped = examining.examine(family, rows, takes, base, options(), "cpu")
    assert "delay" in {check.name for check in stopped if check.outcome == "refused"}
