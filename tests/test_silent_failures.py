"""The twenty-one ways in which training fails without a word: each is planted here, and is found.

One test a row of the table, in its order and with its number. A test plants the failure, shows that a check,
a guard or the preflight names it, and that the same without the failure passes.
"""
from __future__ import annotations

import dataclasses
import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import manifest
from core.errors import Refused, StudioError
from core.evaluation import rates, verdict
from core.families import named
from core.families.base import Example, Prepared
from core.modelling import checkpoint_folder as folders
from core.modelling.devices import Machine
from core.run_dir import RunDir
from core.training import examining, guards, preflight
from core.training.checks import (
    IGNORE,
    Check,
    adapters,
    batching,
    chunks,
    figures,
    machine,
    perturbing,
    sequences,
)
from core.training.loading import load_tuned
from core.training.loop import train
from core.training.merging import merge_run
from core.types import Row
from tests.core import conftest as tiny

BaseMaker = Callable[..., Path]
RunMaker = Callable[..., RunDir]
CTC = named("ctc")
END = 9
tiny_base, own_base, tiny_data = tiny.tiny_base, tiny.own_base, tiny.tiny_data
new_run, one_thread = tiny.new_run, tiny.one_thread
pytestmark = pytest.mark.usefixtures("one_thread")


# --- what the rows share


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_base: BaseMaker, tiny_data: Path) -> RunDir:
    """A run of two steps that went well, on a base of its own; copies of it are spoiled."""
    folder = tmp_path_factory.mktemp("finished")
    base = shutil.copytree(tiny_base(), folder / "base")
    options = {"steps": 2, "batch_size": 4, "eval_every": 2, "lr": 0.05, "rank": 2, "alpha": 4.0}
    order = {"family": "ctc", "base": str(base), "dataset": str(tiny_data), "device": "cpu",
             "options": options}
    run = RunDir.create(folder / "project" / "runs", "train", order)
    train(run, run.order())
    return run


@pytest.fixture
def copy(finished: RunDir, tmp_path: Path) -> RunDir:
    """The run, and its base, to be spoiled."""
    run = RunDir(shutil.copytree(finished.path, tmp_path / "project" / "runs" / finished.path.name))
    shutil.copytree(finished.order()["base"], tmp_path / "base")
    (run.path / "run.json").write_text(json.dumps({**run.order(), "base": str(tmp_path / "base")}))
    return run


def events(run: RunDir, kind: str) -> list[dict[str, Any]]:
    return [row for row in run.history() if row["kind"] == kind]


def checked(rows: list[Row], base: Path, folder: Path) -> dict[str, Check]:
    """The preflight by the names of its checks, the worst of each name."""
    found = preflight.checks(CTC, rows, folder, base, CTC.options())
    ranked = sorted(found, key=lambda check: ("passed", "warned", "refused").index(check.outcome))
    return {check.name: check for check in ranked}


def opened(base: Path) -> tuple[Any, Prepared]:
    """(model with its adapter, what was prepared)."""
    options = CTC.options(rank=2)
    prepared = CTC.prepare([], base, options)
    return CTC.load(base, prepared, options).eval(), prepared


def noise(base: Path, seconds: tuple[float, ...] = (0.4, 1.1)) -> list[Example]:
    from core.families.ctc import network

    rng = np.random.default_rng(0)
    made = [network.extract(rng.normal(0, 0.1, round(s * 16000)).astype(np.float32), base) for s in seconds]
    return [Example(f"c{i}", features, (2, 3, 4), "abc") for i, features in enumerate(made)]


# --- the table


