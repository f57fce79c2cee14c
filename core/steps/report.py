"""The report of a run: one HTML file with everything that it measured, no script, nothing from elsewhere."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from core.evaluation.bootstrap import Interval
from core.evaluation.costs import TERMS
from core.files import write_atomic
from core.modelling import licences
from core.run_dir import RunDir
from core.runs import curves, notes
from core.steps import sound_verdict
from core.steps import verdict as verdicts
from core.steps.advice import of_run as advice_of
from core.steps.report_chart import Line, chart
from core.steps.report_style import STYLE
from core.text.difference import words_differ

Tell = Callable[[str], str]
"""A sentence or a heading of core in the language of the reader."""
RATES = {"wer": "Word error rate", "cer": "Character error rate", "digit_error_rate": "Wrong digits",
         "number_error_rate": "Numbers with a wrong digit", "no_digit_share": "Outputs without digits"}
FACTS = {"project": "Project", "base": "Base model", "family": "Family", "preset": "Preset",
         "dataset_name": "Dataset", "fingerprint": "Fingerprint of the data", "device": "Device",
         "precision": "Precision", "way": "Way to begin"}
SMALL = {"lr": "Learning rate", "grad_norm": "Gradient norm", "clips_per_second": "Clips a second",
         "memory_gb": "Memory (GB)"}
OF_TTT = {"ttt_inner_loss": "Inner loss of the TTT layers", "ttt_gate": "Gate of the TTT layers"}
MOST_ITEMS = 500


def write(run: RunDir, out: Path) -> Path:
    """The report as a file; returns where it lies. Raises Unavailable on a full disk."""
    write_atomic(out, html(run))
    return out


def html(run: RunDir, tell: Tell = str, language: str = "en") -> str:
    """The report as HTML, in the language that `tell` speaks. It reads from this run's folder alone."""
    order, status = run.order(), run.status()
    rows, _ = curves.notes(run)
    started = datetime.fromtimestamp(order["order"] / 1e9).strftime("%Y-%m-%d %H:%M")
    title = f"{tell('Report of a training run')}: {run.id}"
    parts = [f"<h1>{escape(title)}</h1>",
             f"<p>{escape(started)} · {escape(tell(status.message))}</p>", _written(run),
             *_verdict(run, tell), *_curves(run, tell), *_advice(run, tell), *_samples(rows, tell),
             *_listed(tell("Warnings"), [tell(row["sentence"]) for row in rows if row["kind"] == "warning"]),
             *_skipped(rows, tell), *_order(order, tell), *_items(run, tell)]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
            + "\n".join(part for part in parts if part) + "\n</body></html>\n")


def _written(run: RunDir) -> str:
    said = notes.of_run(run)
    tags = "".join(f'<span class="tag">{escape(tag)}</span> ' for tag in said.tags)
    note = f'<p class="note">{escape(said.note)}</p>' if said.note else ""
    return f"<p>{tags}</p>{note}" if tags else note


def _verdict(run: RunDir, tell: Tell) -> Iterable[str]:
    found = verdicts.of_run(run)
    if found is None:
        return [_head(tell("Verdict")), *_of_sounds(run, tell)]
    ruling = found.verdict
    base, tuned = asdict(ruling.base), asdict(ruling.tuned)
    rows = [[tell(name), _percent(base[key]), _percent(tuned[key]), _interval(ruling.intervals.get(key))]
            for key, name in RATES.items()]
    if ruling.regression_base and ruling.regression_tuned:
        rates = [_percent(figures.wer) for figures in (ruling.regression_base, ruling.regression_tuned)]
        rows.append([tell("Word error rate, ordinary speech"), *rates,
                     _interval(ruling.intervals.get("regression_wer"))])
    heads = [f"n = {ruling.n_items}", tell("Base"), tell("Tuned"), tell("Change, with 95 % confidence")]
    return [_head(tell("Verdict")), _ruling(ruling.judgement, tell(ruling.sentence)),
            _table(heads, _escaped(rows))]


def _of_sounds(run: RunDir, tell: Tell) -> Iterable[str]:
    """The verdict on a model that makes sounds."""
    found = sound_verdict.of_run(run)
    if found is None:
        return [f"<p>{escape(tell('This run has no verdict.'))}</p>"]
    rows = [[tell(TERMS[term.name]), f"{term.base:.3f}", f"{term.tuned:.3f}", _span(term.change)]
            for term in found.terms]
    heads = [f"n = {found.n} (nats)", tell("Base"), tell("Tuned"), tell("Change, with 95 % confidence")]
    return [_ruling(found.judgement, tell(found.plain)), _table(heads, _escaped(rows)) if rows else "",
            *(f"<p>{escape(tell(sentence))}</p>" for sentence in found.details)]


def _ruling(judgement: str, said: str) -> str:
    return f'<p class="verdict {judgement.split()[0]}">{escape(said)}</p>'


