"""The Spot-check tab and the whole set without a browser: what each press does to the data and shows."""
from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import gradio as gr

from core.library.transcripts import Draft
from core.steps import sample
from core.steps.loudness import measure_missing
from tests.ui.home import WHO, Home
from ui import check_seat, check_table, figures, thresholds, whole_set
from ui.seat import NEW

START = dict(check_seat.NEW)


def test_marks_are_kept_and_the_proof_follows(home: Home) -> None:
    pick = home.handler("spot-check-table", "pick")
    seat = pick(home.project.slug, WHO, {**START, "view": "all"}, gr.EventData(None, {"place": 0}))[0]
    first = seat["clip"]
    values = home.handler("spot-check-right", "click")(home.project.slug, WHO, seat, seat_text(home, seat))
    seat = values[0]
    assert home.library.clips.get(first).mark == "right" and seat["clip"] != first
    values = home.handler("spot-check-wrong", "click")(home.project.slug, WHO, seat, seat_text(home, seat))
    assert "1 of 2 right" in values[4] and "draw a random sample" in values[4]
    seat = home.handler("spot-check-next", "click")(home.project.slug, WHO, values[0], "")[0]
    assert seat["place"] == 2


def seat_text(home: Home, seat: dict[str, Any]) -> str:
    """What the text field holds when nobody has typed."""
    return home.library.clips.view(seat["clip"]).text or ""


def check(home: Home, elem_id: str, seat: dict[str, Any], text: str | None = None) -> dict[str, Any]:
    """Press a button of the spot-check; the seat afterwards."""
    typed = seat_text(home, seat) if text is None else text
    return home.handler(f"spot-check-{elem_id}", "click")(home.project.slug, WHO, seat, typed)[0]


def drawn(home: Home, n: int = 2) -> dict[str, Any]:
    """A sample drawn on the page; the seat at its first clip."""
    return home.handler("spot-check-draw", "click")(home.project.slug, WHO, START, n)[0]


def test_a_drawn_sample_is_gone_through_in_its_order(home: Home) -> None:
    seat = drawn(home)
    clips = sample.newest(home.library, home.project).clips  # type: ignore[union-attr]
    assert (seat["view"], seat["clip"], len(clips)) == ("sample", clips[0], 2)
    seat = check(home, "right", seat)
    assert seat["clip"] == clips[1]
    seat = check(home, "wrong", seat)
    seen = check_seat.picture(home.library, home.project, seat)
    html = check_table.proof_of(seen.drawn, seen.standing, True)  # type: ignore[arg-type]
    assert "All 2 of the sample are checked" in html and "1 of 2 right" in html and "seed" in html
    assert "2 / 2" in check_table.views(seen)
    look = home.handler("spot-check-views", "look")
    seat = look(home.project.slug, WHO, seat, gr.EventData(None, {"view": "risk"}))[0]
    assert (seat["view"], seat["sort"]) == ("risk", "risk")


def test_a_reload_goes_on_where_the_sample_was_left(home: Home) -> None:
    seat = check(home, "right", drawn(home))
    fresh = check_seat.picture(home.library, home.project, START)
    assert fresh.seat["view"] == "sample"
    assert fresh.found.clips[fresh.seat["place"] + check_seat.next_unmarked(fresh)].id == seat["clip"]


def test_a_typed_correction_is_a_fix_whatever_is_pressed(home: Home) -> None:
    for button in ("save", "right", "next"):
        seat = drawn(home)
        clip = seat["clip"]
        check(home, button, seat, f"corrected by {button}")
        assert home.library.clips.view(clip).text == f"corrected by {button}"
        assert home.library.clips.get(clip).mark == "fixed"
        assert check(home, "undo", seat)["clip"] == clip, "undo goes to the take that it was about"
        assert home.library.clips.get(clip).mark == ""


def test_a_fix_on_review_leads_there_and_back(home: Home) -> None:
    seat = drawn(home)
    clip = seat["clip"]
    leave = home.handler("spot-check-on-review", "click")
    asked = leave(home.project.slug, WHO, seat, seat_text(home, seat))[-1]
    assert (asked["tab"], asked["clip"], asked["back"]) == ("Review", clip, "Spot-check")
    assert home.library.clips.get(clip).mark == "fixed"
    tabs = {"review": [], "spot": []}  # type: ignore[var-annotated]
    for fn in home.blocks.fns.values():
        if fn.fn and fn.fn.__qualname__.startswith("arrive"):
            values = fn.fn(asked, home.project.slug, WHO, {**NEW})
            tabs["review" if values[-1] == "Review" else "spot"].append(values)
    assert len(tabs["review"]) == 1 and len(tabs["spot"]) == 1
    assert tabs["review"][0][0]["clip"] == clip and tabs["spot"][0][-1] == ""


def test_table_sorts_both_ways_and_pages(home: Home) -> None:
    seat = {**check_seat.NEW, "project": home.project.slug, "view": "all", "sort": "seconds", "down": True}
    seen = check_seat.picture(home.library, home.project, seat)
    long = replace(seen, found=seen.found.only(seen.found.clips * 20), seat={**seen.seat, "place": 25})
    html = check_table.listing(long)
    assert 'aria-sort="descending"' in html and "26 to 50 of 60" in html
    assert html.count("<tr") == 26
    assert 'data-place="0"' in html and 'data-place="50"' in html
    sort = home.handler("spot-check-table", "sort")
    values = sort(home.project.slug, WHO, seen.seat, gr.EventData(None, {"sort": "seconds"}))
    assert (values[0]["sort"], values[0]["down"]) == ("seconds", False)


