"""The whole recipe from nothing: train, stop, resume, save, write, open again, go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core import manifest
from core.errors import BadInput, Refused
from core.families import family_of, named
from core.families.base import Clip, Example
from core.families.lact import findings
from core.files import read_json, write_json
from core.modelling import checkpoint_folder
from core.run_dir import RunDir
from core.training import checkpoints, stepping
from core.training.loading import load_base, load_tuned
from core.training.loop import train
from core.training.merging import merge_run
from tests.core.families.lact.conftest import TEXTS

RunMaker = Callable[..., RunDir]
LACT = named("lact")
pytestmark = pytest.mark.usefixtures("one_thread")


def examples_of(data: Path, run: RunDir) -> list[Example]:
    _, _, prepared, base = load_tuned(run.path)
    return [LACT.example(row, LACT.encode(row, data, base), prepared) for row in manifest.read(data)]


def tensors(run: RunDir, step: int, name: str = checkpoint_folder.ADAPTER) -> dict[str, torch.Tensor]:
    return checkpoint_folder.read_tensors(run.checkpoints / checkpoints.name_of(step), name)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[key], other[key]) for key in one)


def stop_at(run: RunDir, *steps: int) -> Callable[[Any], None]:
    """A step of the loop after which `run` is asked to stop, at each of `steps`."""
    real = stepping.one_step

    def one_step(session: Any) -> None:
        real(session)
        if session.progress.step in steps and session.run.path == run.path:
            session.run.request_stop()

    return one_step


@pytest.fixture(scope="module")
def written(learned: RunDir, lact_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run as a plain folder."""
    out = tmp_path_factory.mktemp("lact-merged") / "out"
    report = merge_run(learned.path, out, "fp32", manifest.read(lact_data), lact_data)
    assert report.merged_equal and report.max_logit_difference == 0.0
    return out


def test_it_writes_what_it_learned_and_nothing_before(learned: RunDir, lact_data: Path) -> None:
    family, model, prepared, _ = load_tuned(learned.path)
    examples = examples_of(lact_data, learned)
    assert [found.text for found in family.predict(model, examples, prepared)] == TEXTS
    looks = [row for row in learned.events()[0] if row["kind"] == "eval"]
    assert looks[-1]["wer"] == 0.0
    with family.base_of(model):
        assert [found.text for found in family.predict(model, examples, prepared)] != TEXTS
    assert [found.text for found in family.predict(model, examples, prepared)] == TEXTS
    assert prepared.vocabulary == {t: i for i, t in enumerate(["<blank>", "|", "<unk>", *sorted(set("".join(
        TEXTS[1:])) - {" "})])}


def test_stopped_and_resumed_it_ends_with_the_very_weights(
    lact_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"steps": 5, "dropout": 0.1}
    whole, stopped = lact_run(options), lact_run(options)
    train(whole, whole.order())
    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", stop_at(stopped, 2, 4))
        for step in (2, 4):
            assert train(stopped, stopped.order()).step == step
            stopped.clear_stop()
    assert train(stopped, stopped.order()).ended == "done"
    for name in (checkpoint_folder.ADAPTER, checkpoint_folder.OPTIMIZER):
        assert equal(tensors(whole, 5, name), tensors(stopped, 5, name))


def test_the_written_folder_opens_again_with_the_same_logits(
    learned: RunDir, lact_data: Path, written: Path
) -> None:
    _, tuned, prepared, _ = load_tuned(learned.path)
    plain, again = load_base(LACT, written)
    assert again == prepared, "vocabulary, features and measures are all in the folder"
    for example in examples_of(lact_data, learned):
        one, other = (LACT.outputs(model, [example], prepared)[0] for model in (tuned, plain))
        assert np.array_equal(one, other)
    assert family_of(written) is LACT
    assert {path.suffix for path in written.iterdir()} == {".json", ".safetensors"}, "no pickle"
    row = manifest.read(lact_data)[1]
    clip = Clip(row.id, lact_data / row.audio)
    heard = [LACT.recogniser(str(path), "cpu").transcribe(clip) for path in (learned.path, written)]
    assert heard[0] == heard[1] and heard[0].text == "one two"
    assert [word.text for word in heard[0].words] == ["one", "two"]
    assert 0 <= heard[0].words[0].start < heard[0].words[1].end <= row.seconds


