"""What of a run can be taken away: its figures as CSV, its report as one HTML file."""
from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from core.errors import NotFound
from core.library import Library
from core.run_dir import RunDir
from core.runs.listing import RunCard, find
from core.steps import report, run_table
from ui import view as show
from ui.texts import language, say
from ui.texts.retold import retold

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def routes(lib: Library) -> APIRouter:
    """Two files of a training run by its id; a browser keeps them and never shows them as a page."""
    router = APIRouter()

    @router.get("/run/{run_id}.csv")
    def table(run_id: str) -> Response:
        """Every step and every look."""
        run = _trained(lib, run_id)
        return _kept(f"{run.id}.csv", run_table.as_csv(run))

    @router.get("/run/{run_id}.html")
    def page(run_id: str) -> Response:
        """The report, in the language of the page."""
        run = _trained(lib, run_id)
        return _kept(f"{run.id}.html", report.html(run, retold, language()))

    return router


def _trained(lib: Library, run_id: str) -> RunDir:
    run = find(lib.root, run_id)
    if run.order().get("kind") != "train":
        raise NotFound(say("room.no_training", run=run.id))
    return run


def _kept(name: str, content: str) -> Response:
    disposition = {"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"}
    return Response(content.encode("utf-8"), media_type="application/octet-stream",
                    headers={**HEADERS, **disposition})


def links(card: RunCard) -> str:
    """Links to the files of a run."""
    name = quote(card.id)
    made = "".join(f'<a href="/run/{name}.{ending}" download="{show.text_of(card.id)}.{ending}">'
                   f'{show.words(f"room.file.{ending}")}</a>' for ending in ("csv", "html"))
    return f'<div class="vw-files">{made}</div>'
