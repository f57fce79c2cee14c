"""Sentences of core are told in French: each that core can say has a key; texts of several, part by part."""
from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import errors
from core.config import DataRoot
from core.evaluation.groups import NOTE, Traits, lagging
from core.evaluation.pace import in_words, pace
from core.evaluation.plain import plain
from core.evaluation.rates import score_item
from core.evaluation.sign_test import in_words as proven
from core.evaluation.verdict import judge
from core.run_dir import RunDir
from core.runs import listing
from tests.pace import within
from ui import run_card, running
from ui.texts import speaking
from ui.texts.retold import retold

CORE = Path(errors.__file__).parent
RAISED = {name for name in vars(errors) if name[0].isupper()}
COMMAND = "said on the command line only"
DEVELOPER = "read by whoever changes the program"
OTHER = "part of a file that is written in English"
UNTOLD = {
    "steps/story.py": COMMAND,
    "commands/": COMMAND,
    "steps/checklist.py": COMMAND,
    "steps/download.py": COMMAND,
    "datasets/fetching/": COMMAND,
    "runs/launch/making.py A run takes": COMMAND,
    "steps/speak_file.py": COMMAND,
    "steps/demo_data.py": COMMAND,
    "datasets/formats/chatml.py Generate audio": OTHER,
    "steps/evaluate_file.py": COMMAND,
    "steps/train_request.py For 7, from run": OTHER,
    "runs/jobs/card.py": OTHER,
    "runs/helper.py The helper cannot do": DEVELOPER,
    "families/ctc/labels.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "families/whisper/labels.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "families/kyutai/findings.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "families/moshi/findings.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "families/higgs/findings.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "modelling/higgs/tokens.py Generate audio": "said to the model, in the words that it was trained with",
    "families/lact/findings.py 7 of 7 clips 7": "told below, by way of the findings themselves",
    "steps/prompts.py 7 prompts was": "1 prompt was, 7 prompts were: both have their keys",
}
"""Sentences without a key, by the start of their file and words, each with its reason."""
FILLED = {
    "length(promised)": "4.9 s", "length(max_seconds)": "10 min",
    "length(left)": "2 h 7 min", "_spoken(seconds)": "5 minutes", "self._who()": " No speaker is named.",
    "where": "Line 7 of x.csv", "what": "The merged model", "self.room": "quiet",
    "bound": "7 of the 7 clips (7 %)", "_percent(upper_bound(n_wrong, n, level))": "7 %",
    "_percent(n_wrong / n)": "7 %", "_percent(most / n_total)": "7 %",
    "named": "checkpoint step-000010", "named.capitalize()": "Checkpoint step-000010",
    "doubt": "The recogniser heard no words: say it again, a little louder.",
    "recogniser.choice": "The processor (CPU) in fp32: as asked, and fp32 is exact and fastest there.",
}
"""What stands in a place where a figure or a name would not do, by the expression there."""


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """The constants that say what code is for."""
    bodies = [getattr(node, "body", None) for node in ast.walk(tree)]
    lines = [line for body in bodies if isinstance(body, list) for line in body]
    return {line.value for line in lines if isinstance(line, ast.Expr)}