def test_01_labels_that_are_not_shifted_or_shifted_twice(
    tiny_base: BaseMaker, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 1: the model learns to copy what it reads. Seen by the shift, and by labels that are read back."""
    heard = [1, 5, 3, 7, 2, 4, END]
    right, copied, twice = [*heard[1:], IGNORE], heard, [*heard[2:], IGNORE, IGNORE]
    assert sequences.shifted(heard, right).outcome == "passed"
    assert "learn to copy what it reads" in sequences.shifted(heard, copied).sentence
    assert "shifted by 2 instead of 1" in sequences.shifted(heard, twice).sentence
    assert "Only 0 %" in sequences.shifted(heard, [8] * 7).sentence
    assert {sequences.shifted(heard, wrong).outcome for wrong in (copied, twice, [8] * 7)} == {"refused"}

    from core.families.ctc import labels

    rows, real = manifest.read(tiny_data), labels.encode
    assert checked(rows, tiny_base(), tiny_data)["labels"].outcome == "passed"
    monkeypatch.setattr(labels, "encode", lambda *given: tuple(i + 1 for i in real(*given)))
    found = checked(rows, tiny_base(), tiny_data)["labels"]
    assert found.outcome == "refused" and "“tfwfoafjhiu” for “seven eight”" in found.sentence


def test_02_an_end_that_is_masked_from_the_labels() -> None:
    """Row 2: such a model always runs to the length limit."""
    whole, masked = [IGNORE, 4, 5, END], [IGNORE, 4, 5, IGNORE]
    assert sequences.ended([whole, whole], END).outcome == "passed"
    found = sequences.ended([whole, masked], END)
    assert found.outcome == "refused" and "1 of 2 streams" in found.sentence and "limit" in found.sentence
    assert sequences.ended([[4, END, 5]], END).outcome == "refused"
    assert sequences.ended([[4, END, END]], END).outcome == "refused"


def test_03_a_prompt_or_padding_that_is_supervised() -> None:
    """Row 3: worse with every epoch. Only the target carries labels."""
    target = range(2, 5)
    right = [IGNORE, IGNORE, 6, 7, END, IGNORE]
    assert sequences.supervised(right, target).outcome == "passed"
    prompted, padded, gap = [3, *right[1:]], [*right[:5], 0], [*right[:3], IGNORE, *right[4:]]
    for wrong in (prompted, padded):
        found = sequences.supervised(wrong, target)
        assert (found.outcome, found.figures["n_outside"]) == ("refused", 1)
    assert "1 of 3 places" in sequences.supervised(gap, target).sentence


def test_04_a_layer_that_sees_the_future() -> None:
    """Row 4: training loss falls, streaming gets worse."""
    import torch

    torch.manual_seed(0)
    layer, inputs = torch.nn.Conv1d(3, 3, 5), torch.randn(1, 12, 3)

    def heard(left: int, right: int) -> perturbing.Forward:
        pad = torch.nn.functional.pad
        return lambda x: layer(pad(x.transpose(1, 2), (left, right))).transpose(1, 2)

    assert perturbing.causal(heard(4, 0), inputs, at=6).outcome == "passed"
    found = perturbing.causal(heard(2, 2), inputs, at=6)
    assert found.outcome == "refused" and "sees the future" in found.sentence
    deaf = perturbing.causal(lambda x: torch.zeros_like(x), inputs, at=6)
    assert deaf.outcome == "refused" and "does not hear" in deaf.sentence


def test_05_one_sample_that_is_no_number(new_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 5: all weights turn NaN while the log shows 0.0. The clip is named, and not
    learned."""
    real = CTC.augment

    def augment(example: Example, *rest: Any) -> Example:
        found: Example = real(example, *rest)
        if example.id == "c7":
            found.features[:] = np.nan
        return found

    monkeypatch.setattr(CTC, "augment", augment)
    run = new_run({"steps": 2, "batch_size": 2, "accumulation": 4})
    assert train(run, run.order()).ended == "done"
    assert [row["ids"] for row in events(run, "skipped")] == [["c7"], ["c7"]]
    assert all(row["loss"] > 0 for row in events(run, "step")) and len(events(run, "step")) == 2
    assert guards.is_finite(folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER))


