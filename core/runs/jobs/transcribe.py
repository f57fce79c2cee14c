"""Transcribe clips with one model; a resumed job goes on where the results end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from core.errors import StudioError
from core.families.base import Clip, Recogniser
from core.run_dir import RunDir
from core.runs.aligning import Aligners, clip_of, open_aligners
from core.runs.jobs import Countdown, Stopped
from core.runs.queue import data_root
from core.runs.recognisers import open_recogniser
from core.types import Word

log = logging.getLogger(__name__)


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One result row an item: text, words and score, or why there is none. Stops between two items."""
    items = {item["id"]: item for item in order["items"]}
    done = {row["item"] for row in run.results()[0]}
    todo = [item for id_, item in items.items() if id_ not in done]
    if todo:
        _transcribe_all(run, order, todo, len(items))
    _conclude(run, len(items))


def _transcribe_all(run: RunDir, order: dict[str, Any], todo: list[dict[str, Any]], total: int) -> None:
    first = total - len(todo)
    run.report("Loading the model.", first / total)
    recogniser = open_recogniser(order, data_root(run).models)
    aligners = open_aligners(order, recogniser)
    log.info("%s", recogniser.choice)
    language = order.get("language") or "en"
    clock = Countdown(total, first)
    for done, item in enumerate(todo, start=first):
        if run.stop_requested():
            raise Stopped(f"after {done} of {total} clips")
        run.report(f"Clip {done + 1} of {total}. {recogniser.choice}", done / total, clock.left(done))
        row = _row(recogniser, item, order["model"])
        run.add_results([{**row, **_laid(aligners, item, row, language)}])


def _row(recogniser: Recogniser, item: dict[str, Any], model: str) -> dict[str, Any]:
    clip = Clip(item["id"], Path(item["audio"]), item.get("start") or 0.0, item.get("end"))
    try:
        heard = recogniser.transcribe(clip)
    except StudioError as error:
        return {"item": item["id"], "error": str(error)}
    except Exception as error:  # one odd clip must not cost the others theirs; the log has the traceback
        log.exception("Clip %s", item["id"])
        name = type(error).__name__
        sentence = f"{clip.path.name} could not be transcribed ({name}: {error})."
        return {"item": item["id"], "error": sentence}
    words = [[word.text, word.start, word.end, word.score] for word in heard.words]
    return {"item": item["id"], "text": heard.text, "words": words, "score": heard.score, "model": model}


def _laid(
    aligners: Aligners, item: dict[str, Any], row: dict[str, Any], language: str
) -> dict[str, Any]:
    """When the words were spoken and how the numbers, as far as an engine can tell; a take without it is
    still transcribed."""
    if not row.get("text") or not aligners.engines:
        return {}
    try:
        own = [Word(*word) for word in row["words"]]
        return {"laid": aligners.lay(clip_of(item), row["text"], language, item.get("prompt"), own).row()}
    except Exception:  # the transcript is worth more than its times; the log has the traceback
        log.exception("Clip %s was not aligned", item["id"])
        return {}


def _conclude(run: RunDir, total: int) -> None:
    rows = run.results()[0]
    errors = [row["error"] for row in rows if "error" in row]
    if total and len(errors) == total:
        raise StudioError(f"None of the {total} clips could be transcribed. The first: {errors[0]}")
    failed = f" {len(errors)} could not be; the first: {errors[0]}" if errors else ""
    run.report(
        f"{total - len(errors)} clips transcribed.{failed}",
        1.0,
        figures={"n": total, "n_failed": len(errors)},
    )
