"""The set-up scripts beside stand-ins for Python, pip and apt: what they call, when, and what they say."""
from __future__ import annotations

import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("start.sh", "test.sh", "start.command", ".ci/run")
TOOLS = ("bash", "cat", "chmod", "cksum", "cp", "dirname", "env", "grep", "mkdir", "rm", "sed")

# Says of itself what the FAKE_... variables want, logs pip's arguments, runs the app by naming its own.
PYTHON = r"""#!/usr/bin/env bash
case "$*" in
  -V) echo "Python ${FAKE_VERSION:-3.11.7}" ;;
  *version_info\ \<*) exit "${FAKE_TOO_OLD:-0}" ;;
  *"%d.%d"*) echo 3.11 ;;
  *ensurepip*) [ -z "${FAKE_NO_VENV:-}" ] ;;
  "-m venv"*) rm -rf .venv; mkdir -p .venv/bin; cp "${BASH_SOURCE[0]}" .venv/bin/python ;;
  "-m pip --version") ;;
  "-m pip"*)
    echo "${*:2}" >>"$LOG"
    [ -z "${FAKE_PIP_FAILS:-}" ] || case "$*" in *"$FAKE_PIP_FAILS"*) exit 1 ;; esac ;;
  *torch.version.cuda*) [ -n "${FAKE_CUDA:-}" ] ;;
  "-c import torchaudio") [ -n "${FAKE_TORCHAUDIO:-}" ] ;;
  "-m pytest"*) echo "offline=$HF_HUB_OFFLINE pytest${*:3}" ;;
  app.py*) shift; printf 'app'; printf ' <%s>' "$@"; echo ;;
  *) echo "the stand-in does not know: $*" >&2; exit 99 ;;
esac
"""


