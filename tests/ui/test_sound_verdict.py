"""The verdict on a model that makes sounds: on the page, as sounds to hear, and in the report."""
from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient

from core.evaluation import costs, speech
from core.evaluation.costs import Cost
from core.evaluation.speech import Utterance
from core.files import write_json
from core.run_dir import RunDir
from core.steps import report
from core.training.speaking import verdict_sound
from tests.ui.home import Home
from tests.ui.test_live_page import run_of, shown
from ui.routes import own_app
from ui.texts import speaking
from ui.texts.retold import retold

EVIL = 'a/../"<b>'


def judged(home: Home, by: float, *names: str) -> RunDir:
    """A finished run whose tuned model pays `by` nats an item more than its base, and both of whose models
    went on with a clip of an ugly name."""
    run = run_of(home, family="moshi")
    rng = np.random.default_rng(0)
    base = [Cost(f"c{i}", {name: (float(rng.normal(30, 1)), 10.0) for name in names or costs.TERMS})
            for i in range(12)]
    tuned = [Cost(cost.id, {name: (nats + by * items, items) for name, (nats, items) in cost.terms.items()})
             for cost in base]
    sounds = [{"id": EVIL, "text": "good day", **{role: {"seconds": 2.0, "silence": 0.1, "diversity": 0.5}
                                                 for role in ("base", "tuned")}}]
    found = costs.judge(base, tuned)
    write_json(run.path / "costs.json", {**costs.to_json(found), "sounds": sounds})
    run.write_status("done", f"Trained 10 steps. {found.sentence}",
                     figures={"step": 10, "plain": found.plain, "sentence": found.sentence})
    keep(run, EVIL)
    return run


def keep(run: RunDir, clip: str) -> None:
    """The sounds of both models, of different lengths."""
    for n, role in enumerate(("base", "tuned"), 1):
        path = verdict_sound(run.path, clip, role)
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.full(480 * n, 0.1), 24_000, subtype="PCM_16")


@pytest.mark.parametrize(("by", "kind", "said"), [
    (-0.5, "ok", "Better: the tuned model expects what was said in held-out clips more than its base does."),
    (0.5, "bad", "Worse: the tuned model expects what was said in held-out clips less than its base does."),
    (0.0, "warn", "No difference could be shown between the tuned model and its base.")])
def test_the_page_says_it_for_everybody_and_then_by_figures(home: Home, by: float, kind: str, said: str
                                                           ) -> None:
    run = judged(home, by)
    html = shown(home, run)["verdict"]
    assert f'<p class="vw-verdict vw-{kind}">{said}' in html and "not whether it speaks better" in html
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    text = next(row for row in rows if row.startswith("<td>Text</td>"))
    assert (f"{by:+.3f}".replace("-", "−") in text) and text.endswith("<td>12</td>")
    assert ("vw-ok-text" in text, "vw-bad-text" in text) == (by < 0, by > 0)
    listed = shown(home, run)["history"]
    assert said in listed and "nats a token" not in listed, "the list of runs has the sentence for everybody"
    assert "First codebook" in html and "Other codebooks" in html and costs.NO_TEXT not in html


def test_sound_alone_is_told_without_a_text(home: Home) -> None:
    html = shown(home, judged(home, -0.5, "first_codebook", "other_codebooks"))["verdict"]
    assert costs.NO_TEXT in html and "<td>Text</td>" not in html


def test_both_models_are_heard_and_nothing_else_is_served(home: Home) -> None:
    run = judged(home, -0.5)
    html, get = shown(home, run)["verdict"], TestClient(own_app(home.library), base_url="http://127.0.0.1:7860").get
    places = re.findall(r'<audio[^>]* src="([^"]+)"', html)
    assert len(places) == 2 and EVIL not in html
    assert [len(get(f"/{place}").content) for place in places] == [44 + 2 * 480, 44 + 2 * 960]
    keep(run, "other")
    for wrong in ("base/other", "worst/c0", "base/..%2Frun", "base/c0"):
        assert get(f"/run/{run.id}/verdict/{wrong}.wav").status_code == 404
    verdict_sound(run.path, EVIL, "base").unlink()
    assert get(f"/{places[0]}").status_code == 404


def test_a_voice_has_its_verdict_on_the_page_too(home: Home) -> None:
    run = run_of(home, family="higgs")
    said = [Utterance(f"c{i}", "one two", "one two", 2.0, 2.0, True, 5.0, 6.0) for i in range(3)]
    items = {role: [vars(one) for one in said] for role in ("base", "tuned")}
    write_json(run.path / "speech.json", {**speech.to_json(speech.judge(said, said)), "items": items})
    keep(run, "c1")
    html = shown(home, run)["verdict"]
    assert "No clear change, n = 3: of the held-out texts 100 % end by themselves" in html
    assert html.count("<audio") == 6 and "1.00 x the expected length" in html and "stopped by itself" in html


def test_the_report_has_it_and_both_speak_french(home: Home) -> None:
    run = judged(home, -0.5)
    english = report.html(run)
    assert '<p class="verdict better">Better: the tuned model expects' in english
    assert "-0.500 (-0.500 … -0.500)" in english and "This run has no verdict." not in english
    with speaking("fr"):
        french, card = report.html(run, retold, "fr"), shown(home, run)["verdict"]
        told: list[Any] = [retold(term.sentence) for term in costs.judge(
            *([Cost("a", {"text": (30.0, 10.0)})],) * 2).terms]
    for page in (french, card):
        assert "Mieux" in page and "Texte" in page and "Premier codebook" in page and "Better" not in page
    assert told == ["Texte\u00a0: 3,000 nats par jeton, modèle de départ 3,000 (+0,000, à 95\u202f% de "
                    "confiance +0,000 à +0,000, n = 1)."]
