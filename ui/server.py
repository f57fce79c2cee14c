"""Serve the page: one address, one page a data root, nothing that leaves this machine."""
from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

import ui
from core.config import DataRoot
from core.errors import StudioError
from core.library import Library
from core.locks import FileLock
from core.runs.start import respawn_queued
from core.steps import ingest, record
from ui import aligning, booth, desktop, look, measuring
from ui.address import FIRST_PORT, first_address, link, listen, note_address, note_of, said
from ui.certificate import Pair, given_pair, names_of, own_pair
from ui.guard import LOOPBACK, Guard
from ui.languages import AsAsked, answer_only
from ui.listening import Listener
from ui.routes import own_app
from ui.texts import LANGUAGES, speaking

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tls:
    """How the page is encrypted: not at all, with a certificate made here, or with a person's own pair."""

    https: bool = False
    certfile: Path | None = None
    keyfile: Path | None = None

    def pair(self, data: DataRoot, host: str) -> Pair | None:
        """The certificate and key for a page on `host`; None for plain http. BadInput for a wrong pair."""
        given = given_pair(self.certfile, self.keyfile)
        return own_pair(data.cache / "https", names_of(host)) if self.https and not given else given


PLAIN = Tls()


def serve(
    data: DataRoot, host: str = "127.0.0.1", port: int | None = None, browser: bool = True, tls: Tls = PLAIN
) -> None:
    """Open the page on `host` and answer until Ctrl+C; `port` None takes the first free one from 7860 on.

    A second start on the same data root names and opens the first page. Raises as `address.listen` and
    `certificate.given_pair` do.
    """
    data.locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock.try_take(data.locks / "app")
    if lock is None:
        _show(f"Voicewright is running on {data.path} already: ", first_address(data), browser)
        return
    try:
        note_of(data).unlink(missing_ok=True)  # left by a page that was killed
        with listen(host, port) as listening:  # first: a host that is not this machine's gets no certificate
            _answer(data, host, listening, browser, tls.pair(data, host))
    finally:
        note_of(data).unlink(missing_ok=True)
        lock.release()


def _answer(
    data: DataRoot, host: str, listening: socket.socket, browser: bool, pair: Pair | None
) -> None:
    port = listening.getsockname()[1]
    token = None if host in LOOPBACK else secrets.token_urlsafe(24)
    library = Library(data)
    record.recover(library)  # before a take can come in: one that is being saved looks like one left over
    app = application(library, host, port, token)
    address = link(host, port, token, "https" if pair else "http")
    note_address(data, address)
    print(*said(host, port, token, pair), sep="\n", flush=True)
    threading.Thread(target=_wake, args=(library,), name="wake", daemon=True).start()
    if browser:
        webbrowser.open(address)
    quiet: dict[str, Any] = {"log_level": "warning", "access_log": False}
    files = {"ssl_certfile": pair.certificate, "ssl_keyfile": pair.key} if pair else {}
    config = uvicorn.Config(app, ws="none", timeout_graceful_shutdown=2, **quiet, **files)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        desktop.end_all()


def _show(words: str, address: str, browser: bool) -> None:
    print(words + address, flush=True)
    if browser:
        webbrowser.open(address)


def _wake(library: Library) -> None:
    """What a start owes the runs, while the page answers: workers for queued ones, and results come home."""
    try:
        respawn_queued(library.root)
        ingest.ingest(library)
    except StudioError as error:
        log.warning("%s", error)


def application(
    library: Library, host: str = "127.0.0.1", port: int = FIRST_PORT, token: str | None = None
) -> FastAPI:
    """The whole application: own routes, the page, and the guard around both."""
    cache = library.root.cache / "page"
    cache.mkdir(parents=True, exist_ok=True)
    os.environ.update(GRADIO_TEMP_DIR=str(cache.resolve()), GRADIO_ANALYTICS_ENABLED="False")
    cookie = f"voicewright_{port}"
    aligning.begin(library)
    measuring.begin(library)
    app = own_app(library, Listener(library), cookie + "_booth")
    app.add_middleware(Guard, token=token, cookie=cookie, host=host, booth=booth.knows(library))
    app.add_middleware(AsAsked)  # the outermost: the guard speaks, too
    for path in (booth.PATH, "/"):
        for language in LANGUAGES:
            with speaking(language):
                blocks = ui.build(library, host in LOOPBACK) if path == "/" else booth.build()
                _mount(app, blocks, path, host, port)
            answer_only(app, language)
    return app


def _mount(app: FastAPI, blocks: gr.Blocks, path: str, host: str, port: int) -> None:
    gr.mount_gradio_app(
        app,
        blocks,
        path,
        server_name=host,
        server_port=port,
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        max_file_size="500mb",
        show_error=True,
        ssr_mode=False,
        pwa=path == "/",
        favicon_path=str(look.ICON) if path == "/" else None,
        theme=look.theme(),
        css=look.css(),
        head=look.head(is_booth=path == booth.PATH),
    )
