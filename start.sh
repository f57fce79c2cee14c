#!/usr/bin/env bash
# Set up once, then open the app: ./start.sh [COMMAND...]   (./start.sh --setup-only stops before the app)
# test.sh sources this file for its functions. Written for bash 3.2 too, which is what a Mac has.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

VENV_PYTHON=.venv/bin/python

# To stderr: stdout belongs to the app's commands, whose --json a program may read.
say() { printf '%s\n' "$*" >&2; }

fail() { say "$@"; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

can_make_venv() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

# The name of a Python that can make a .venv, or else of one that only lacks that part. A name may exist and not run (pyenv).
find_python() {
  local name second=""
  for name in python3.11 python3.12 python3.13 python3; do
    new_enough "$name" || continue
    if can_make_venv "$name"; then echo "$name"; return; fi
    second=${second:-$name}
  done
  echo "$second"
}

may_install() {
  command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true >/dev/null 2>&1; }
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >&2; }

# system_packages PACKAGE...: install what may be installed without a password; false when it was not done.
system_packages() {
  may_install || return 1
  say "Installing $*"
  apt_get update || true
  apt_get install -y --no-install-recommends "$@"
}

# A line that stays the same as long as neither the Python nor the requirement files change.
fingerprint() { { "$VENV_PYTHON" -V; cat "$@"; } 2>&1 | cksum; }

# is_ready MARK FILE...: the last installation of these files ended well, with this Python.
is_ready() {
  local mark=.venv/$1
  shift
  [ -f "$mark" ] && [ -x "$VENV_PYTHON" ] && [ "$(cat "$mark")" = "$(fingerprint "$@")" ]
}

pip_install() {
  "$VENV_PYTHON" -m pip install --disable-pip-version-check "$@" >&2 ||
    fail "The packages could not be installed (the reason stands above): look at the network or the package index, then run this again; it goes on from here."
}

make_venv() {
  if new_enough "$VENV_PYTHON" && "$VENV_PYTHON" -m pip --version >/dev/null 2>&1; then return; fi
  local python package
  python=$(find_python)
  [ -n "$python" ] ||
    fail "Python 3.11 or newer was not found: install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv; Mac: brew install python@3.12) and run this again."
  package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
  if ! can_make_venv "$python"; then
    system_packages "$package" || fail "$python lacks the part that makes environments: run 'sudo apt-get install $package', then run this again."
  fi
  say "Making .venv with $("$python" -V)"
  "$python" -m venv --clear .venv || fail "$python could not make .venv here: look at the reason above, then run this again."
}

# torchaudio on Linux fits one CUDA only, and a misfit breaks transformers: so it is tried, and taken out where it does not import.
add_torchaudio() {
  local wanted
  [ "$(uname -s)" = Linux ] || return 0
  "$VENV_PYTHON" -c 'import sys, torch; sys.exit(torch.version.cuda is None)' || return 0
  wanted=$(sed -n 's/^\(torchaudio==[^; ]*\).*/\1/p' requirements.txt)
  if "$VENV_PYTHON" -m pip install --disable-pip-version-check --no-deps "$wanted" >&2 &&
    "$VENV_PYTHON" -c 'import torchaudio' >/dev/null 2>&1; then return 0; fi
  "$VENV_PYTHON" -m pip uninstall --yes torchaudio >/dev/null 2>&1 || true
  say "$wanted does not work beside this torch, so it was left out; the app does without it."
}

has_portaudio() {
  [ "$(uname -s)" = Linux ] || return 0 # elsewhere it comes inside the sounddevice package
  case "$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)" in *libportaudio.so.2*) return 0 ;; esac
  [ -n "$(find /usr/lib /usr/local/lib -maxdepth 2 -name 'libportaudio.so.2*' -print 2>/dev/null || true)" ]
}

install_packages() {
  make_venv
  rm -f .venv/ready
  say "Installing what the app needs into .venv: this happens once and takes some minutes."
  pip_install "$(grep -E '^torch==' requirements.txt)"
  pip_install -r requirements.txt
  add_torchaudio
  fingerprint requirements.txt >.venv/ready # last, so that an interrupted installation is taken up again
}

set_up() {
  local first=no
  if ! is_ready ready requirements.txt; then
    first=yes
    install_packages
  fi
  if has_portaudio; then return; fi
  # Only beside the first installation: later starts stay quick, also without a network.
  if [ "$first" = yes ] && system_packages libportaudio2; then return; fi
  say "The desktop recorder needs PortAudio: run 'sudo apt-get install libportaudio2' (or your system's package of it); the browser recorder works without."
}

main() {
  set_up
  if [ "${1:-}" = --setup-only ]; then return; fi
  exec "$VENV_PYTHON" app.py "$@"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then main "$@"; fi
