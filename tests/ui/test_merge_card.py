"""The card that keeps a trained model: each program that a family writes for, and what was checked in it."""
from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from core.families.base import Check
from core.run_dir import RunDir
from core.steps import checklist as step
from core.steps import merge
from tests.ui.home import Home
from ui import checklist, merge_card, run_panel
from ui.texts import speaking

SENTENCE = "It holds 135 tensors in bf16: all as the program wants them."


def trained(home: Home, family: str = "kyutai") -> RunDir:
    """A run with a checkpoint, as a worker leaves it."""
    run = RunDir.create(home.library.root.runs(home.project.slug), "train",
                        {"project": home.project.slug, "family": family})
    (run.checkpoints / "manifest.json").write_text("{}")
    run.write_status("done", "It is done.")
    return run


def exported(home: Home, run: RunDir, **figures: Any) -> RunDir:
    """A merge of it that is done."""
    made = RunDir.create(home.library.root.runs(home.project.slug), "merge", {
        "project": home.project.slug, "train_run": str(run.path.resolve()), "out": "/models/x"})
    made.report("x is ready.", 1.0, figures=figures)
    made.write_status("done", "x is ready.", figures=figures)
    return made


def painted(home: Home) -> str:
    """What the card says of the models that were made."""
    values = run_panel.paint(home.library, home.project, "")
    return str(values[run_panel.DRAWN.index("merged")])


def test_after_an_export_the_page_shows_what_was_checked(home: Home) -> None:
    clip = home.ids[0]
    name = home.library.clips.get(clip).name
    checks = [Check("tensors", SENTENCE, 0.0, 0.0), Check("logits", "<b>", 0.004, 0.1, (clip, "gone"))]
    run = trained(home)
    exported(home, run, checks=[asdict(each) for each in checks],
             files=[["model.safetensors", 1_980_000_000], ["config.json", 900]])
    shown = painted(home)
    assert "2 of 2 passed" in shown and SENTENCE in shown
    assert "&lt;b&gt;" in shown and "<b></td>" not in shown, "what a check says is text"
    assert "0.4 %" in shown and "10 %" in shown and f"{name}, gone" in shown
    assert "1.98 GB" in shown and "900 bytes" in shown and "2 files were written" in shown
    assert "/models/x" in shown
    with speaking("fr"):
        told = painted(home)
        assert "2 sur 2 réussis" in told and "1,98 Go" in told and "It holds" not in told


def test_a_check_that_did_not_pass_is_marked(home: Home) -> None:
    found = step.made([Check("heads", "One differs.", 1.0, 0.0)], [])
    shown = checklist.card(home.library, found)
    assert "0 of 1 passed" in shown and "✗" in shown and "1 differ" in shown
    assert checklist.card(home.library, step.made([], [])) == ""


def test_the_newest_is_unfolded_and_the_others_are_not(home: Home) -> None:
    run = trained(home)
    for _ in range(2):
        exported(home, run, checks=[asdict(Check("tensors", SENTENCE, 0.0, 0.0))])
    assert painted(home).count("<details open>") == 1 and painted(home).count("<details>") == 1


def test_each_run_offers_the_programs_of_its_family_and_each_of_them_its_types(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plain = trained(home), trained(home, "ctc")
    forms, types = home.handler("merge-form", "input"), merge_card.forms_of
    assert list(types(home.library, run.id)) == ["transformers", "candle", "native", "mlx", "moshi-finetune"]
    assert list(types(home.library, plain.id)) == ["transformers"] == list(types(home.library, ""))
    offered = forms(run.id, "candle", "fp32")
    assert [value for _, value in offered["choices"]] == ["bf16"] and offered["value"] == "bf16"
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(merge, "start", lambda lib, *given: asked.append(given))
    home.handler("merge-start", "click")(home.project.slug, run.id, " tuned ", "bf16", "candle")
    assert asked == [(run.id, "tuned", "bf16", "candle")]
