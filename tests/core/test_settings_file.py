"""A file of settings is plain data: nothing in it runs or grows, and what is wrong has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BadInput
from core.settings_file import mapping_in, mapping_of, text_of


def test_yaml_and_json_say_the_same() -> None:
    held = {"steps": 30, "lr": 1e-3, "tune": "lora", "names": ["a", "b"], "train_head": True}
    assert mapping_of(text_of(held, "A remark.").encode(), "x.yaml") == held
    assert mapping_of(b"lr: 1e-3\nother: -2.5E+2", "x.yml") == {"lr": 1e-3, "other": -250.0}
    assert mapping_of(b'\xef\xbb\xbf{"steps": 30}', "x.JSON") == {"steps": 30}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"steps: 3\n lr: [", "x.yaml cannot be read: line 2"),
        (b"- 1\n- 2", "holds no settings"),
        (b"", "holds no settings"),
        (b"3: 4", "holds no settings"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"a: !!python/object/apply:os.system ['touch /tmp/owned']", "cannot be read: line 1"),
        (b"a: &x [1, 1]\nb: [*x, *x]", "cannot be read: line 2"),
        (b"[" * 2_000, "nested too deeply|cannot be read"),
    ],
)
def test_what_is_no_plain_mapping_is_told(content: bytes, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        mapping_of(content, "x.yaml")


def test_files_that_are_missing_or_huge(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        mapping_in(tmp_path / "none.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"a: 1\n" * 300_000)
    with pytest.raises(BadInput, match="larger than a file of settings"):
        mapping_in(tmp_path / "huge.yaml")
