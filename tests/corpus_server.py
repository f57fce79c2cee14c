"""A server on this machine with the habits of those that corpora come from: ranges, ETags, a hub's lists."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

COMMIT, HUB = "c0ffee", "/api/datasets/kyutai/DailyTalkContiguous"


class CorpusServer:
    """`content` by path; `asked` holds (path, header Range or ""). The next `breaks` answers end half way;
    with `knows_ranges` off each answer is the whole file."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.breaks, self.knows_ranges, self.url = 0, True, ""

    def put_hub(self, files: dict[str, bytes]) -> None:
        """A data set of a hub: sounds are kept by SHA-256, other files by git's own hash."""
        for path, content in files.items():
            self.content[f"/datasets/kyutai/DailyTalkContiguous/resolve/{COMMIT}/{path}"] = content
        self.files = files

    def rows(self) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = [{"type": "directory", "path": "data_stereo", "oid": "0"}]
        for path, content in self.files.items():
            git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            row: dict[str, object] = {"type": "file", "path": path, "size": len(content), "oid": git}
            if path.endswith(".wav"):
                row["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
            rows.append(row)
        return rows


class _Handler(BaseHTTPRequestHandler):
    told: CorpusServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = unquote(self.path)
        self.told.asked.append((path, self.headers.get("Range") or ""))
        if path == f"{HUB}/revision/main":
            self._whole(json.dumps({"sha": COMMIT}).encode())
        elif path.startswith(f"{HUB}/tree/{COMMIT}"):
            self._page("cursor" in path)
        elif path in self.told.content:
            self._part(self.told.content[path])
        else:
            self.send_error(404)

    def _page(self, is_second: bool) -> None:
        rows = self.told.rows()
        half = len(rows) // 2
        link = {} if is_second else {"Link": f'<{HUB}/tree/{COMMIT}?cursor=2>; rel="next"'}
        self._whole(json.dumps(rows[half:] if is_second else rows[:half]).encode(), **link)

    def _whole(self, content: bytes, **headers: str) -> None:
        self.send_response(200)
        self._send(content, headers, content)

    def _part(self, content: bytes) -> None:
        etag, first = f'"{hashlib.md5(content).hexdigest()}"', 0
        wanted = self.headers.get("Range")
        if wanted and self.told.knows_ranges and self.headers.get("If-Range") == etag:
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if first >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
        else:
            self.send_response(200)
        rest = content[first:]
        if self.told.breaks:
            self.told.breaks -= 1
            self._send(rest, {"ETag": etag}, rest[: len(rest) // 2])
            self.close_connection = True
        else:
            self._send(rest, {"ETag": etag}, rest)

    def _send(self, promised: bytes, headers: dict[str, str], sent: bytes) -> None:
        for name, value in {**headers, "Content-Length": str(len(promised))}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(sent)
        except ConnectionError:  # who asked for the size alone has gone
            pass


@contextmanager
def corpus_server() -> Iterator[CorpusServer]:
    """A server that ends with the block."""
    told = CorpusServer()
    handler = type("Handler", (_Handler,), {"told": told})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
