"""The registry: who has which ability, found by name or by folder, without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import families
from core.errors import BadInput, NotFound
from core.families.base import Exports, Probes, Trains, Transcribes
from tests.tiny_kyutai import make_kyutai

BaseMaker = Callable[..., Path]


def test_families_are_found_by_what_they_can() -> None:
    assert "ctc" in families.that(Trains)
    assert {"ctc", "whisper", "lact"} <= set(families.that(Transcribes))
    assert {"ctc", "whisper", "kyutai", "lact"} <= set(families.that(Trains))
    assert set(families.that(Probes)) == {"kyutai"} and "kyutai" in families.that(Exports)
    assert "pocketsphinx" not in families.that(Trains)


def test_an_unknown_name_lists_those_there_are() -> None:
    assert families.named("ctc").name == "ctc"
    with pytest.raises(NotFound, match="choose one of: ctc"):
        families.named("moshi-9000")


def test_a_folder_tells_its_family(tiny_base: BaseMaker, tmp_path: Path) -> None:
    assert families.family_of(tiny_base("bert")).name == "ctc"
    assert families.family_of(tiny_base("layer")).name == "ctc"
    (tmp_path / "run.json").write_text(json.dumps({"family": "ctc"}))
    assert families.family_of(tmp_path).name == "ctc"


@pytest.mark.parametrize("config", [None, {"architectures": ["LlamaForCausalLM"]}, {"architectures": None}])
def test_a_folder_that_nobody_knows_is_told(tmp_path: Path, config: object) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="no model that this app knows"):
        families.family_of(tmp_path)


@pytest.mark.parametrize(("name", "preset"), [("ctc", "Quick"), ("whisper", "Quick"),
                                              ("kyutai", "Numbers, 50 clips"),
                                              ("lact", "Tiny (experimental)")])
def test_what_a_page_asks_for_loads_no_torch(
    name: str, preset: str, tiny_base: BaseMaker, whisper_base: BaseMaker, tiny_data: Path, tmp_path: Path
) -> None:
    """Registry, options, preflight and estimate are for the page; the page never loads torch."""
    makers = {"whisper": whisper_base, "ctc": tiny_base, "kyutai": lambda: make_kyutai(tmp_path / "kyutai"),
              "lact": families.named("lact").blank}
    base = makers[name]()
    code = f"""
import sys
from pathlib import Path
from core import families, manifest
from dataclasses import replace
from core.families.base import Probes
from core.types import Word
from core.training import options, preflight
family = families.named({name!r})
chosen = options.resolve(family, {preset!r})
rows, base = manifest.read(Path({str(tiny_data)!r})), Path({str(base)!r})
preflight.findings(family, rows, base, chosen)
if isinstance(family, Probes):
    family.why_not_probed(base), family.labels_as_text(replace(rows[0], words=(Word("one", 0, 1),)),
                                                       family.prepare(rows, base, chosen))
family.estimate(rows, base, chosen), family.prepare(rows, base, chosen), family.batch_limit(base)
print(sorted({{"torch", "transformers", "peft", "whisper"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(families.__file__).parents[2],
    )
    assert done.stdout.strip() == "[]", done.stderr
