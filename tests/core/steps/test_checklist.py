"""The checklist of a model that was made: read back from the figures of its run, and told line by line."""
from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from core.families.base import Check
from core.runs.jobs.merge import files_in
from core.steps import checklist, merge
from core.training.merging import Comparison, Difference, MergeReport

GOOD = Check("logits", "They differ by 0.1 %.", 0.001, 0.1, ("a", "b", "c", "d"))
BAD = Check("heads", "One differs.", 1.0, 0.0)


def test_it_is_read_back_from_the_figures_of_a_run() -> None:
    figures = {"checks": [asdict(GOOD), {**asdict(BAD), "clips": []}], "files": [["a.json", 12]], "n": 4}
    found = checklist.of(figures)
    assert found.checks == (GOOD, BAD) and found.files == (("a.json", 12),)
    assert [checklist.passed(each) for each in found.checks] == [True, False]
    assert not checklist.passed(Check("logits", "", float("nan"), 0.1)), "no number passes nothing"
    assert checklist.of({"merged_equal": True, "n": 3}).checks == (), "a run of before there were checklists"


def test_it_is_told_with_clips_sizes_and_signs() -> None:
    lines = list(checklist.made([GOOD, BAD], [("model.safetensors", 1_980_000_000), ("x", 7)]).lines())
    assert lines[0] == "✓ logits    They differ by 0.1 %. Compared on a, b, c and 1 more."
    assert lines[1].startswith("✗ heads")
    assert lines[2:] == ["2 files, 2.0 GB:", "  model.safetensors  2.0 GB", "  x  7 bytes"]


@pytest.mark.parametrize(("apart", "is_right"), [(0.0005, True), (0.02, False)])
def test_a_merge_brings_its_two_comparisons(apart: float, is_right: bool) -> None:
    same = Comparison(("a", "b"), 1e-6, 12.0, 0.0, ())
    other = Comparison(("a", "b"), apart * 12.0, 12.0, 0.5, (Difference("a", "one", "one", "two"),))
    checks = checklist.of(MergeReport(same, "fp32", other).figures()).checks
    assert [each.name for each in checks] == ["merged", "written"]
    assert checks[0].sentence.startswith("Merged in fp32, the model writes 0 of 2 clips otherwise")
    assert "writes 1 of 2 clips otherwise" in checks[1].sentence
    assert checklist.passed(checks[1]) is is_right and checks[1].clips == ("a", "b")


def test_files_are_named_below_their_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"123")
    (tmp_path / "b.json").write_text("{}")
    assert files_in(tmp_path) == [["b.json", 2], ["in/a.bin", 3]]


def test_each_family_offers_its_forms() -> None:
    assert list(merge.forms("ctc")) == ["transformers"]
    assert merge.forms("kyutai")["candle"] == ("bf16",) and merge.forms("whisper")["ctranslate2"]