def test_06_a_weighted_loss_without_weight_in_the_batch(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 6: nothing by nothing is no number. A term that no clip has counts as nothing."""
    count, loss = CTC.count, CTC.loss

    def with_a_term(model: Any, batch: Any) -> Any:
        terms = loss(model, batch)
        return {**terms, "digits": (terms["ctc"][0] * 0.0, 2.0)}

    monkeypatch.setattr(CTC, "count", lambda batch: {**count(batch), "digits": 0})
    monkeypatch.setattr(CTC, "loss", with_a_term)
    run = new_run({"steps": 1})
    train(run, run.order())
    assert [math.isfinite(row["loss"]) for row in events(run, "step")] == [True]
    assert events(run, "skipped") == []


def test_07_a_loss_that_is_divided_by_the_wrong_count(
    tiny_base: BaseMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 7: 26.2 was told for 14.1, and accumulation changed the step."""
    model, prepared = opened(tiny_base())
    example, loss = noise(tiny_base())[0], CTC.loss
    assert batching.accumulation(CTC, model, example, prepared).outcome == "passed"
    with monkeypatch.context() as planted:
        planted.setattr(CTC, "loss", lambda model, batch: {
            "ctc": (loss(model, batch)["ctc"][0] / len(batch["label_lengths"]), 1.0)})
        found = batching.accumulation(CTC, model, example, prepared)
        assert found.outcome == "refused" and "accumulating would change the result" in found.sentence
    with monkeypatch.context() as planted:
        planted.setattr(CTC, "count", lambda batch: {"ctc": max(batch["label_lengths"])})
        assert "the wrong number" in batching.accumulation(CTC, model, example, prepared).sentence
    losses = [20.0, 10.0, 12.3]
    assert batching.by_hand(losses, 14.1).outcome == "passed"
    assert "is told as 26.2" in batching.by_hand(losses, 26.2).sentence


def test_08_a_resume_that_swallows_a_lost_optimizer(copy: RunDir) -> None:
    """Row 8: the curve jumps. What cannot be put back is an error, never a fresh start."""
    from safetensors.torch import save_file

    folder = folders.chosen(copy.path, "last")
    held = folders.read_tensors(folder, folders.OPTIMIZER)
    gone = next(iter(held)).rsplit("/", 1)[0]
    for left in ({n: t for n, t in held.items() if not n.startswith(gone)}, {}):  # one, and all
        save_file(left, folder / folders.OPTIMIZER)
        hashes = {**json.loads((folder / folders.HASHES).read_text()),
                  folders.OPTIMIZER: folders.sha256_of(folder / folders.OPTIMIZER)}
        (folder / folders.HASHES).write_text(json.dumps(hashes))
        with pytest.raises(StudioError, match="lacks the optimizer's memory of"):
            train(copy, copy.order())


def test_09_a_vocabulary_that_is_not_the_one_of_the_run(copy: RunDir) -> None:
    """Row 9: 92 % of the words wrong on the test set. The vocabulary lies in the checkpoint, and is
    compared."""
    assert folders.read_state(folders.chosen(copy.path))["prepared"]["vocabulary"]["a"] == 2
    file = Path(copy.order()["base"]) / "vocab.json"
    letters = json.loads(file.read_text())
    letters["a"], letters["b"] = letters["b"], letters["a"]
    file.write_text(json.dumps(letters))
    with pytest.raises(Refused, match="Vocabulary or feature settings are not those of checkpoint"):
        train(copy, copy.order())


def test_10_an_adapter_in_the_wrong_modules_or_nowhere() -> None:
    """Row 10: nothing is learned. Targets are counted, and after two steps only they have moved."""
    import torch

    class Speaker(torch.nn.Module):
        def __init__(self, trained: tuple[str, ...]) -> None:
            super().__init__()
            self.codec, self.decoder, self.unused = (torch.nn.Linear(2, 2) for _ in range(3))
            for name, parameter in self.named_parameters():
                parameter.requires_grad_(name.split(".")[0] in trained)

        def step(self) -> None:
            loss = self.decoder(self.codec(torch.ones(1, 2))).square().sum()
            loss.backward()
            torch.optim.SGD(self.parameters(), lr=0.1).step()

        def step_too_far(self) -> None:
            self.step()
            with torch.no_grad():
                self.codec.weight.mul_(2)

    right, wrong = Speaker(("decoder",)), Speaker(("codec", "decoder"))
    assert adapters.landed(right).figures["n_trained"] == 6
    assert "only code the sound" in adapters.landed(wrong).sentence
    assert "Nothing in this model" in adapters.landed(Speaker(())).sentence
    assert adapters.moved(right, right.step).outcome == "passed"
    still = Speaker(("decoder", "unused"))
    assert "2 of 4 trained parts did not move" in adapters.moved(still, still.step).sentence
    assert "1 parts moved that should stay" in adapters.moved(right, right.step_too_far).sentence


def test_11_a_merged_model_that_is_the_base(
    copy: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_data: Path
) -> None:
    """Row 11: keys renamed on the way are dropped in silence. The folder is read back and compared."""
    real = CTC.merge

    def merge(model: Any, base: Path, out: Path, dtype: str) -> Any:
        merged = real(model, base, out, dtype)
        shutil.copyfile(base / "model.safetensors", out / "model.safetensors")
        return merged

    monkeypatch.setattr(CTC, "merge", merge)
    with pytest.raises(StudioError, match="differs from base and adapter"):
        merge_run(copy.path, tmp_path / "out", "fp32", manifest.read(tiny_data)[:2], tiny_data)
    assert not (tmp_path / "out").exists()


def test_12_new_layers_from_a_changed_config(own_base: BaseMaker, tiny_data: Path) -> None:
    """Row 12: they are random, and the output is garbage. Missing keys are an error."""
    base, rows = own_base(), manifest.read(tiny_data)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 2}))
    found = {c.name: c for c in examining.examine(CTC, rows, tiny_data, base, CTC.options(), "cpu")}
    assert found["keys"].outcome == "refused" and "missing or left over" in found["keys"].sentence
    assert "delta" not in found, "nothing is learned with it"