@dataclass
class House:
    """A folder with the real scripts, and a PATH on which everything else is a stand-in."""

    path: Path
    log: Path
    bin: Path
    env: dict[str, str] = field(default_factory=dict)

    def tool(self, name: str, text: str) -> None:
        """Put an executable script of this name on the PATH."""
        file = self.bin / name
        file.write_text(text if text.startswith("#!") else f"#!/usr/bin/env bash\n{text}\n")
        file.chmod(0o755)

    def run(self, *command: str, **fakes: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the house; `fakes` become FAKE_... variables."""
        env = {"PATH": str(self.bin), "HOME": str(self.path), "LOG": str(self.log)}
        env |= {f"FAKE_{name.upper()}": value for name, value in fakes.items()}
        script = str(self.path / command[0])
        return subprocess.run(
            [script, *command[1:]], env=env, cwd="/", capture_output=True, text=True, check=False, timeout=20
        )

    def called(self) -> list[str]:
        """What pip, apt-get and sudo were called with since the last time this was asked."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A fresh copy on a Linux with PortAudio, a Python 3.11, apt-get, and a user who may install nothing."""
    path, bin_folder = tmp_path / "a folder", tmp_path / "bin"
    path.mkdir()
    bin_folder.mkdir()
    for name in ("start.sh", "test.sh", "start.command", "requirements.txt", "requirements-dev.txt",
                 "requirements-ray.txt"):
        shutil.copy(ROOT / name, path / name)
    for name in TOOLS:
        (bin_folder / name).symlink_to(shutil.which(name) or name)
    house = House(path, tmp_path / "log", bin_folder)
    house.tool("python3.11", PYTHON)
    house.tool("uname", "echo Linux")
    house.tool("id", 'echo "${FAKE_ID:-1000}"')
    house.tool("sudo", "exit 1")
    house.tool("apt-get", 'echo "apt-get $*" >>"$LOG"; exit "${FAKE_APT:-0}"')
    house.tool("ldconfig", '[ -n "${FAKE_SILENT:-}" ] || echo "libportaudio.so.2 => here"')
    house.tool("find", "exit 0")
    return house


def test_the_first_start_installs_torch_alone_then_the_rest_and_hands_the_arguments_on(house: House) -> None:
    done = house.run("start.sh", "import", "two words", "a.wav")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "app <import> <two words> <a.wav>\n", "stdout belongs to the app alone"
    flags = "pip install --disable-pip-version-check"
    assert house.called() == [f"{flags} torch==2.13.0", f"{flags} -r requirements.txt"]


def test_the_second_start_installs_nothing(house: House) -> None:
    house.run("start.sh")
    house.called()
    done = house.run("start.sh", "runs", "Orders", "--json")
    assert house.called() == []
    assert (done.stdout, done.stderr) == ("app <runs> <Orders> <--json>\n", "")


def test_other_requirements_or_another_python_install_again(house: House) -> None:
    house.run("start.sh")
    house.called()
    with (house.path / "requirements.txt").open("a") as file:
        file.write("more\n")
    house.run("start.sh")
    assert len(house.called()) == 2
    house.run("start.sh", version="3.11.8")
    assert len(house.called()) == 2


@pytest.mark.parametrize("broken", ["torch==2.13.0", "-r requirements.txt"])
def test_an_interrupted_installation_is_taken_up_again(house: House, broken: str) -> None:
    first = house.run("start.sh", pip_fails=broken)
    assert first.returncode == 1
    assert "could not be installed" in first.stderr
    assert first.stdout == "", "the app must not start on half an installation"
    house.called()
    second = house.run("start.sh")
    assert second.stdout.startswith("app")
    assert len(house.called()) == 2


def test_setup_only_stops_before_the_app(house: House) -> None:
    done = house.run("start.sh", "--setup-only")
    assert (done.returncode, done.stdout) == (0, "")
    assert len(house.called()) == 2


def test_without_a_python_the_sentence_says_what_to_install(house: House) -> None:
    (house.bin / "python3.11").unlink()
    done = house.run("start.sh")
    assert done.returncode == 1
    assert "Python 3.11 or newer was not found" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_an_older_python_is_not_taken(house: House) -> None:
    (house.bin / "python3.11").rename(house.bin / "python3")
    done = house.run("start.sh", too_old="1")
    assert done.returncode == 1
    assert "Python 3.11 or newer was not found" in done.stderr


def test_a_name_that_does_not_run_is_passed_over(house: House) -> None:
    (house.bin / "python3.11").rename(house.bin / "python3.13")
    house.tool("python3.11", "echo 'command not found' >&2; exit 127")
    assert house.run("start.sh").stdout.startswith("app")


def test_a_python_without_venv_is_told_with_the_package(house: House) -> None:
    done = house.run("start.sh", no_venv="yes")
    assert done.returncode == 1
    assert "sudo apt-get install python3.11-venv" in done.stderr
    assert house.called() == []


def test_root_gets_the_venv_package_installed(house: House) -> None:
    done = house.run("start.sh", no_venv="yes", id="0")
    assert done.stdout.startswith("app")
    assert any(line.endswith("--no-install-recommends python3.11-venv") for line in house.called())


def test_missing_portaudio_is_told_and_the_app_opens_all_the_same(house: House) -> None:
    done = house.run("start.sh", silent="yes")
    assert done.stdout.startswith("app")
    assert "sudo apt-get install libportaudio2" in done.stderr
    assert not [line for line in house.called() if "apt-get" in line]


def test_missing_portaudio_is_installed_where_no_password_is_needed(house: House) -> None:
    house.tool("sudo", 'echo "sudo" >>"$LOG"; shift; "$@"')
    done = house.run("start.sh", silent="yes")
    assert any(line.startswith("apt-get") and line.endswith("libportaudio2") for line in house.called())
    assert "sudo apt-get" not in done.stderr
    house.run("start.sh", silent="yes")
    assert house.called() == [], "a later start must not wait for apt again"


def test_a_failing_apt_does_not_keep_the_app_shut(house: House) -> None:
    done = house.run("start.sh", silent="yes", id="0", apt="100")
    assert done.stdout.startswith("app")
    assert "sudo apt-get install libportaudio2" in done.stderr


def test_torchaudio_is_added_beside_a_cuda_torch(house: House) -> None:
    house.run("start.sh", cuda="yes", torchaudio="yes")
    assert house.called()[2:] == ["pip install --disable-pip-version-check --no-deps torchaudio==2.11.0"]


def test_torchaudio_that_does_not_import_is_taken_out_with_one_sentence(house: House) -> None:
    done = house.run("start.sh", cuda="yes")
    assert house.called()[-1] == "pip uninstall --yes torchaudio"
    told = [line for line in done.stderr.splitlines() if "torchaudio" in line]
    assert told == [
        "torchaudio==2.11.0 does not work beside this torch, so it was left out; the app does without it."
    ]
    assert done.stdout.startswith("app")


def test_a_mac_needs_neither_apt_nor_a_portaudio_package(house: House) -> None:
    house.tool("uname", "echo Darwin")
    done = house.run("start.command", silent="yes", cuda="yes", id="0")
    assert done.stdout.startswith("app")
    assert [line for line in house.called() if "apt-get" in line or "torchaudio" in line] == []


def test_the_tests_run_offline_with_their_arguments_and_set_up_once(house: House) -> None:
    done = house.run("test.sh", "-k", "numbers")
    assert done.stdout == "offline=1 pytest-k numbers\n"
    assert [line.rpartition(" ")[2] for line in house.called()[-2:]] == [
        "requirements-ray.txt", "requirements-dev.txt"]
    assert "apt-get install chromium espeak-ng sox ffmpeg pulseaudio" in done.stderr
    assert house.run("test.sh").stdout == "offline=1 pytest-n 2 --dist loadgroup\n", "both cores at work"
    assert house.called() == []


def test_the_tests_install_only_the_packages_that_are_missing(house: House) -> None:
    for name in ("chromium", "sox", "ffmpeg", "pactl"):
        house.tool(name, "exit 0")
    house.run("test.sh", "--setup-only", id="0")
    wanted = "espeak-ng pulseaudio libasound2-plugins"
    assert any(line.endswith(f"--no-install-recommends {wanted}") for line in house.called())


@pytest.fixture
def check(house: House) -> House:
    """For .ci/run: a house whose test.sh says and ends as FAKE_DEFAULT and FAKE_SLOW ('LINE:CODE') want."""
    (house.path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", house.path / ".ci/run")
    for name in ("date", "mktemp", "tail", "timeout"):
        (house.bin / name).symlink_to(shutil.which(name) or name)
    says = 'said=$FAKE_DEFAULT; case "$*" in --setup-only) exit 0 ;; *slow*) said=$FAKE_SLOW ;; esac'
    ends = 'echo "${said%:*}"; exit "${said#*:}"'
    (house.path / "test.sh").write_text(f"#!/usr/bin/env bash\n{says}\n{ends}\n")
    (house.path / ".venv/bin").mkdir(parents=True)
    (house.path / ".venv/bin/python").write_text("#!/usr/bin/env bash\nexit 0\n")
    (house.path / ".venv/bin/python").chmod(0o755)
    return house


EMPTY = "=== 400 deselected in 1.0s ===:5"


@pytest.mark.parametrize(
    ("default", "slow", "code", "last"),
    [
        ("=== 12 passed, 3 skipped in 4.2s ===:0", "=== 2 passed in 9s ===:0", 0, "14 passed, 0 failed"),
        ("12 passed in 4.2s:0", EMPTY, 0, "12 passed, 0 failed"),
        ("=== 1 failed, 11 passed in 4.2s ===:1", EMPTY, 1, "11 passed, 1 failed"),
        ("=== 11 passed, 2 errors in 4.2s ===:1", EMPTY, 1, "11 passed, 2 failed"),
        ("=== 11 passed in 4.2s ===:0", "=== 1 failed in 1s ===:1", 1, "11 passed, 1 failed"),
        ("=== no tests ran in 0.01s ===:5", EMPTY, 1, "0 passed, 0 failed"),
        ("=== 7 skipped in 0.01s ===:0", EMPTY, 1, "0 passed, 0 failed"),
        ("Segmentation fault:139", EMPTY, 1, "0 passed, 0 failed"),
    ],
)
def test_the_whole_check_adds_up_and_fails_when_nothing_ran(
    check: House, default: str, slow: str, code: int, last: str
) -> None:
    done = check.run(".ci/run", default=default, slow=slow)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, last), done.stdout + done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_executable_and_bash_can_read_them(name: str) -> None:
    file = ROOT / name
    assert file.stat().st_mode & stat.S_IXUSR, f"{name} is not executable"
    read = subprocess.run(["bash", "-n", str(file)], capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
