"""The card of a merged model: README.md with data, options, verdict and what the merge changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.evaluation import closer, groups
from core.evaluation.closer import Closer
from core.evaluation.groups import Group
from core.evaluation.pace import in_words
from core.families import FAMILIES
from core.families.base.speaking import GoesOn, Speaks
from core.files import read_json
from core.modelling import licences
from core.run_dir import RunDir

HEAD = """---
library_name: {library}
pipeline_tag: {task}
{licence}---
"""
USE = {"whisper": "\n\nIt learned with the task “transcribe” and without times: use it with"
       " `without_timestamps=True`."}
"""What a reader of the card has to know before using a model of a family."""
RATES = {
    "wer": "word error rate",
    "cer": "character error rate",
    "digit_error_rate": "digit error rate",
    "number_error_rate": "numbers with a wrong digit",
    "no_digit_share": "outputs without digits",
}


CORPORA = ("The model also learned from the voices of these corpora: {names}. Their owners' licences say "
           "what may be done with them.")


def model_card(name: str, trained: RunDir, merge: dict[str, Any],
               consents: Sequence[Mapping[str, Any]] = (), corpora: Sequence[str] = ()) -> str:
    """Markdown for the model `name` merged from the run `trained`; `merge` holds the figures of the merge,
    `consents` who agreed that the model speaks with their voice: {name, version, date, text}, `corpora` whose
    other voices it heard."""
    order = trained.order()
    licence = order.get("licence") or licences.licence_of(Path(order["base"]))
    is_merged = "merged_equal" in merge
    how = "merged" if is_merged else "which alone is here, written"
    parts = [
        HEAD.format(library=merge.get("form", "transformers"), task=_task(order["family"]),
                    licence=f"license: {licence}\n" if licence else "") + f"# {name}",
        f"The base model **{Path(order['base']).name}** (family {order['family']}) with the adapter of the "
        f"training run `{trained.id}`, {how} on {datetime.now(UTC):%Y-%m-%d}, saved in {merge['dtype']}.",
        *(["## Licence", said] if (said := _licence(Path(order["base"]).name, licence)) else []),
        *(["## Consent", _consent(consents)] if consents else []),
        *(["## Corpora", CORPORA.format(names=", ".join(corpora))] if corpora else []),
        "## Data",
        _table(
            ("", ""), [("dataset", Path(order["dataset"]).name), ("fingerprint", order.get("fingerprint"))]
        ),
        "## Options",
        _table(("option", "value"), _options(order)),
        "## Verdict",
        _verdict(trained.path),
        *(["## Merge", _merge(merge)] if is_merged else []),
        *(["## Form", _form(merge, str(order["family"]))] if "form" in merge else []),
        "## Versions",
        _table(("", ""), sorted((order.get("versions") or {}).items())),
    ]
    return "\n\n".join(parts) + "\n"


def _licence(base: str, licence: str) -> str:
    """What the base's licence asks of whoever has this model."""
    if not licence:
        return ""
    said = f"The base model {base}"
    return licences.sentence(said, licence) or f"{said} is under {licence}."


def _task(family: str) -> str:
    """What the model does, as the hub calls it."""
    known = FAMILIES.get(family)
    if isinstance(known, GoesOn):
        return "audio-to-audio"
    return "text-to-speech" if isinstance(known, Speaks) else "automatic-speech-recognition"


def _consent(consents: Sequence[Mapping[str, Any]]) -> str:
    """Who agreed to which text and when, and the texts."""
    rows = [(one["name"], one["version"], one["date"]) for one in consents]
    texts = {one["version"]: one["text"] for one in consents}
    said = [f"Version {version}:\n\n" + "\n".join(f"> {line}" for line in text.splitlines())
            for version, text in sorted(texts.items())]
    head = "The model speaks with these voices. Their owners agreed to that, and may take it back:"
    return "\n\n".join([head, _table(("speaker", "version of the text", "agreed"), rows), *said])


