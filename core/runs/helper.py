"""The warm helper: one process that keeps the last models loaded, for small things that cannot wait seconds.

It is `python -m core.runs.helper`: a JSON line in, a JSON line out. The page talks to it through `Helper`,
and so never imports torch.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from core.config import REPOSITORY
from core.errors import BadInput, StudioError, Unavailable
from core.families.base import Clip, Recogniser
from core.runs import streaming
from core.runs.aligning import Aligners, clip_of, open_aligners
from core.runs.looks import LOOKS
from core.runs.probing import probed
from core.runs.recognisers import open_recogniser
from core.types import Word

log = logging.getLogger("helper")

IDLE_SECONDS = 600.0
KEEP = 2
MODEL_KEYS = ("family", "model", "device", "precision", "language")
ALIGNER_KEYS = ("aligners", "device", "language", "rules", "digits")


class Warm:
    """The last `KEEP` models, by what was asked for."""

    def __init__(
        self,
        opener: Callable[[dict[str, Any], Path | None], Recogniser] = open_recogniser,
        models: Path | None = None,
    ) -> None:
        self._open, self._folder = opener, models
        self._models: OrderedDict[tuple[str, ...], Recogniser] = OrderedDict()
        self._aligners: tuple[str, Aligners] | None = None
        self.stream: streaming.Stream | None = None

    def get(self, request: dict[str, Any]) -> Recogniser:
        """The model of a request; the one that was unused for longest makes room for a new one."""
        key = tuple(str(request.get(name)) for name in MODEL_KEYS)
        if key not in self._models:
            while len(self._models) >= KEEP:
                self._models.popitem(last=False)
            self._models[key] = self._open(request, self._folder)
        self._models.move_to_end(key)
        return self._models[key]


    def aligners(self, request: dict[str, Any]) -> Aligners:
        """The engines of a request; those of the last one are kept."""
        key = json.dumps([request.get(name) for name in ALIGNER_KEYS])
        if self._aligners is None or self._aligners[0] != key:
            self._aligners = key, open_aligners(request)
        return self._aligners[1]


def answer(warm: Warm, request: dict[str, Any]) -> dict[str, Any]:
    """One answer: {id, text, words, score, seconds, choice}, of an alignment {id, text, engine, words,
    scores}, of a probe what `probed` gives, or {id, error} with a sentence."""
    try:
        if request.get("do") == "align":
            return {"id": request["id"], **_align(warm.aligners(request), request)}
        if request.get("do") in LOOKS:
            return {"id": request["id"], **LOOKS[request["do"]](request)}
        if request.get("do") == "probe":
            return {"id": request["id"], **probed(warm.get(request), clip_of(request))}
        if request.get("do") == "stream":
            return {"id": request["id"], **_streamed(warm, request)}
        if request.get("do") != "recognise":
            raise BadInput(f"The helper cannot do “{request.get('do')}”; it can recognise, align and probe.")
        return {"id": request["id"], **_recognise(warm.get(request), request)}
    except StudioError as error:
        return {"id": request.get("id"), "error": str(error)}
    except Exception as error:  # a fault in one request must not take the warm models with it
        log.exception("request %s", request)
        return {"id": request.get("id"), "error": f"A fault in the app: {type(error).__name__}: {error}."}


def _streamed(warm: Warm, request: dict[str, Any]) -> dict[str, Any]:
    if request["event"] != "open":
        return streaming.answer(warm.stream, request)
    model = warm.get(request)
    warm.stream = streaming.begin(model)
    return {"choice": model.choice}


def _align(aligners: Aligners, request: dict[str, Any]) -> dict[str, Any]:
    own = [Word(*word) for word in request.get("own") or []]
    language = request.get("language") or "en"
    return aligners.lay(clip_of(request), request["text"], language, request.get("prompt"), own).row()


def _recognise(recogniser: Recogniser, request: dict[str, Any]) -> dict[str, Any]:
    clip = Clip(str(request["id"]), Path(request["audio"]), request.get("start") or 0.0, request.get("end"))
    began = time.monotonic()
    heard = recogniser.transcribe(clip)
    words = [[word.text, word.start, word.end, word.score] for word in heard.words]
    return {
        "text": heard.text,
        "words": words,
        "score": heard.score,
        "seconds": round(time.monotonic() - began, 3),
        "choice": recogniser.choice,
    }


def serve(lines: Iterable[str], out: IO[str], warm: Warm, idle: float = IDLE_SECONDS) -> None:
    """Answer each line until there are no more, or none came for `idle` seconds."""
    inbox: queue.Queue[str | None] = queue.Queue()

    def listen() -> None:
        for line in lines:
            inbox.put(line)
        inbox.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = inbox.get(timeout=idle)
        except queue.Empty:
            return
        if line is None:
            return
        out.write(json.dumps(answer(warm, json.loads(line))) + "\n")
        out.flush()


class Helper:
    """The page's end of the helper. Starts the process when it is needed, and again when it has ended.

    `models` is the data root's folder of models; what the process and its libraries say goes to `log_path`.
    """

    def __init__(
        self, models: Path | None = None, log_path: Path | None = None, idle: float = IDLE_SECONDS
    ) -> None:
        self._models, self._log_path, self._idle = models, log_path, idle
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._last_id = 0

    def ask(self, request: dict[str, Any], timeout: float = 120.0) -> dict[str, Any]:
        """The answer to a request. From any thread; one at a time.

        Raises StudioError with the helper's sentence, Unavailable when it is busy or silent for `timeout` s.
        """
        if not self._lock.acquire(timeout=timeout):
            raise Unavailable("The model is busy with other requests; try again in a moment.")
        try:
            # twice, because the process may have ended of idleness between our look and our question
            reply = self._ask_once(request, timeout) or self._ask_once(request, timeout)
        finally:
            self._lock.release()
        if reply is None:
            raise Unavailable(
                "The model's process ended before it answered, perhaps for lack of memory; "
                "close other programs or choose a smaller model."
            )
        if "error" in reply:
            raise StudioError(reply["error"])
        return reply

    def close(self) -> None:
        """End the process; the next request starts another."""
        with self._lock:
            self._end()

    def _ask_once(self, request: dict[str, Any], timeout: float) -> dict[str, Any] | None:
        """The answer, or None when the process ended instead of answering."""
        stdin = self._running().stdin
        self._last_id += 1
        try:
            if stdin:  # always: it was opened as a pipe
                stdin.write(json.dumps({**request, "id": self._last_id}) + "\n")
                stdin.flush()
            line = self._answers.get(timeout=timeout)
        except BrokenPipeError:
            line = None
        except queue.Empty:
            self._end()
            raise Unavailable(
                f"The model gave no answer within {timeout:.0f} s; try again, or choose a smaller model."
            ) from None
        if line is None:
            self._end()
            return None
        reply: dict[str, Any] = json.loads(line)
        return reply

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process, self._answers = self._spawn(), queue.Queue()
            threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        return self._process

    def _spawn(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "core.runs.helper", str(self._idle)]
        if self._models:
            command.append(str(self._models))
        with open(self._log_path or os.devnull, "a", encoding="utf-8") as log_file:
            return subprocess.Popen(
                command,
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin:
            with suppress(BrokenPipeError):  # half a question may still wait in it
                process.stdin.close()


def apart(request: dict[str, Any], models: Path, log_path: Path, timeout: float) -> dict[str, Any]:
    """The answer of a process of its own, which ends with it: a look that takes long, or that a broken model
    may bring down, must not keep the warm one from listening along. StudioError as `Helper.ask`."""
    helper = Helper(models, log_path)
    try:
        return helper.ask(request, timeout)
    finally:
        helper.close()


def _listen(process: subprocess.Popen[str], answers: queue.Queue[str | None]) -> None:
    if process.stdout:
        with process.stdout as lines:
            for line in lines:
                answers.put(line)
    answers.put(None)


def main(arguments: list[str]) -> None:
    """Serve standard input; libraries that write to standard output write to standard error instead."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    os.nice(10)  # it listens along while somebody records: the sound comes first
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        idle = float(arguments[0]) if arguments else IDLE_SECONDS
        models = Path(arguments[1]) if len(arguments) > 1 else None
        serve(sys.stdin, out, Warm(models=models), idle)


if __name__ == "__main__":
    main(sys.argv[1:])