def test_13_a_chunk_that_is_longer_than_the_clips() -> None:
    """Row 13: a layer that learns while it hears is never updated. Updates are counted."""
    assert chunks.updates([64, 65, 200], 64) == [0, 1, 3]
    assert chunks.updated([200, 300], 64).outcome == "passed"
    some = chunks.updated([64, 65, 200], 64)
    assert some.outcome == "warned" and "In 1 of 3 clips the layer is never updated" in some.sentence
    none = chunks.updated([10, 20], 64)
    assert none.outcome == "refused" and none.figures["n_updates"] == 0


def test_14_the_same_prompt_voice_or_sound_in_training_and_test(
    tiny_base: BaseMaker, tiny_data: Path
) -> None:
    """Row 14: 23 % of the words wrong on voices that were heard, 46 % on others."""
    rows = manifest.read(tiny_data)
    assert checked(rows, tiny_base(), tiny_data)["leakage"].outcome == "passed"
    at = next(i for i, row in enumerate(rows) if row.split == "test")
    learned = next(row for row in rows if row.split == "train")

    def with_test_clip(**changed: str) -> list[Row]:
        return [dataclasses.replace(row, **changed) if i == at else row for i, row in enumerate(rows)]

    prompt = checked(with_test_clip(text=learned.text.upper()), tiny_base(), tiny_data)["leakage"]
    assert (prompt.outcome, prompt.ids) == ("warned", (rows[at].id,))
    voices = [dataclasses.replace(row, speaker="ab"[i % 2]) for i, row in enumerate(rows)]
    assert "2 of 2 voices" in checked(voices, tiny_base(), tiny_data)["leakage"].sentence
    sound = with_test_clip(audio=learned.audio)
    assert checked(sound, tiny_base(), tiny_data)["leakage"].outcome == "refused"
    with pytest.raises(Refused, match=f"sound that is trained on: {rows[at].id}"):
        preflight.refuse(preflight.findings(CTC, sound, tiny_base(), CTC.options()))


def test_15_a_label_that_is_longer_than_the_frames(tiny_base: BaseMaker, tiny_data: Path) -> None:
    """Row 15: an infinite loss, or silently none. The clips are named."""
    rows = manifest.read(tiny_data)
    assert checked(rows, tiny_base(), tiny_data)["label_room"].outcome == "passed"
    rows[5] = dataclasses.replace(rows[5], text="two " * 60)
    found = checked(rows, tiny_base(), tiny_data)["label_room"]
    assert (found.outcome, found.ids) == ("refused", (rows[5].id,))


