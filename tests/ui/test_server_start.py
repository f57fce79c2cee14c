"""Starting the page: a free port, one page a data root, the link for others, nothing heavy loaded."""
from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from core.config import DataRoot
from core.errors import BadInput, Unavailable
from core.locks import FileLock
from tests.ui.driving import REPOSITORY, App
from ui import address, server


@pytest.fixture
def taken() -> socket.socket:
    """A port that another program has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other


def test_a_port_in_use_is_told(taken: socket.socket, data_root: DataRoot) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"Port {port} is in use"):
        server.serve(data_root, port=port, browser=False)
    assert FileLock.try_take(data_root.locks / "app") is not None  # a start that failed leaves no lock


def test_without_a_port_the_next_free_one_is_taken(
    taken: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = taken.getsockname()[1]
    monkeypatch.setattr(address, "FIRST_PORT", port)
    with address.listen("127.0.0.1", None) as found:
        assert port < found.getsockname()[1] < port + address.N_PORTS
    monkeypatch.setattr(address, "N_PORTS", 1)
    with pytest.raises(Unavailable, match="--port"):
        address.listen("127.0.0.1", None)


def test_a_host_that_is_not_this_machine_is_told() -> None:
    with pytest.raises(BadInput, match=r"192\.0\.2\.1"):
        address.listen("192.0.2.1", None)


def test_the_link_of_another_host_has_a_token_and_the_ssh_line() -> None:
    lines = "\n".join(address.said("0.0.0.0", 7861, "secret"))
    assert f"http://{socket.gethostname()}:7861/?token=secret" in lines
    assert "ssh -L 7861:localhost:7861" in lines
    assert "http://localhost:7861/?token=secret" in lines
    assert "-L 7861:10.0.0.5:7861" in "\n".join(
        address.said("10.0.0.5", 7861, "secret")
    )
    at_home = address.said("127.0.0.1", 7861, None)
    assert at_home[0].endswith("http://127.0.0.1:7861/")
    assert "ssh" not in "".join(at_home)
    assert address.link("::1", 7861, None) == "http://[::1]:7861/"


def test_a_page_that_never_came_up_is_told(data_root: DataRoot) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        address.first_address(data_root, patience=0.1)


def test_a_second_start_shows_the_first_page(
    data_root: DataRoot, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(server.webbrowser, "open", opened.append)
    data_root.locks.mkdir()
    lock = FileLock.try_take(data_root.locks / "app")
    address.note_address(data_root, "http://127.0.0.1:7999/")
    assert (data_root.locks / "app.json").stat().st_mode & 0o077 == 0
    server.serve(data_root, browser=True)
    assert "running on" in (said := capsys.readouterr().out) and "http://127.0.0.1:7999/" in said
    assert opened == ["http://127.0.0.1:7999/"]
    assert lock is not None
    lock.release()


@pytest.mark.browser
@pytest.mark.budget(30)
def test_a_second_process_on_the_same_data_names_the_first_and_ends(app: App) -> None:
    command = [sys.executable, "app.py", "serve", "--data", str(app.data), "--no-browser", "--port", "0"]
    second = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=30)
    assert second.returncode == 0
    assert app.url in second.stdout
    assert json.loads((app.data / ".locks" / "app.json").read_text())["pid"] == app.process.pid


@pytest.mark.browser
def test_the_page_brings_its_own_look_and_fetches_nothing(app: App) -> None:
    page = urllib.request.urlopen(app.url, timeout=10).read().decode()
    assert "voicewright" in page
    assert "fonts.googleapis" not in page
    theme = urllib.request.urlopen(f"{app.url}/theme.css", timeout=10).read().decode()
    assert "http" not in theme.replace("http://www.w3.org/2000/svg", "")
    assert "system-ui" in theme
    config = json.loads(urllib.request.urlopen(f"{app.url}/config", timeout=10).read())
    assert config["analytics_enabled"] is False
    manifest = json.loads(urllib.request.urlopen(f"{app.url}/manifest.json", timeout=10).read())
    assert (manifest["name"], manifest["display"]) == ("Voicewright", "standalone")


@pytest.mark.budget(20)
def test_importing_the_page_loads_nothing_heavy() -> None:
    heavy = "('torch', 'transformers', 'whisper', 'plotly', 'peft', 'accelerate', 'av', 'sounddevice')"
    code = f"import sys, ui, ui.server; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_uploads_and_caches_of_the_page_lie_in_the_data_root(
    data_root: DataRoot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    from core.library import Library

    for name in ("GRADIO_TEMP_DIR", "GRADIO_ANALYTICS_ENABLED"):
        monkeypatch.setenv(name, "unset")
    application = server.application(Library(data_root))
    assert Path(os.environ["GRADIO_TEMP_DIR"]).is_relative_to(data_root.path.resolve())
    kept = next(route.app for route in application.routes if getattr(route, "path", None) == "")
    gradio = kept.app
    assert gradio.get_blocks().allowed_paths == []
    assert gradio.get_blocks().run_history is False
    assert gradio.get_blocks().max_file_size