def _options(order: dict[str, Any]) -> list[tuple[str, Any]]:
    said = {name: order.get(name) for name in ("preset", "way", "device", "precision")}
    return [
        *((name, value) for name, value in said.items() if value),
        *sorted((order.get("options") or {}).items()),
    ]


def _verdict(run: Path) -> str:
    for name in ("speech.json", "costs.json"):
        if (run / name).exists():
            return str(read_json(run / name)["sentence"])
    path = run / "verdict.json"
    if not path.exists():
        return "Not measured: the dataset had no test part when the run ended."
    verdict = read_json(path)
    rows = [_line(verdict, title, key) for key, title in RATES.items()]
    rows.append(_line(verdict, "word error rate of ordinary speech", "wer", "regression_"))
    heads = (f"{verdict['n_items']} held-out clips", "base", "tuned", "change, 95 % sure")
    seen = closer.from_json(verdict.get("closer"))
    first = [seen.plain] if seen else []
    return "\n\n".join([*first, verdict["sentence"], _table(heads, rows), *(_closer(seen) if seen else [])])


def _line(verdict: dict[str, Any], title: str, key: str, which: str = "") -> tuple[str, str, str, str]:
    change = verdict["intervals"].get(f"{which}{key}")
    return (title, _percent(verdict[f"{which}base"], key), _percent(verdict[f"{which}tuned"], key),
            _points(**change) if change else "not measured")


def _percent(figures: dict[str, Any] | None, key: str) -> str:
    return f"{100 * figures[key]:.1f} %" if figures else "not measured"


def _points(difference: float, low: float, high: float, n: int) -> str:
    return f"{100 * difference:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}, n = {n})"


def _closer(seen: Closer) -> list[str]:
    """Speed, groups, and what got worse, each with what it is worth."""
    parts = ["### Speed", in_words(seen.pace) if seen.pace else "Not measured."]
    if seen.groups:
        heads = ("group", "clips", "WER, base", "WER, tuned", "change, 95 % sure")
        parts += ["### Groups", groups.NOTE, _table(heads, [_group(group) for group in seen.groups])]
    parts += seen.lagging
    if seen.worst:
        rows = [(w.reference, w.base, w.tuned, w.more_words) for w in seen.worst]
        parts += ["### What got worse", _table(("said", "base", "tuned", "more wrong words"), rows)]
    return parts


def _group(group: Group) -> tuple[str, int, str, str, str]:
    bounds = [f"over {group.above} s" if group.above is not None else "",
              f"up to {group.up_to} s" if group.up_to is not None else ""]
    said = ", ".join(filter(None, bounds))
    change = _points(**asdict(group.interval)) if group.interval else "too few to say"
    return (f"{group.by} {group.name}{f' ({said})' if said else ''}", group.n, f"{100 * group.base:.1f} %",
            f"{100 * group.tuned:.1f} %", change)


def _merge(merge: dict[str, Any]) -> str:
    written = merge[merge["dtype"]]
    exact = "the same text as" if merge["merged_equal"] else "another text than"
    cost = "" if written["wer_cost"] is None else f", which costs {written['wer_cost']:.2f} points of WER"
    text = (
        f"In fp32, before it was saved, the merged model wrote {exact} base + adapter on {merge['n']} clips "
        f"(largest difference of an output: {merge['max_logit_difference']:.2g}). Read back from "
        f"{merge['dtype']}, it writes {written['n_different']} of them differently{cost}."
    )
    if not written["items"]:
        return text
    rows = [tuple(item[key] for key in ("id", "reference", "before", "after")) for item in written["items"]]
    return text + "\n\n" + _table(("clip", "reference", "base + adapter", f"saved in {merge['dtype']}"), rows)


def _form(merge: dict[str, Any], family: str) -> str:
    """What was looked at before the model counted as written, and how it is to be used."""
    rows = [(check["name"], check["sentence"]) for check in merge["checks"]]
    how = USE.get(family, "")
    return f"Written for {merge['form']}, opened again there and compared.\n\n" + _table(("", ""), rows) + how


def _table(head: tuple[str, ...], rows: list[Any]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