def test_in_bf16_it_is_within_rounding(learned: RunDir, lact_data: Path, tmp_path: Path) -> None:
    report = merge_run(learned.path, tmp_path / "out", "bf16", manifest.read(lact_data), lact_data)
    assert report.merged_equal and report.written.max_logit_difference > 0.0
    assert read_json(tmp_path / "out" / "config.json")["dtype"] == "bf16"


def test_continue_goes_on_and_refuses_another_size(lact_run: RunMaker, monkeypatch: pytest.MonkeyPatch
                                                   ) -> None:
    options = {"steps": 4}
    whole, parent = lact_run(options), lact_run(options)
    train(whole, whole.order())
    with monkeypatch.context() as patched:
        patched.setattr(stepping, "one_step", stop_at(parent, 2))
        train(parent, parent.order())
    further = lact_run(options, way="continue", parent=str(parent.path))
    assert train(further, further.order()).ended == "done"
    assert equal(tensors(whole, 4), tensors(further, 4))
    other = lact_run({**options, "updates_per_clip": 2}, way="continue", parent=str(parent.path))
    with pytest.raises(Refused, match="updates_per_clip"):
        train(other, other.order())


@pytest.mark.parametrize("options", [{"frozen": True}, {"updates_per_clip": 0}])
def test_weights_that_nothing_asked_for_are_no_hole_in_a_checkpoint(
    options: dict[str, Any], lact_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates of frozen fast weights, and those of clips in which no chunk was full."""
    monkeypatch.setattr(findings, "_updates", lambda rows, prepared: None)  # such a run is refused otherwise
    run = lact_run({"steps": 1, **options})
    train(run, run.order())
    further = lact_run({"steps": 1, **options}, way="continue", parent=str(run.path))
    with pytest.raises(Refused, match="has done all of its 1 steps"):
        train(further, further.order())


@pytest.mark.parametrize("way", ["warm start", "retune"])
def test_the_weights_go_on_in_a_run_of_their_own(way: str, learned: RunDir, lact_run: RunMaker) -> None:
    begun: list[dict[str, torch.Tensor]] = []
    run = lact_run({"steps": 1, "lr": 1e-9}, way=way, parent=str(learned.path))
    train(run, run.order())
    begun = [tensors(run, 1), tensors(learned, 26)]
    assert all(torch.allclose(begun[0][name], begun[1][name], atol=1e-6) for name in begun[0])


def test_a_written_folder_is_a_base_with_its_own_letters(
    written: Path, lact_run: RunMaker, learned: RunDir
) -> None:
    run = lact_run({"steps": 1, "lr": 1e-9, "size": "large"}, base=str(written))
    train(run, run.order())
    _, _, prepared, _ = load_tuned(run.path)
    assert prepared.extra["network"]["layers"]["hidden_size"] == 128, "its own size"
    one, other = tensors(run, 1), tensors(learned, 26)
    assert all(torch.allclose(one[name], other[name], atol=1e-6) for name in one)


def test_a_base_that_does_not_fit_is_told(written: Path, tmp_path: Path) -> None:
    import shutil

    for name, spoil, said in (
        ("short", lambda f: write_json(f / "vocab.json", {"<blank>": 0}), "do not belong together"),
        ("ear", lambda f: _with(f, features={"kind": "other"}), "features that this version"),
        ("odd", lambda f: _with(f, network={"vocabulary": "many"}), "no network that can be built"),
    ):
        folder = Path(shutil.copytree(written, tmp_path / name))
        spoil(folder)
        with pytest.raises(BadInput, match=said):
            LACT.check_base(folder)
    other = Path(shutil.copytree(written, tmp_path / "other"))
    network = read_json(other / "config.json")["network"]
    _with(other, network={**network, "convs": 3})
    with pytest.raises(BadInput, match="missing, left over or of another shape, such as subsampling"):
        LACT.load_plain(other)


def _with(folder: Path, **changed: Any) -> None:
    write_json(folder / "config.json", {**read_json(folder / "config.json"), **changed})


def test_a_blank_folder_writes_nothing(lact_data: Path) -> None:
    row = manifest.read(lact_data)[0]
    heard = LACT.recogniser(str(LACT.blank()), "cpu").transcribe(Clip(row.id, lact_data / row.audio))
    assert heard.text == "" and "no model yet" in LACT.recogniser(str(LACT.blank()), "cpu").choice
