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
from ui.certificate import EVERYWHERE, Pair, addresses
from ui.guard import LOOPBACK

FIRST_PORT, N_PORTS = 7860, 100


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


def link(host: str, port: int, token: str | None, scheme: str = "http") -> str:
    """The address to open in a browser; with its token where there is one."""
    name = socket.gethostname() if host in EVERYWHERE else host
    name = f"[{name}]" if ":" in name else name
    return f"{scheme}://{name}:{port}/" + (f"?token={token}" if token else "")


def said(host: str, port: int, token: str | None, pair: Pair | None = None) -> list[str]:
    """What a start prints: the link, and how a microphone is reached from another machine."""
    scheme = "https" if pair else "http"
    lines = [f"Voicewright is ready: {link(host, port, token, scheme)}"]
    if host not in LOOPBACK:
        lines += _for_others(host, port, token, scheme)
    if pair and pair.own:
        lines += _browser_asks(pair)
    return [*lines, "Ctrl+C ends it; running jobs go on."]


def _for_others(host: str, port: int, token: str | None, scheme: str) -> list[str]:
    """The way to the page from other machines: over https it is the link, else the microphone needs more."""
    everyone = "Whoever has this link can use the page."
    if scheme == "https":
        known = addresses()[:1] if host in EVERYWHERE else []
        where = "From a phone, or where that name is unknown"
        return [*(f"{where}: {link(each, port, token, scheme)}" for each in known), everyone]
    inner = "localhost" if host in EVERYWHERE else host
    return [
        f"{everyone} Browsers give the microphone to localhost and https only: start with --https, or",
        f"on the machine with the microphone run  ssh -L {port}:{inner}:{port} {socket.gethostname()}",
        f"and open there  {link('localhost', port, token)}",
    ]


def _browser_asks(pair: Pair) -> list[str]:
    """What the browser will say to a certificate that was made here, and how to be sure of it."""
    return [
        "The browser will say “Your connection is not private”: this machine made its certificate by itself.",
        "  Chrome, Edge: Advanced, then Proceed to the address.",
        "  Firefox: Advanced, then Accept the Risk and Continue.",
        "  Safari: Show Details, then visit this website.",
        "To be sure that nobody stands in between, look at the certificate before you go on (“Not secure”",
        "left of the address; in Firefox: View Certificate). Its SHA-256 fingerprint must be",
        f"  {pair.fingerprint}",
    ]


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