def _span(change: Interval) -> str:
    return f"{change.difference:+.3f} ({change.low:+.3f} … {change.high:+.3f})"


def _curves(run: RunDir, tell: Tell) -> Iterable[str]:
    found = curves.curves(run)["curves"]
    step = tell("step")
    nothing: tuple[list[float], list[float]] = ([], [])

    def line(name: str, label: str, css: str, has_dots: bool = False) -> Line:
        x, y = found.get(name, nothing)
        return Line(tell(label), css, x, y, has_dots)

    loss = [line("loss", "Loss", "raw"), line("smoothed", "Loss, smoothed", "strong"),
            line("val_loss", "Validation loss", "mark", True)]
    words = [line("wer", "Validation word error rate", "second", True)]
    made = [chart(tell("Loss"), step, loss), chart(tell("Validation word error rate"), step, words)]
    made += [chart(tell(label), step, [line(name, label, "strong")]) for name, label in SMALL.items()]
    made += [chart(tell(label), step, [line(name, label, "strong")], tell(curves.MEANINGS[name]))
             for name, label in OF_TTT.items()]
    return [_head(tell("Curves")), *made]


def _advice(run: RunDir, tell: Tell) -> Iterable[str]:
    return _listed(tell("Advice"), [tell(advice.sentence) for advice in advice_of(run)])


def _samples(rows: Sequence[Mapping[str, Any]], tell: Tell) -> Iterable[str]:
    found = [row for row in rows if row["kind"] == "sample"]
    first = {row["id"]: row for row in reversed(found)}
    last = {row["id"]: row for row in found}
    lines = [[escape(row["reference"]), *_written_at(first[name]), *_written_at(row)]
             for name, row in last.items()]
    heads = [tell("What was said"), tell("step"), tell("First written"), tell("step"), tell("Last written")]
    return [_head(tell("Samples")), _table(heads, lines)] if lines else []


def _written_at(row: Mapping[str, Any]) -> list[str]:
    return [str(row["step"]), _marked(row["reference"], row["prediction"])]


def _skipped(rows: Sequence[Mapping[str, Any]], tell: Tell) -> Iterable[str]:
    said = [f"{tell('step')} {row['step']}: {', '.join(map(str, row['ids']))} ({tell(row['reason'])}"
            f"{', ' + str(row['module']) if row.get('module') else ''})"
            for row in rows if row["kind"] == "skipped"]
    return _listed(tell("Skipped clips"), said)


def _order(order: Mapping[str, Any], tell: Tell) -> Iterable[str]:
    base = Path(str(order.get("base") or "")).name
    facts = [[tell(name), base if key == "base" else str(order[key])]
             for key, name in FACTS.items() if order.get(key)]
    options = sorted((order.get("options") or {}).items())
    packages = sorted((order.get("versions") or {}).items())
    licence = licences.sentence(base, order.get("licence") or "")
    return [_head(tell("What was ordered")), _table(["", ""], _escaped(facts)),
            f"<p>{escape(tell(licence))}</p>" if licence else "", _head(tell("Options")),
            _table(["", ""], _escaped([[name, str(value)] for name, value in options])),
            _head(tell("Versions")), _table(["", ""], _escaped([[*pair] for pair in packages]))]


def _items(run: RunDir, tell: Tell) -> Iterable[str]:
    found = verdicts.of_run(run)
    if found is None:
        return []
    items = [*found.items, *found.regression_items][:MOST_ITEMS]
    lines = [[escape(item["reference"]), _marked(item["reference"], item["base"]),
              _marked(item["reference"], item["tuned"])] for item in items]
    heads = [tell("What was said"), tell("Base"), tell("Tuned")]
    named = escape(tell("Every item of the verdict"))
    return [f"<details><summary>{named} ({len(lines)})</summary>{_table(heads, lines)}</details>"]


def _head(title: str) -> str:
    return f"<h2>{escape(title)}</h2>"


def _listed(title: str, sentences: Iterable[str]) -> list[str]:
    """A list of sentences, each once; nothing for none."""
    lines = "".join(f"<li>{escape(sentence)}</li>" for sentence in dict.fromkeys(sentences))
    return [_head(title), f"<ul>{lines}</ul>"] if lines else []


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    top = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads) if any(heads) else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="table"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _escaped(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[escape(str(cell)) for cell in row] for row in rows]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _interval(interval: Any) -> str:
    if interval is None:
        return ""
    return f"{100 * interval.difference:+.1f} ({100 * interval.low:+.1f} … {100 * interval.high:+.1f})"


def _marked(reference: str, text: str) -> str:
    """`text` with what is not in the reference marked, and what is missing struck."""
    if not text:
        return "–"
    parts = []
    for tag, left, right in words_differ(reference, text):
        if tag == "equal":
            parts.append(escape(right))
            continue
        parts += [f"<del>{escape(left)}</del>"] if left else []
        parts += [f"<ins>{escape(right)}</ins>"] if right else []
    return " ".join(parts)
