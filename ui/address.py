"""Where the page is reached: the socket, the link with its token, the note for a second start."""
from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path

from core.config import DataRoot
from core.errors import BadInput, StudioError, Unavailable
from core.files import read_json, write_json
from ui.guard import LOOPBACK

FIRST_PORT, N_PORTS = 7860, 100
EVERYWHERE = ("0.0.0.0", "::")


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket; connections wait in it until the page is built. `port` None: the first free one.

    Raises Unavailable for a port in use or forbidden, BadInput for a host that is not this machine's.
    """
    for number in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + N_PORTS):
        try:
            return _bound(host, number)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise _refusal(error, host, number) from error
    if port is not None:
        raise Unavailable(
            f"Port {port} is in use by another program; choose another one with --port, or leave --port out."
        )
    last = FIRST_PORT + N_PORTS - 1
    raise Unavailable(f"Every port from {FIRST_PORT} to {last} is in use; name a free one with --port.")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port of a moment ago is free
        made.bind(address)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def _refusal(error: OSError, host: str, port: int) -> StudioError:
    if isinstance(error, PermissionError):
        return Unavailable(f"Port {port} needs rights that this program lacks; choose one above 1023.")
    why = error.strerror or "unknown"
    return BadInput(f"“{host}” is no address of this machine ({why}); use 127.0.0.1 or one of its own.")


def link(host: str, port: int, token: str | None) -> str:
    """The address to open in a browser; with its token where there is one."""
    name = socket.gethostname() if host in EVERYWHERE else host
    name = f"[{name}]" if ":" in name else name
    return f"http://{name}:{port}/" + (f"?token={token}" if token else "")


def said(host: str, port: int, token: str | None) -> list[str]:
    """What a start prints: the link, and how a microphone is reached from another machine."""
    lines = [f"Voicewright is ready: {link(host, port, token)}"]
    if host not in LOOPBACK:
        inner = "localhost" if host in EVERYWHERE else host
        lines += [
            "Whoever has this link can use the page. Browsers give the microphone to localhost only:",
            f"on the machine with the microphone run  ssh -L {port}:{inner}:{port} {socket.gethostname()}",
            f"and open there  {link('localhost', port, token)}",
        ]
    return [*lines, "Ctrl+C ends it; running jobs go on."]


def note_address(data: DataRoot, address: str) -> None:
    """Write where this page is, for a second start; the token in it is nobody else's business."""
    path = note_of(data)
    write_json(path, {"address": address, "pid": os.getpid()})
    path.chmod(0o600)


def first_address(data: DataRoot, patience: float = 15.0) -> str:
    """The address of the page that holds the lock and may be on its way up; Unavailable if it never says."""
    until = time.monotonic() + patience
    while not note_of(data).exists():
        if time.monotonic() > until:
            raise Unavailable(f"Another Voicewright holds {data.path} but does not answer; end it first.")
        time.sleep(0.1)
    return str(read_json(note_of(data))["address"])


def note_of(data: DataRoot) -> Path:
    """The file that holds the address."""
    return data.locks / "app.json"
