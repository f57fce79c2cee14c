"""When each word of a transcript is spoken, and how its numbers were; a resumed job goes on where it was."""

from __future__ import annotations

import logging
from typing import Any

from core.errors import StudioError
from core.run_dir import RunDir
from core.runs.aligning import Aligners, clip_of, open_aligners
from core.runs.jobs import Countdown, Stopped
from core.types import Word

log = logging.getLogger(__name__)


def run_job(run: RunDir, order: dict[str, Any]) -> None:
    """One result row an item {id, audio, start, end, transcript, text, prompt, own}: {item, transcript,
    laid}, or {item, error} with a sentence."""
    items = order["items"]
    done = {row["item"] for row in run.results()[0]}
    todo = [item for item in items if item["id"] not in done]
    if todo:
        run.report("Loading the models.", (len(items) - len(todo)) / len(items))
        _align_all(run, order, todo, len(items))
    _conclude(run, len(items))


def _align_all(run: RunDir, order: dict[str, Any], todo: list[dict[str, Any]], total: int) -> None:
    aligners, first = open_aligners(order), total - len(todo)
    clock = Countdown(total, first)
    for done, item in enumerate(todo, start=first):
        if run.stop_requested():
            raise Stopped(f"after {done} of {total} clips")
        run.report(f"Clip {done + 1} of {total}.", done / total, clock.left(done))
        run.add_results([_row(aligners, item, order.get("language") or "en")])


def _row(aligners: Aligners, item: dict[str, Any], language: str) -> dict[str, Any]:
    about = {"item": item["id"], "transcript": item["transcript"]}
    own = [Word(*word) for word in item.get("own") or []]
    try:
        laid = aligners.lay(clip_of(item), item["text"], language, item.get("prompt"), own)
    except StudioError as error:
        return {**about, "error": str(error)}
    except Exception as error:  # one odd clip must not cost the others theirs; the log has the traceback
        log.exception("Clip %s", item["id"])
        return {**about, "error": f"{item['id']} could not be aligned ({type(error).__name__}: {error})."}
    if not laid.words:
        return {**about, "error": "No engine could lay this text upon this sound: check that they belong "
                                  "together."}
    return {**about, "laid": laid.row()}


def _conclude(run: RunDir, total: int) -> None:
    rows = run.results()[0]
    errors = [row["error"] for row in rows if "error" in row]
    failed = f" {len(errors)} could not be; the first: {errors[0]}" if errors else ""
    run.report(f"The words of {total - len(errors)} clips were found.{failed}", 1.0,
               figures={"n": total, "n_failed": len(errors)})
