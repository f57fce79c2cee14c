"""What a person or a model wrote is shown and never run; differences, figures and states read well."""
from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import plotly.graph_objects
import pytest

from core.evaluation import closer, verdict
from core.evaluation.bootstrap import Interval
from core.evaluation.groups import Traits
from core.evaluation.pace import pace
from core.evaluation.rates import score_item
from core.evaluation.worst import got_worse
from core.library import Clip, View
from core.run_dir import RunDir
from core.runs.listing import RunCard
from core.steps.verdict import Shown
from core.types import Finding
from ui import plot, run_card, verdict_card, view

EVIL = '<script>alert("1")</script>&\'<img src=x onerror=alert(2)>'


class Tags(HTMLParser):
    """The tags, attributes and text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def clip_view(**changed: Any) -> View:
    """A clip with its prompt and transcript."""
    clip = Clip("c1", 1, "take", "take-01.wav", "a.wav", "0", 16000, 48000, 0.0, 3.0, 1, 1, "target", "todo",
                "", "", 0, 7, {}, 0.0)
    shown: dict[str, Any] = {"prompt": "say one two", "speaker": "Ada", "text": "say one two",
                             "source": "person", "version": 1, "heard": None, "details": {}}
    shown |= {name: changed.pop(name) for name in shown if name in changed}
    return View(clip=replace(clip, **changed), **shown)


def run_of(state: str, **changed: Any) -> RunCard:
    """A card of a training run."""
    given: dict[str, Any] = {"message": "Step 3 of 10.", "progress": 0.3, "order": {"preset": "Quick"}}
    folder, given = Path("/nowhere/p/runs/r1"), {**given, **changed}
    return RunCard("r1", folder, "p", "train", state, started=1.7e9, **given)  # type: ignore[arg-type]


# --- nothing that was written is run

ITEM = {"written": EVIL, "reason": EVIL, "chosen": {"name": EVIL, "text": EVIL},
        "readings": [{"name": EVIL, "text": EVIL}, {"name": "b", "text": "b"}]}
SAMPLE = {"kind": "sample", "id": "1", "step": 3, "reference": EVIL, "prediction": f"{EVIL} two"}
EVIL_CLIP = clip_view(name=EVIL, speaker=EVIL, prompt=EVIL, text=EVIL, source=f"model:{EVIL}",
                      details={"items": [ITEM]})


@pytest.mark.parametrize("html", [
    *view.marked(EVIL, f"{EVIL} and more"), view.marked(EVIL, None)[0], view.marked("a b", EVIL)[1],
    view.note(EVIL), view.chip(EVIL), view.findings([Finding("x", "warn", EVIL)]),
    view.table([EVIL], [], EVIL), view.headline(EVIL_CLIP, 0, 1), view.readings(EVIL_CLIP),
    view.progress(run_of("running", message=EVIL)), view.failure(run_of("failed", message=EVIL), [EVIL]),
    run_card.samples([SAMPLE]), run_card.warnings([{"kind": "warning", "sentence": EVIL}]),
    run_card.history([run_of("done", message=EVIL)], ""),
    run_card.state(run_of("running", order={"preset": EVIL, "dataset_name": EVIL}))])
def test_what_was_written_is_shown_and_never_run(html: str) -> None:
    found = Tags(html)
    assert "script" not in found.tags and "img" not in found.tags
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "alert" in html


# --- differences

@pytest.mark.parametrize(("prompt", "text", "expected"), [
    ("one two three", "one two three", ("one two three", "one two three")),
    ("one two three", "one three", ("one <del>two</del> three", "one three")),
    ("one three", "one two three", ("one three", "one <ins>two</ins> three")),
    ("one two", "one six", ("one <del>two</del>", "one <ins>six</ins>")),
    ("Zero, one.", "oh one", ("Zero, one.", "oh one")),
    ("a b", "", ("a b", "")), (None, "a", ("", "a")), (None, None, ("", ""))])
def test_differences_are_marked_on_both_sides(prompt: str, text: str, expected: tuple[str, str]) -> None:
    assert view.marked(prompt, text) == expected


def test_marks_never_change_the_words() -> None:
    left, right = view.marked("order one two nine <b>", "border one nine nine & co")
    assert Tags(left).text == "order one two nine <b>"
    assert Tags(right).text == "border one nine nine & co"


# --- clips

def test_headline_says_where_who_how_long_and_what_was_decided() -> None:
    said = Tags(view.headline(clip_view(decision="accepted"), 4, 12)).text
    for part in ("5 of 12", "Ada", "3.0 s", "take-01.wav", "accepted"):
        assert part in said
    assert "not in this list" in view.headline(clip_view(), None, 12)


def test_readings_offer_every_reading_and_show_the_chosen_one() -> None:
    readings = [{"name": "digit by digit", "text": "one two"}, {"name": "cardinal", "text": "twelve"}]
    item = {"written": "12", "reason": "the prompt says it", "chosen": readings[1], "readings": readings}
    html = view.readings(clip_view(details={"items": [item, item]}))
    assert re.findall(r'data-index="(\d)"', html) == ["0", "1"]
    assert re.findall(r'value="([^"]*)" selected', html) == ["cardinal", "cardinal"]
    assert "digit by digit: one two" in html
    assert view.readings(clip_view()) == ""


@pytest.mark.parametrize(("source", "said"), [
    ("model:starter", "heard by starter"), ("numbers", "numbers to words"), ("person", "edited by hand"),
    (None, "")])
def test_source_is_told_in_words(source: str | None, said: str) -> None:
    assert view.source_of(clip_view(source=source)) == said


# --- small words

@pytest.mark.parametrize(("seconds", "said"), [
    (0.4, "0 s"), (59, "59 s"), (89, "89 s"), (120, "2 min"), (5400, "1 h 30 min"), (None, "")])
def test_durations_are_told_as_people_do(seconds: float | None, said: str) -> None:
    assert view.duration(seconds) == said


def test_worst_finding_comes_first() -> None:
    html = view.findings([Finding("a", "warn", "quiet"), Finding("b", "refuse", "silent")])
    assert Tags(html).text == "silentquiet"
    assert view.findings([]) == ""


def test_table_names_its_columns_and_itself() -> None:
    found = Tags(view.table(["A", "B"], [["<b>1</b>", "2"]], "Figures"))
    assert found.tags.count("th") == 2 and "b" in found.tags and "Figures" in found.text


# --- runs

def test_a_working_run_has_a_bar_and_a_finished_one_has_none() -> None:
    working = view.progress(run_of("running", seconds_left=120.0))
    assert 'aria-valuenow="30"' in working and "about 2 min left" in working
    assert "progressbar" not in view.progress(run_of("done"))


def test_a_run_says_what_the_licence_of_its_base_forbids() -> None:
    free, bound = (run_card.state(run_of("done", order={"base": "/m/mms-1b-all", "licence": licence}))
                   for licence in ("apache-2.0", "cc-by-nc-4.0"))
    assert "licence" not in free and "mms-1b-all is under the licence CC-BY-NC-4.0: " in bound


def test_stopped_by_you_is_not_failed(tmp_path: Path) -> None:
    stopped = run_card.state(run_of("stopped", message="Stopped by you at step 90."))
    assert "stopped by you" in stopped and "Resume goes on" in stopped and "vw-failure" not in stopped
    run = RunDir(tmp_path)
    run.log.write_text("\n".join(f"line {i}" for i in range(90)))
    failed = run_card.state(replace(run_of("failed", message="The disk is full."), path=tmp_path))
    assert "The disk is full." in failed and "The last 40 lines" in failed
    assert "line 89" in failed and "line 49" not in failed


def test_log_tail_survives_bytes_that_are_no_text(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    assert run_card.log_tail(run) == []
    run.log.write_bytes(b"\xff\xfe broken\nlast")
    assert run_card.log_tail(run)[-1] == "last"


def test_history_offers_what_each_state_allows() -> None:
    cards = [replace(run_of(state), id=state) for state in ("running", "done", "stopped", "lost")]
    offers = re.findall(r'data-do="(\w+)" data-run="(\w+)"', run_card.history(cards, "done"))
    expected = [("stop", "running"), ("resume", "stopped"), ("resume", "lost")]
    assert [offer for offer in offers if offer[0] != "show"] == expected
    assert 'data-run="done" aria-pressed="true"' in run_card.history(cards, "done")


def test_samples_show_the_newest_and_what_it_was_at_first() -> None:
    rows = [{"kind": "sample", "id": "1", "step": step, "reference": "one two", "prediction": said}
            for step, said in ((5, "12"), (10, "one to"))]
    html = run_card.samples(rows)
    assert "<ins>to</ins>" in html and "12" in html and "at step 10" in html and "at step 5" in html
    assert run_card.samples([]) == ""


def test_samples_of_a_superseded_attempt_are_not_shown() -> None:
    old = {"kind": "sample", "id": "1", "step": 10, "reference": "one", "prediction": "older"}
    again = {"kind": "attempt", "step": 5, "from_step": 5}
    new = {**old, "prediction": "newer"}
    assert "older" not in run_card.samples([old, again, new])


# --- verdict

def ruling(regression: bool) -> Shown:
    """A clear improvement on 22 items."""
    references = ["order one two nine"] * 22
    base = [score_item(str(i), text, "order 129") for i, text in enumerate(references)]
    tuned = [score_item(str(i), text, text) for i, text in enumerate(references)]
    ordinary = [score_item(str(i), "it is a fine day", "it is a fine day") for i in range(30)]
    made = verdict.judge(base, tuned, *([ordinary, ordinary] if regression else []))
    items = [{"id": b.id, "reference": b.reference, "base": b.hypothesis, "tuned": t.hypothesis}
             for b, t in zip(base, tuned, strict=True)]
    return Shown(made, items, [])


def test_verdict_begins_with_its_sentence_and_has_every_figure() -> None:
    found = ruling(regression=True)
    said = Tags(verdict_card.verdict(found)).text
    assert said.startswith(found.verdict.sentence)
    assert "75.0 %" in said and "0.0 %" in said and "100.0 %" in said and "On 22 held-out takes" in said
    assert "150 words" in said and "All 22 items" in said
    assert verdict_card.verdict(None) == ""


def closely(found: Shown, evil: str = "") -> Shown:
    """The same with a closer look: two groups, a speaker who lags, a sentence that got worse, a speed."""
    base, tuned = ([score_item(item["id"], item["reference"], item[role]) for item in found.items]
                   for role in ("base", "tuned"))
    traits = {item.id: Traits(f"Ada{evil}" if at < 19 else "Bea", f"order{evil}", at / 10)
              for at, item in enumerate(base)}
    lost = [replace(item, word_errors=3, hypothesis=f"border{evil}") for item in base[:1]]
    seen = closer.look(found.verdict, (base, tuned), ([], []), traits, pace([0.1] * 8, [0.1] * 8, [2.0] * 8))
    worse = got_worse(tuned, [*lost, *tuned[1:]], tuned[1:2], [replace(base[1], word_errors=2)])
    return replace(found, closer=replace(seen, worst=worse, lagging=(f"The speaker {evil} lags.",)))


def test_a_closer_look_begins_in_plain_words_and_every_part_has_its_place() -> None:
    found = closely(ruling(regression=True))
    html = verdict_card.verdict(found)
    said = Tags(html).text
    assert found.closer is not None and said.startswith(found.closer.plain)
    assert found.verdict.sentence in said and "The speaker  lags." in said
    for part in ("Speaker: Ada", "too few to say", "Short: up to 0.7 s", "Middle: over 0.7 s, up to 1.4 s",
                 "for looking, not for judging", "What got worse: 2 sentences to hear", "ordinary speech",
                 "as fast as its base", "Seconds until the first word", "0.100"):
        assert part in said, part
    assert html.count("<audio") == 2 and 'src="audio/0"' in html and 'preload="none"' in html
    assert EVIL not in verdict_card.verdict(closely(ruling(regression=True), EVIL))


def test_a_fresh_verdict_has_a_card_of_its_own() -> None:
    own = ruling(regression=True)
    html = verdict_card.verdict(replace(own, fresh=(closely(ruling(regression=False)), own)))
    assert html.count("<section") == 3 and html.count("Fresh test: 22 takes of new prompts") == 4
    assert "training paid off" in html


def test_verdict_without_ordinary_speech_says_not_measured() -> None:
    assert Tags(verdict_card.verdict(ruling(regression=False))).text.count("not measured") == 3


@pytest.mark.parametrize(("interval", "higher", "kind"), [
    (Interval(-0.45, -0.5, -0.4, 20), False, "vw-ok-text"),
    (Interval(0.1, 0.05, 0.2, 20), False, "vw-bad-text"),
    (Interval(0.9, 0.8, 1.0, 20), True, "vw-ok-text"), (Interval(0.01, -0.02, 0.05, 20), False, "")])
def test_change_is_coloured_only_when_zero_is_left_out(interval: Interval, higher: bool, kind: str) -> None:
    html = verdict_card.change(interval, higher)
    assert (kind in html) if kind else ("-text" not in html)


def test_change_is_told_in_points_with_its_interval() -> None:
    assert Tags(verdict_card.change(Interval(-0.45, -0.5, -0.4, 20))).text == "−45.0 points (−50.0 to −40.0)"
    assert verdict_card.change(None) == ""


# --- plots

def test_histogram_is_a_figure_that_plotly_accepts() -> None:
    figure = plotly.graph_objects.Figure(plot.histogram([(1.0, 2.0, 3), (2.0, 3.0, 5)], "Level (dBFS)"))
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([1.5, 2.5], [3, 5])
    assert [list(stretch) for stretch in figure.data[0].customdata] == [[1.0, 2.0], [2.0, 3.0]]
    assert figure.layout.xaxis.title.text == "Level (dBFS)"


def test_the_script_of_the_plots_lies_on_this_machine() -> None:
    assert plot.plotly_js().is_file() and plot.plotly_js().stat().st_size > 1_000_000