def test_16_padding_that_changes_results(
    tiny_base: BaseMaker, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 16: the evaluation depends on the batch size. Group norm sees the padding, so clips go one by one;
    without that limit the check names it."""
    rows = manifest.read(tiny_data)

    def found() -> Check:
        checks = examining.examine(CTC, rows, tiny_data, tiny_base("group"), CTC.options(), "cpu")
        return next(check for check in checks if check.name == "padding")

    assert "one by one" in found().sentence and found().outcome == "passed"
    monkeypatch.setattr(CTC, "batch_limit", lambda base: None)
    assert found().outcome == "refused" and "Padding changes the result" in found().sentence
    model, prepared = opened(tiny_base())
    assert batching.padding(CTC, model, noise(tiny_base()), prepared).outcome == "passed"


def test_17_a_window_that_training_ignores() -> None:
    """Row 17: training differs from use. Step by step has to be what one pass is."""
    import torch

    torch.manual_seed(0)
    inputs, width, window = torch.randn(1, 10, 4), 4, 3

    def attend(queries: torch.Tensor, keys: torch.Tensor, first: int, seen: int) -> torch.Tensor:
        at = torch.arange(first, first + queries.shape[1])[:, None] - torch.arange(keys.shape[1])[None]
        mask = torch.where((at < 0) | (at >= seen), -math.inf, 0.0)
        return torch.softmax(queries @ keys.transpose(1, 2) / math.sqrt(width) + mask, -1) @ keys

    def step(one: torch.Tensor, kept: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        kept = one if kept is None else torch.cat([kept, one], 1)
        return attend(one, kept, kept.shape[1] - 1, window), kept

    assert perturbing.step_by_step(lambda x: attend(x, x, 0, window), step, inputs).outcome == "passed"
    found = perturbing.step_by_step(lambda x: attend(x, x, 0, 10), step, inputs)
    assert (found.outcome, found.figures["first"]) == ("refused", window)


def test_18_a_normaliser_that_hides_wrong_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 18: leading zeros are dropped before scoring, and errors in digits cannot be seen. Digits are
    scored apart."""
    real = rates.for_scoring
    monkeypatch.setattr(rates, "for_scoring", lambda text: " ".join(
        word for word in real(text).split() if word != "zero"))
    said = [f"order zero {word} two" for word in "one two three four five six seven eight nine".split()]
    dropped = [text.replace("zero ", "") for text in said]
    assert rates.wer(said, dropped).rate == 0.0
    assert rates.digit_errors(said, dropped).rate == pytest.approx(1 / 3)
    base = [rates.score_item(text, text, text) for text in said]
    tuned = [rates.score_item(text, text, wrong) for text, wrong in zip(said, dropped, strict=True)]
    told = verdict.judge(base, tuned)
    assert told.judgement != "better" and "digits are recognised worse" in told.sentence


def test_19_half_precision_where_the_device_cannot() -> None:
    """Row 19: NaN on a Mac. What works is used, and said."""
    mac, card = Machine(mps=True, mac=True), Machine(cuda=("A card",), bf16=True)
    found = machine.device("auto", "fp16", mac)
    assert (found.outcome, found.figures["precision"]) == ("warned", "fp32")
    assert "half precision gives wrong numbers there" in found.sentence
    assert machine.device("auto", "fp16", card).figures["precision"] == "bf16"
    assert machine.device("auto", "auto", mac).outcome == "passed"
    gone = machine.device("cuda", "auto", mac)
    assert gone.outcome == "refused" and "Macs have no NVIDIA" in gone.sentence


def test_20_figures_that_nobody_measured(finished: RunDir, tiny_data: Path) -> None:
    """Row 20: a perplexity as 2 ** loss, an expected figure shown as if measured. What a run told is what is
    measured again from its checkpoint."""
    told = events(finished, "eval")[-1]
    family, model, prepared, base = load_tuned(finished.path)
    rows = [row for row in manifest.read(tiny_data) if row.split == "val"]
    clips = [family.example(row, family.encode(row, tiny_data, base), prepared) for row in rows]
    loss, items = batching.total(family, model, clips, prepared)
    said = [p.text for p in family.predict(model, clips, prepared)]
    again = {"loss": loss / items, "wer": rates.wer([c.text for c in clips], said).rate, "n": len(rows)}
    shown = {name: told[name] for name in again}
    assert figures.measured(shown, again).outcome == "passed"
    again["perplexity"] = figures.perplexity(again["loss"])
    wrong = figures.measured({**shown, "perplexity": 2 ** told["loss"], "expected_wer": 0.02}, again)
    assert wrong.outcome == "refused" and set(wrong.figures["odd"]) == {"perplexity", "expected_wer"}
    assert set(told) & {"perplexity", "expected_wer"} == set()


def test_21_a_best_checkpoint_that_is_chosen_on_the_test_part(
    new_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 21: the verdict flatters. A run that would look at a test clip is refused before it begins."""
    real = preflight.learnable

    def leaking(rows: list[Row], found: Any) -> list[Row]:
        return [dataclasses.replace(row, split="val") if row.split == "test" else row
                for row in real(rows, found)]

    monkeypatch.setattr(preflight, "learnable", leaking)
    run = new_run({"steps": 1})
    with pytest.raises(Refused, match="2 clips of the test part would be learned from or chosen by"):
        train(run, run.order())
