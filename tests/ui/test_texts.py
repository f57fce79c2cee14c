"""The interface texts: two languages with the same keys, every key used and there, no English left in ui."""
from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import numpy as np
import pytest

from core.quality import microphone
from core.quality.clip import ClipQuality, faults
from core.text.said import said as judged
from tests.made import tone
from ui import TABS, look, page, view
from ui.texts import LANGUAGES, language_of, say, speaking, texts
from ui.texts.retold import PREFIX, retold

UI = Path(look.__file__).parent
SOURCES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(UI.rglob("*.py"))}
SHOWN = {"label", "info", "placeholder", "title", "desc"}
"""Keywords whose value somebody reads."""
SPEAKING = {"Button", "Info", "Warning", "Error", "Accordion", "Tab", "Markdown", "BadInput", "Refused",
            "Stale", "Unavailable", "note", "table", "heading"}
"""Calls whose first value somebody reads."""
QUALITY = {name: 0.0 for name in ClipQuality.__dataclass_fields__} | {
    "seconds": 3.0, "speech_dbfs": -20.0, "snr_db": 40.0, "lead": 0.5, "trail": 0.5, "words_per_second": 2.0}


def shapes(text: str) -> list[tuple[str, str | None]]:
    """The places of a text for values, with their formats."""
    return sorted((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name)


def base(key: str) -> str:
    """A key without its ending for one or more."""
    return key.removesuffix(".one").removesuffix(".other")


def test_both_languages_have_the_same_keys_with_the_same_places() -> None:
    english, french = texts("en"), texts("fr")
    assert list(english) == list(french)
    different = [key for key in english if shapes(english[key]) != shapes(french[key])]
    # one thing alone needs no figure
    assert [key for key in different if not key.endswith(".one") and not key.startswith(PREFIX)] == []
    for key in different:
        assert set(shapes(french[key])) <= set(shapes(english[key])) | {("n", ""), ("n", ":,")}, key


def asked_in_python() -> set[str]:
    """Keys as they are written; those that are put together end in *."""
    found = set()
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = str(node.values[0].value)
                found |= {f"{start}*"} if re.fullmatch(r"[a-z_]+\.([a-z_]+\.)*", start) else set()
    return found


def asked_in_scripts() -> set[str]:
    """Keys in the scripts, the templates and the key table."""
    found = set()
    for path in [*UI.glob("static/*.js"), *UI.glob("static/*.html"), UI / "keys.json", *SOURCES]:
        raw = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"\b(?:vw|voicewright)\.t\(\s*[\"']([\w.]+)[\"']", raw))
        found |= set(re.findall(r"[?:] \"((?:recorder|player)\.[\w.]+)\"", raw))
        found |= {f"{start}*" for start in re.findall(r"[`]([a-z_]+\.[a-z_.]*)\$\{", raw)}
        found |= set(re.findall(r"\[\[([\w]+\.[\w.]+)\]\]", raw))
        found |= set(re.findall(r"\"label\": \"([\w.]+)\"", raw))
    return found


KEY = re.compile(rf"({'|'.join({re.escape(key.split('.')[0]) for key in texts('en')})})(\.\w+)+")


def test_every_key_that_is_asked_for_is_there_and_every_key_is_asked_for() -> None:
    known = {base(key) for key in texts("en")}
    asked = asked_in_python() | asked_in_scripts()
    starts = tuple(key[:-1] for key in asked if key.endswith("*"))
    used = {key for key in asked if not key.endswith("*")}
    assert {key for key in asked_in_scripts() if not key.endswith("*")} - known == set()
    assert said_in_python() - known == set()
    assert [start for start in starts if not any(key.startswith(start) for key in known)] == []
    spare = {key for key in known - used if not key.startswith((*starts, PREFIX))}
    assert spare == set()


def said_in_python() -> set[str]:
    """The keys in calls of say, words and nothing."""
    calls = [node for tree in SOURCES.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {str(call.args[0].value) for call in calls
            if name_of(call.func) in ("say", "words", "nothing") and call.args
            and isinstance(call.args[0], ast.Constant)}


def name_of(node: ast.expr) -> str:
    """What is called: `Button` of gr.Button."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def english_in(tree: ast.AST) -> list[str]:
    """Literal words where somebody would read them."""
    found: list[ast.expr] = []
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        found += [keyword.value for keyword in call.keywords if keyword.arg in SHOWN]
        found += call.args[:1] if name_of(call.func) in SPEAKING else []
    return [ast.unparse(each) for each in found if is_spelled_out(each)]


def is_spelled_out(node: ast.expr) -> bool:
    """Whether an expression holds a word of its own: not a call of `say`, not a sign."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and re.search(r"[A-Za-z]{2}", node.value) is not None
    parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
    return isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp) and any(map(is_spelled_out, parts))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(UI)))
def test_no_english_is_written_where_somebody_reads(path: Path) -> None:
    allowed = {"'Voicewright'"}
    if path.name in ("address.py", "certificate.py", "server.py"):
        pytest.skip("what is printed where Voicewright is started is English, as the commands are")
    assert [words for words in english_in(SOURCES[path]) if words not in allowed] == []


