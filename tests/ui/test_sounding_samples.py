"""The live page of a model that speaks: samples are heard with their figures; parts of the loss."""
from __future__ import annotations

import re
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from core.run_dir import RunDir
from core.steps import run_table
from tests.ui.home import Home
from tests.ui.test_live_page import run_of, shown
from ui import live_plot, spoken_words
from ui.routes import own_app
from ui.texts import speaking

GOOD = {"seconds": 2.08, "duration_ratio": 1.04, "silence": 0.2, "stopped": True, "cer": 0.04,
        "diversity": [{"distinct_share": 0.62, "entropy_bits": 7.9, "longest_run": 3}]}
EVIL = 'a/../"<b>'


def speaking_run(home: Home) -> RunDir:
    """A run whose model spoke twice, the second time better, as its worker leaves it."""
    run = run_of(home, family="higgs")
    for step, heard, figures in ((2, "", {**GOOD, "stopped": False, "duration_ratio": 9.0}),
                                 (4, "good day", GOOD)):
        audio = f"samples/{step}.wav"
        (run.path / "samples").mkdir(exist_ok=True)
        soundfile.write(run.path / audio, np.full(480 * step, 0.1), 24000, subtype="PCM_16")
        run.event("sample", step, id=EVIL, reference="good day", prediction=heard, audio=audio, **figures)
    return run


def client(home: Home) -> TestClient:
    return TestClient(own_app(home.library), base_url="http://127.0.0.1:7860")


def test_a_sample_can_be_heard_as_it_is_now_and_was_at_first(home: Home) -> None:
    run = speaking_run(home)
    html = shown(home, run)["samples"]
    places = list(dict.fromkeys(re.findall(r'data-place="([^"]+)"', html)))
    assert len(places) == 2 and EVIL not in html
    lengths = {int(re.findall(r"/sample/(\d+)/", place)[0]): len(client(home).get(place).content)
               for place in places}
    assert lengths == {2: 44 + 2 * 960, 4: 44 + 2 * 1920}
    assert "Heard of what the model says at step 4" in html and "stopped by itself" in html
    assert "1.04 x the expected length" in html and "far too long" in html


def test_only_sounds_that_the_run_tells_of_are_served(home: Home) -> None:
    run = speaking_run(home)
    (run.path / "secret.wav").write_bytes(b"RIFF")
    run.event("sample", 6, id="out", reference="x", prediction="", audio="../../../library.db")
    run.event("sample", 7, id="gone", reference="x", prediction="", audio="samples/gone.wav")
    get = client(home).get
    assert get(f"/run/{run.id}/sample/6/out.wav").status_code == 422
    assert get(f"/run/{run.id}/sample/7/gone.wav").status_code == 404
    assert get(f"/run/{run.id}/sample/2/secret.wav").status_code == 404
    assert get(f"/run/{run.id}/sample/2/..%2F..%2Fsecret.wav").status_code == 404
    assert get("/run/nothing/sample/2/a.wav").status_code == 404
    part = get(f"/run/{run.id}/sample/2/a%2F..%2F%22%3Cb%3E.wav", headers={"range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_samples_that_are_written_have_no_button_of_a_sound(home: Home) -> None:
    run = run_of(home)
    run.event("sample", 1, id="a", reference="one two", prediction="one")
    html = shown(home, run)["samples"]
    assert "What the model writes at step 1" in html
    assert "data-place" not in html and "vw-spoken-figures" not in html


@pytest.mark.parametrize(("row", "said", "kind"), [
    ({"stopped": False}, "cut off at the limit", "bad"),
    ({"seconds": 0.0, "duration_ratio": 0.0}, "nothing was said", "bad"),
    ({"seconds": 1.0, "duration_ratio": 0.4}, "words may be missing", "warn"),
    ({"seconds": 4.0, "duration_ratio": 2.0}, "slow, or too much was said", "warn"),
    ({"seconds": 3.25, "duration_ratio": None}, "3.2 s", "info"),
    ({"silence": 0.95}, "95 % silence: hardly any speech", "bad"),
    ({"cer": 0.5}, "CER 50 %: the recogniser heard something else", "bad"),
    ({"diversity": 0.02}, "2 % of the codes differ: the same sounds over and over", "bad"),
    ({"diversity": 0.7}, "70 % of the codes differ: varied", "ok"),
    ({**GOOD, "loops": True}, "the same sound over and over", "bad"),
    (GOOD, "62 % of the codes differ, 7.9 bits: varied", "ok")])
def test_a_figure_has_its_unit_and_a_word_of_meaning(row: dict[str, Any], said: str, kind: str) -> None:
    (line,) = [each for each in re.findall(r"<li.*?</li>", spoken_words.figures(row)) if said in each]
    assert f'class="vw-{kind}"' in line
    with speaking("fr"):
        assert spoken_words.figures(row) != spoken_words.figures({})
        assert said not in spoken_words.figures(row) or said == "3.2 s"


def test_parts_of_the_loss_are_curves_and_columns_of_the_table(home: Home) -> None:
    plain, run = run_of(home), run_of(home, family="higgs")
    for step in range(11, 14):
        run.event("step", step, loss=8.0, text=0.5, **{f"codebook_{n}": n / step for n in range(1, 9)})
    asked = [{"id": each.id, "had": None} for each in (plain, run)]
    without, drawn = live_plot.answers(home.library, asked)
    assert drawn["curves"]["codebook_8"][0] == [11, 12, 13]
    assert drawn["curves"]["text"][1] == [0.5, 0.5, 0.5]
    assert not any(name.startswith("codebook") for name in without["curves"])
    head, *rows = run_table.as_csv(run).splitlines()
    assert head.split(",")[-2:] == ["codebook_8", "text"] and rows[-1].endswith(",0.5")
    assert "codebook" not in run_table.as_csv(plain)


def test_the_panel_of_the_codebooks_is_on_the_page(studio: tuple[Any, gr.Blocks]) -> None:
    (plot,) = [block for block in studio[1].blocks.values()
               if isinstance(block, gr.HTML) and block.elem_id == "train-plot"]
    assert 'data-panel="codebooks"' in str(plot.html_template)