def name_of(node: ast.expr) -> str:
    """What is called: `info` of log.info."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


class Told(ast.NodeVisitor):
    """The texts of one module, each with every way that its conditions can fall."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[tuple[int, str]] = []
        self._silent = docstrings(tree)
        self._local: dict[str, list[ast.expr]] = {}
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A name of a function stands for the texts that it is given there."""
        outer, self._local = self._local, {}
        for line in ast.walk(node):
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                self._local.setdefault(line.targets[0].id, []).append(line.value)
        self.generic_visit(node)
        self._local = outer

    def visit_Call(self, node: ast.Call) -> None:
        """Descriptions of fields, patterns and lines of the log are no sentences."""
        if name_of(node.func) in RAISED and node.args:
            self._add(node.args[0], is_raised=True)
        elif name_of(node.func) not in ("Field", "compile", "execute") and not (
                isinstance(node.func, ast.Attribute) and name_of(node.func.value) == "log"):
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A text without places."""
        if node not in self._silent:
            self._add(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A text with places."""
        self._add(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Texts put together."""
        made = self._ways(node, 3)
        if made == ["7"]:
            self.generic_visit(node)
        else:
            self._add(node)

    def _add(self, node: ast.expr, is_raised: bool = False) -> None:
        made = {" ".join(text.split()) for text in self._ways(node, 3)}
        self.found += [(node.lineno, text) for text in sorted(made) if is_sentence(text, is_raised)]

    def _ways(self, node: ast.expr, depth: int) -> list[str]:
        source = ast.unparse(node)
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else ["7"]
        if isinstance(node, ast.JoinedStr):
            parts = [self._ways(part, depth) for part in node.values]
            return ["".join(way) for way in itertools.islice(itertools.product(*parts), 64)]
        if isinstance(node, ast.FormattedValue):
            return self._ways(node.value, depth)
        if isinstance(node, ast.IfExp):
            return self._ways(node.body, depth) + self._ways(node.orelse, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._ways(node.left, depth), self._ways(node.right, depth)
            return ["7"] if left == right == ["7"] else [a + b for a in left for b in right]
        if isinstance(node, ast.Call) and name_of(node.func) == "_n":
            thing = ast.literal_eval(node.args[1])
            return [f"7 {thing}" if thing == "more" else f"7 {thing}s", f"1 {thing}"]
        given = [value for value in self._local.get(source, []) if value.lineno < node.lineno]
        if depth and given:
            ways = self._ways(max(given, key=lambda value: value.lineno), depth - 1)
            return ways if ways != ["7"] else [FILLED.get(source, "7")]
        return [FILLED.get(source, "7")]


def is_sentence(text: str, is_raised: bool) -> bool:
    """Whether a text can be one that is said to a person."""
    if len(re.findall(r"[A-Za-z]{2,}", text)) < 2 or is_raised:
        return is_raised and text != "7"
    is_told = bool(re.match(r"[A-Z“7]", text)) and text.endswith((".", "?")) and text != text.upper()
    return is_told and not text.startswith(("SELECT", "UPDATE", "AND"))


def sentences() -> Iterator[tuple[str, str]]:
    """(place, text) of all that core can say."""
    for path in sorted(CORE.rglob("*.py")):
        place = path.relative_to(CORE).as_posix()
        for line, text in Told(ast.parse(path.read_text(encoding="utf-8"))).found:
            if not any(f"{place} {text}".startswith(start) for start in UNTOLD):
                yield f"{place}:{line}", text


def english_left(text: str) -> bool:
    """Whether three words in a row are said in French as they were in English."""
    with speaking("fr"):
        told = retold(text)
    return told == text or bool(runs(text) & runs(told))


def runs(text: str) -> set[str]:
    """Each three words in a row, without what is quoted."""
    plain = re.sub(r"`.*?`|“.*?”|«.*?»", '"', text)
    return set(re.findall(r"(?<![\w.])(?=([a-z]{2,} [a-z]{2,} [a-z]{2,})\b)", plain))


def test_every_sentence_of_core_is_told_in_french() -> None:
    found = list(sentences())
    assert len(found) > 400
    assert [(place, text) for place, text in found if english_left(text)] == []


def test_findings_and_the_verdict_of_a_voice_are_told_in_french() -> None:
    from core.evaluation import speech
    from core.families import named
    from core.types import Row

    higgs = named("higgs")
    takes = [("Ada", 3.0, "one"), ("Ada", 3.0, ""), ("Ada", 3.0, "<|a"), ("Bo", 3.0, "b"), ("", 60.0, "c"),
             ("", 3.0, "d"), ("", 3.0, "e")]
    rows = [Row(f"c{i}", f"{i}.wav", 0.0, seconds, 16_000, text, "train", speaker=who)
            for i, (who, seconds, text) in enumerate(takes)]
    found = higgs.preflight(rows, CORE, higgs.options())
    assert len(found) == 7 and not [f.sentence for f in found if english_left(f.sentence)]
    said = [speech.Utterance("a", "one", heard, 2.0, 2.0, True, 5.0, 6.0) for heard in ("one", None)]
    for one in said:
        assert not english_left(speech.judge([one], [one]).sentence)


def test_a_sentence_without_a_key_would_be_found() -> None:
    code = """
def check(name, n):
    \"\"\"What it is for.\"\"\"
    log.info("What the log says of %s.", name)
    told = f"{name} is unheard of: say it otherwise."
    if n:
        raise BadInput(told + f" It was {n} times{'' if n else ' or never'}.")
    return Finding("code", "warn", "Something odd was noticed" " here.")
"""
    found = [text for _, text in Told(ast.parse(code)).found]
    assert found == ["7 is unheard of: say it otherwise.",
                     "7 is unheard of: say it otherwise. It was 7 times or never.",
                     "7 is unheard of: say it otherwise. It was 7 times.", "Something odd was noticed here."]
    assert all(map(english_left, found))


def test_what_has_no_key_is_still_said_there() -> None:
    told = {f"{path.relative_to(CORE).as_posix()} {text}" for path in CORE.rglob("*.py")
            for _, text in Told(ast.parse(path.read_text(encoding="utf-8"))).found}
    assert [start for start in UNTOLD if not any(text.startswith(start) for text in told)] == []


def french(text: str) -> str:
    """The text as the French page says it, with plain spaces."""
    with speaking("fr"):
        return re.sub("[\u00a0\u202f]", " ", retold(text))


@pytest.mark.parametrize(("said", "told"), [
    ("No verdict: The disk is full: a.wav could not be written. Free some space and try again; nothing "
     "else was "
     "touched.",
     "Pas de verdict : Le disque est plein : a.wav n’a pas pu être écrit. Libérez de la place et "
     "réessayez ; rien "
     "d’autre n’a été touché."),
    ("Trained 1,200 steps. No verdict: There is no clip x; it may belong to another data folder.",
     "1 200 étapes d’entraînement faites. Pas de verdict : Il n’y a pas de prise x ; elle appartient "
     "peut-être à un "
     "autre dossier de données."),
    ("Step 12 of 300, loss 0.125.", "Étape 12 sur 300, perte 0,125."),
    ("Stopped by you at step 12.", "Arrêté par vous à l’étape 12."),
    ("Stopped by the system, which asked this process to end, after 1 of 3 clips.",
     "Arrêté par le système, qui a demandé la fin de ce processus, après 1 prise sur 3."),
    ("Run abc is running: Waiting to start.", "Run abc is running: Waiting to start."),
    ("Clip 3 of 12. The processor (CPU) in fp32: as asked, and fp32 is exact and fastest there.",
     "Prise 3 sur 12. Le processeur (CPU) en fp32 : comme demandé, et fp32 y est exact et le plus rapide."),
    ("2 clips imported. 1 files were there already. 3 could not be imported; the first: a.wav is empty "
     "(0 bytes): "
     "record or export it again.",
     "2 prises importées. 1 fichier était déjà là. 3 n’ont pas pu être importés ; le premier : a.wav est "
     "vide "
     "(0 octet) : enregistrez-le ou exportez-le de nouveau."),
    ("2 of 3 clips have no text to learn; write what is said, or leave them out: a, b, c, d, e and 4 "
     "more. 1 of 3 "
     "clips hold characters that the model cannot write (“é”); spell them out: a.",
     "2 prises sur 3 n’ont pas de texte à apprendre ; écrivez ce qui est dit, ou laissez-les de côté : "
     "a, b, c, d, e "
     "et 4 autres. 1 prise sur 3 contient des caractères que le modèle ne peut pas écrire (“é”) ; "
     "écrivez-les en "
     "toutes lettres : a."),
    ("1 of 3 clips last longer than 30 s, which Whisper does not hear at once, and are left out; split "
     "them: a. 2 of 3 clips have more text than the 443 tokens that Whisper writes at once, and are left "
     "out; split them: b, c.",
     "1 prise sur 3 dure plus de 30 s, plus que Whisper n’entend d’un coup, et est laissée de côté ; "
     "divisez-la : a. 2 prises sur 3 ont plus de texte que les 443 unités que Whisper écrit d’un coup, et "
     "sont laissées de côté ; divisez-les : b, c."),
    ("2 of 3 clips hold signs that this Whisper never writes, such as brackets or notes; spell them out: a, "
     "b. 1 of 3 clips are in another language than the one that the model is told (de); set the option "
     "“language”, or make a dataset of each: c.",
     "2 prises sur 3 contiennent des signes que ce Whisper n’écrit jamais, comme des crochets ou des notes "
     "; écrivez-les en toutes lettres : a, b. 1 prise sur 3 est dans une autre langue que celle qui est "
     "indiquée au modèle (de) ; réglez l’option « language », ou faites un jeu de données pour chacune : "
     "c."),
    ("2 of 3 clips have no word times and are left out: align them first (the Train tab does, or `app.py "
     "words`), then make the dataset anew: a, b. 1 of 3 clips last less than 2 s; silence is put around "
     "them, and longer ones teach more: c.",
     "2 prises sur 3 n’ont pas de temps de mots et sont laissées de côté : alignez-les d’abord (l’onglet "
     "Entraîner le fait, ou `app.py words`), puis refaites le jeu de données : a, b. 1 prise sur 3 dure "
     "moins de 2 s ; du silence est mis autour, et de plus longues apprennent davantage : c."),
    ("1 of 3 clips last longer than the option “longest” (20 s) and are left out: a. 2 of 3 clips are no"
     " longer than one chunk of the fast weights (0.64 s), so nothing is learned while they are heard; raise"
     " the option “updates_per_clip”, or freeze them: b, c.",
     "1 prise sur 3 dure plus que l’option « longest » (20 s) et est laissée de côté : a. 2 prises sur 3 ne"
     " dépassent pas un bloc des poids rapides (0,64 s) : rien n’est appris pendant l’écoute ; augmentez"
     " l’option « updates_per_clip », ou gelez-les : b, c."),
    ("Callers cut off in mid-number: 14 of 30 → 1 of 30 (fewer, p = 0.00098, turns ended when they had "
     "finished: 16 → 29). Callers cut off in ordinary speech: 0 of 5 → 0 of 5 (no difference that could be "
     "shown, p = 1, turns ended when they had finished: 5 → 5).",
     "Appelants coupés au milieu d’un nombre : 14 sur 30 → 1 sur 30 (moins, p = 0,00098, tours finis quand "
     "ils avaient terminé : 16 → 29). Appelants coupés dans la parole ordinaire : 0 sur 5 → 0 sur 5 (aucune "
     "différence que l’on puisse montrer, p = 1, tours finis quand ils avaient terminé : 5 → 5)."),
    ("Undone: a decision and a transcript of 2 takes.", "Annulé : une décision et une transcription, "
     "pour 2 prises."),
    ("Line 3 of a.csv has 7 columns and the first line has 2: put quotes around a text that holds the "
     "separator.",
     "La ligne 3 de a.csv a 7 colonnes et la première en a 2 : mettez des guillemets autour d’un texte "
     "qui contient "
     "le séparateur."),
    ("Option “lr” is 3.0, but should be less than or equal to 1.", "L’option « lr » est 3,0, mais "
     "devrait être au "
     "plus 1."),
    ("A new thing happened. Nothing is missing.", "A new thing happened. Rien ne manque."),
    ("rock and roll", "rock and roll"),
    ("No speaker is named.", "Personne n’est nommé."),
    ("Name", "Nom"),
    ("No consent is recorded for: Name and Steps.", "Aucun accord n’est enregistré pour : Name and Steps."),
])
def test_texts_of_several_sentences_and_parts_are_told_part_by_part(said: str, told: str) -> None:
    assert french(said) == told
    assert retold(said) == said


def verdicts() -> Iterator[str]:
    """Verdicts with all that can be said in them and beside them."""
    right, wrong = "one two three", "one two four"
    for n, n_ordinary in itertools.product((1, 5, 12), (0, 3, 40)):
        names, ordinary = [str(k) for k in range(n)], [f"o{k}" for k in range(n_ordinary)]
        ways = itertools.product(("the whale sleeps", right), (right, wrong, "x y"), (right, wrong))
        for said, was, now in ways:
            base = [score_item(name, said, was) for name in names]
            tuned = [score_item(name, said, now) for name in names]
            before = [score_item(name, "blue whales sleep", "blue whales sleep") for name in ordinary]
            after = [score_item(name, "blue whales sleep", f"blue whales {now}") for name in ordinary]
            yield judge(base, tuned, before, before).sentence
            yield judge(base, tuned, before, after).sentence


def closer_looks() -> Iterator[str]:
    """What a manager reads of verdicts, with each speed, and what is said of speakers and speeds."""
    right = [score_item(str(k), "one two three", "one two three") for k in range(12)]
    wrong = [score_item(str(k), "one two three", "1 2 three" if k % 2 else "one two") for k in range(12)]
    clean = [replace(item, id=str(k)) for k, item in enumerate(right * 5)]
    slightly = [replace(item, word_errors=int(item.id in "12")) for item in clean]
    paces = [None, *(pace([0.1] * 8, [0.1 * by] * 8, [2.0] * 8) for by in (0.5, 1.0, 1.37)),
             pace([0.1] * 8, [0.03, 0.4] * 4, [2.0] * 8)]
    paces += [replace(took, has_adapter=True) for took in paces if took]
    for base, tuned, n in itertools.product((right, wrong), (right, wrong), (1, 5, 12)):
        yield plain(judge(base[:n], tuned[:n]))
    for ordinary in (((), ()), (clean, clean), (clean, slightly), (clean, wrong * 5)):
        before, after = ([replace(item, id=str(k)) for k, item in enumerate(each)] for each in ordinary)
        yield from (plain(judge(wrong, right, before, after), took) for took in paces)
    swapped = [score_item(str(k), "one two three", "one two four") for k in range(12)]
    yield plain(judge([score_item(item.id, "one two three", "123") for item in swapped], swapped))
    yield from (in_words(took) for took in paces if took)
    traits = {item.id: Traits("Ada" if int(item.id) < 30 else "Bea") for item in clean}
    yield from lagging([*clean[:30], *(replace(item, word_errors=2) for item in clean[30:])], traits)
    yield NOTE
    yield from (proven(wins, 0) for wins in (3, 6, 12))
    yield proven(5, 4)


def test_every_closer_look_is_told_in_french() -> None:
    said = set(closer_looks())
    assert len(said) > 30
    for sentence in said:
        told = french(sentence)
        assert set(re.findall(r"[A-Za-z]{2,}", told)) & (ENGLISH - {"on"}) == set(), told


def test_every_verdict_is_told_in_french() -> None:
    for sentence in set(verdicts()):
        told = french(sentence)
        assert set(re.findall(r"[A-Za-z]{2,}", told)) & ENGLISH == set(), told


ENGLISH = set("better worse change but with the on held out item items word error rate went from to sure "
     "lower "
              "higher between and ordinary speech is unharmed changed before now words wrong digits "
              "not".split())


def test_thousands_of_sentences_that_no_key_knows_take_no_time() -> None:
    def tell() -> None:
        for n in range(1000):
            french(f"Something that no text knows happened to clip {n}. It is told as it came; nothing else "
            "is done.")

    within(2, tell)


def test_the_cards_of_a_run_speak_french(data_root: DataRoot) -> None:
    order = {"project": "codes", "preset": "Quick", "family": "ctc", "dataset_name": "first"}
    run = RunDir.create(data_root.runs("codes"), "train", order)
    run.write_status("stopped", "Stopped by you at step 12.")
    with speaking("fr"):
        card = listing.runs(data_root)[0]
        assert run_card.title(card).split(" · ")[1:] == ["Rapide", "ctc", "first"]
        for shown in (run_card.state(card), run_card.history([card], ""), running.said_of(card, 0)):
            assert "Arrêté par vous à l’étape 12." in shown and "Stopped" not in shown
        run.write_status("failed", "The list of the files to import is missing: start the import again.")
        assert "La liste des fichiers à importer manque" in run_card.state(listing.runs(data_root)[0])