def test_english_that_is_written_out_would_be_found() -> None:
    wrong = ["gr.Button('Go on')", "gr.Textbox(label='Name')", "gr.Info(f'{n} takes')",
             "note('no text' if x else '')"]
    assert all(english_in(ast.parse(code)) for code in wrong)
    assert english_in(ast.parse("gr.Button(say('x.y'), label=say('x.z'), info=text)")) == []


@pytest.mark.parametrize(("header", "cookie", "language"), [
    ("fr-FR,fr;q=0.9,en;q=0.8", "", "fr"), ("de-DE,de;q=0.9", "", "en"), ("de,fr;q=0.5", "", "fr"),
    ("en;q=0.3,fr;q=0.9", "", "fr"), ("fr", "voicewright_language=en", "en"),
    ("", "voicewright_language=xx", "en"),
    ("fr", "a=b; voicewright_language=fr", "fr"), ("nonsense;q=x,,", "", "en"), ("", "", "en")])
def test_the_language_is_the_chosen_one_else_the_browsers_else_english(
    header: str, cookie: str, language: str
) -> None:
    assert language_of({"accept-language": header, "cookie": cookie}) == language


def test_numbers_and_plurals_are_those_of_the_language() -> None:
    told = {"recorded": 1200, "n": 1}
    assert say("script.summary", **told) == "1 prompt, 1,200 recorded."
    assert view.decimal(2.5, 1) == "2.5"
    with speaking("fr"):
        assert say("view.takes", n=0) == "0 prise" and say("view.takes", n=2) == "2 prises"
        assert say("view.takes", n=1200) == "1\u202f200 prises"
        assert (view.decimal(2.5, 1), view.percent(0.125)) == ("2,5", "12,5\u202f%")
    assert say("view.takes", n=0) == "0 takes"


def test_what_stands_in_a_text_is_no_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    for name in LANGUAGES:
        with speaking(name):
            assert "<" not in view.words("script.act.edit", text=evil)
            pages = look.markup("recorder.html") + look.markup("booth.html") + look.markup("player.html")
        assert "[[" not in pages and evil not in pages
    for name in LANGUAGES:
        assert [key for key, text in texts(name).items() if "<" in text or ">" in text] == []


def test_tabs_keep_their_ids_and_change_their_names() -> None:
    with speaking("fr"):
        assert {page.title_of(tab.TITLE) for tab in TABS}.isdisjoint({"Record", "Review", "Train"})
        assert "<kbd>Espace</kbd> enregistrer / arrêter" in look.keys_of("Record")
    assert page.title_of("Spot-check") == "Spot-check"


def sentences_of_takes() -> list[str]:
    """Every fault that a take can have, as core says it."""
    bad = [{"interrupted": True, "n_overflows": 1}, {"n_overflows": 3}, {"seconds": 0.1}, {"seconds": 40.0},
           {"clipped_ratio": 0.1}, {"clipped_ratio": 1e-5}, {"speech_dbfs": -3.0}, {"speech_dbfs": -50.0},
           {"snr_db": 3.0}, {"lead": 0.0}, {"trail": 0.0}, {"longest_silence": 3.0},
           {"words_per_second": 0.1}, {"words_per_second": 9.0}, {"silence_ratio": 1.0}]
    found = [fault for change in bad for fault in faults(ClipQuality(**QUALITY | change))]
    assert len({fault.code for fault in found}) == 13
    return [fault.sentence for fault in found]


def sentences_of_microphones() -> list[str]:
    """Checks of good and bad microphones, with all that they find."""
    rate, rng = 48_000, np.random.default_rng(0)
    room = rng.normal(0, 1e-4, 2 * rate).astype(np.float32)
    voice = rng.normal(0, 0.1, 3 * rate).astype(np.float32)
    phase = 2 * np.pi * 50 * np.arange(2 * rate) / rate
    hum = np.sin(phase) + np.sin(2 * phase)
    loud_room = rng.normal(0, 0.02, 2 * rate).astype(np.float32)
    cases = [(room, voice), (room, voice * 20), (room, voice * 0.02), (loud_room, voice), (room, room),
             (room + 0.003 * hum.astype(np.float32), voice), (room, tone(3.0, 400.0, rate=rate)),
             (loud_room * 0.2, voice * 0.1)]
    found = []
    for quiet, spoken in cases:
        for processing in ({}, {"noiseSuppression": True}, dict.fromkeys(microphone.PROCESSING, True)):
            measured = microphone.check(quiet, np.clip(spoken, -1, 1).astype(np.float32), rate, processing)
            found += [measured.sentence, *(finding.sentence for finding in measured.findings)]
    return found


def doubts() -> list[str]:
    """The three ways to doubt that a prompt was said."""
    return [judged("one two", "").doubt, judged("one two three", "five six", ["five six"]).doubt,
            judged("order one two", "blue whales sleep").doubt]


@pytest.mark.parametrize("given", [sentences_of_takes, sentences_of_microphones, doubts])
def test_what_core_tells_a_speaker_is_told_in_french(given: object) -> None:
    assert callable(given)
    for sentence in given():
        with speaking("fr"):
            assert retold(sentence) != sentence, sentence
        assert retold(sentence) == sentence
    with speaking("fr"):
        assert retold("No text knows this sentence.") == "No text knows this sentence."
        assert retold("31.5 s: too long (at most 30 s); stop right after the last word, or split the prompt."
                      ).startswith("31,5 s\u00a0: trop long (au plus 30 s)\u202f; arrêtez")
