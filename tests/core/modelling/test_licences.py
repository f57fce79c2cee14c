"""A model's licence comes from its own card, else from its name; what it forbids is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import STARTER
from core.modelling.licences import licence_of, sentence


@pytest.mark.parametrize(("card", "found"), [
    ("---\nlicense: cc-by-nc-4.0\n---\n# x", "cc-by-nc-4.0"),
    ("---\ntags:\n- mms\nlanguage: sm\nlicense: \"Apache-2.0\"\n---\n", "apache-2.0"),
    ("---\nlicense_name: mine\n---\nlicense: mit\n", ""),
    ("license: mit\n", ""),
    ("", ""),
])
def test_the_card_of_a_folder_says_it(tmp_path: Path, card: str, found: str) -> None:
    (tmp_path / "README.md").write_text(card)
    assert licence_of(tmp_path) == found


@pytest.mark.parametrize(("name", "found"), [
    ("mms-1b-all", "cc-by-nc-4.0"), ("MMS-1b-fl102", "cc-by-nc-4.0"), ("mms-300m", "cc-by-nc-4.0"),
    ("wav2vec2-base", ""), ("our-mms-1b", ""),
])
def test_a_known_name_says_it_where_there_is_no_card(tmp_path: Path, name: str, found: str) -> None:
    assert licence_of(tmp_path / name) == found
    (tmp_path / name).mkdir()
    (tmp_path / name / "README.md").write_text("---\nlicense: mit\n---\n")
    assert licence_of(tmp_path / name) == "mit", "its own card knows better"


def test_only_what_forbids_a_use_is_said() -> None:
    said = sentence("mms", "cc-by-nc-4.0")
    assert said.startswith("mms is under the licence CC-BY-NC-4.0: ") and "not for commercial use" in said
    assert sentence("x", "apache-2.0") == sentence("x", "") == ""
    assert licence_of(STARTER) == "apache-2.0"