def test_detail_has_every_figure_with_its_unit(home: Home) -> None:
    measure_missing(home.library, home.project)
    seen = check_seat.picture(home.library, home.project, START)
    html = check_table.detail(seen)
    for wanted in ("1.5 s", "LUFS", "kHz", "16,000 Hz", "Longest pause", "Silence before", "Edge CER"):
        assert wanted in html


def test_a_bar_shows_its_clips_and_a_chip_all_again(home: Home) -> None:
    plotted, listed = figures.drawing(home.library, home.project, "seconds")
    bar = plotted["figure"]["data"][0]
    assert bar["y"] == [3] and "data-low" in listed
    low, high = bar["customdata"][0]
    hear = home.handler("spot-check-plot", "bar")
    values = hear(home.project.slug, "seconds", START, gr.EventData(None, {"low": low, "high": high}))
    assert values[0]["only"] == {"metric": "seconds", "low": low, "high": high}
    assert "Only Length (s) 1.4 – 1.6: 3" in re.sub("<[^>]*>", "", values[3])
    values = hear(home.project.slug, "seconds", START, gr.EventData(None, {"low": 90, "high": 91}))
    assert "No take fits here any more" in values[-1] and values[0]["clip"] == ""
    look = home.handler("spot-check-views", "look")
    values = look(home.project.slug, WHO, values[0], gr.EventData(None, {"view": "all"}))
    assert values[0]["only"] == {} and "vw-only" not in values[3] and values[0]["clip"]
    assert figures.drawing(home.library, None, "seconds") == [{}, ""]


def test_thresholds_count_show_and_reject(home: Home) -> None:
    given = {"limits": {"seconds": [2, None]}, "turn": 1}
    count, preview = (home.handler("spot-check-limits", name) for name in ("limits", "preview"))
    told = count(home.project.slug, gr.EventData(None, given))
    assert told["n"] == 3 and told["counts"] == {"seconds": "3 takes"}
    assert "3 of 3 takes (100.0 %)" in told["said"]
    wrong = count(home.project.slug, gr.EventData(None, {"limits": {"seconds": [3, 1]}}))
    assert "no take would be left" in wrong["said"] and wrong["n"] == 0
    shown = preview(home.project.slug, gr.EventData(None, given))
    assert shown["html"].count("<tr") == 4 and shown["button"] == "Reject 3 takes"
    assert [home.decision(n) for n in range(3)] == ["todo"] * 3
    hear = home.handler("spot-check-limits", "hear")
    assert len(hear(home.project.slug, START, gr.EventData(None, given))[0]["only"]["clips"]) == 3
    drop = home.handler("spot-check-limits", "drop")
    seat = START
    stale = drop(home.project.slug, WHO, seat, gr.EventData(None, {**given, "mark": "old"}))[-1]
    assert "have changed since" in stale["said"] and home.decision(0) == "todo"
    drop(home.project.slug, WHO, seat, gr.EventData(None, {**given, "mark": shown["mark"]}))
    assert [home.decision(n) for n in range(3)] == ["rejected"] * 3
    home.handler("review-undo", "click")(home.project.slug, WHO, home.seat(0, "all"))
    assert [home.decision(n) for n in range(3)] == ["todo"] * 3


def test_thresholds_are_typed_as_they_are_shown(home: Home) -> None:
    typed = thresholds.shares({"edge_cer": [None, 20], "bandwidth_hz": [4, ""], "lead": [0.1, None]})
    assert typed == {"edge_cer": [None, 0.2], "bandwidth_hz": [4000.0, None], "lead": [0.1, None]}
    shown = thresholds.ranges(home.library, home.project)
    assert shown["seconds"] == ["least here: 1.5", "most here: 1.5"]


def test_the_whole_set_leads_to_its_clips(home: Home) -> None:
    found = whole_set.found_of(home.library, home.project)
    assert whole_set.found_of(home.library, home.project) is found, "read once while nothing changes"
    html = "".join(map(str, whole_set.paint(home.library, home.project, "seconds")))
    for wanted in ("Distinct words", "Ada", "No sound is there twice", "There is no dataset yet"):
        assert wanted in html
    see = home.handler("whole-letters", "see")
    asked = see(home.project.slug, gr.EventData(None, {"kind": "letter", "which": "b"}))
    assert (asked["tab"], asked["only"]) == ("Spot-check", {"letter": "b"})
    seat = check_seat.looking_at({**START, "project": home.project.slug}, asked["only"], asked["label"])
    clips = check_seat.picture(home.library, home.project, seat).found.clips
    assert [clip.text for clip in clips] == ["border three four"]
    assert whole_set.wanted(found, "text", "5") is None
    assert whole_set.wanted(found, "voice", "Ada") == ({"clips": []}, "Ada: unlike the others")


def test_markup_in_texts_is_shown_and_never_run(home: Home) -> None:
    evil = "<img src=x onerror=alert(1)>"
    at = home.library.clips.get(home.ids[0]).transcript_id
    home.library.transcripts.append(home.project.id, [Draft(home.ids[0], evil, "person", at)], WHO)
    seen = check_seat.picture(home.library, home.project, START)
    shown = preview_of(home)
    pages = [check_table.listing(seen), check_table.detail(seen), shown,
             "".join(map(str, whole_set.paint(home.library, home.project, "seconds")))]
    assert all("<img" not in page for page in pages) and "&lt;img" in pages[0]


def preview_of(home: Home) -> str:
    """The list of what a limit would drop."""
    return str(thresholds.previewed(home.library, home.project, {"seconds": [2, None]})["html"])
