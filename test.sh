#!/usr/bin/env bash
# Set up what the tests need, then run them: ./test.sh [PYTEST ARGUMENTS...]   (-m slow: the long ones; --setup-only: no tests; without any, the default suite in two processes)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/start.sh"

has_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then return; fi
  done
  [ -d "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" ] || [ -d "$HOME/Library/Caches/ms-playwright" ]
}

has_pulse_plugin() {
  [ -n "$(find /usr/lib -maxdepth 3 -path '*alsa-lib/libasound_module_pcm_pulse.so' -print 2>/dev/null || true)" ]
}

# The Debian packages that are not here, one a line.
missing_packages() {
  has_browser || echo chromium
  command -v espeak-ng >/dev/null 2>&1 || echo espeak-ng
  command -v sox >/dev/null 2>&1 || echo sox
  command -v ffmpeg >/dev/null 2>&1 || echo ffmpeg
  [ "$(uname -s)" = Linux ] || return 0
  command -v pulseaudio >/dev/null 2>&1 || echo pulseaudio
  command -v pactl >/dev/null 2>&1 || echo pulseaudio-utils
  has_pulse_plugin || echo libasound2-plugins
  has_portaudio || echo libportaudio2
}

set_up_tests() {
  local name
  local missing=()
  while read -r name; do missing+=("$name"); done < <(missing_packages)
  if [ ${#missing[@]} -gt 0 ] && ! system_packages "${missing[@]}"; then
    say "Some tests will be skipped, each with its reason: run 'sudo apt-get install ${missing[*]}' (on a Mac: brew install espeak-ng sox ffmpeg, and .venv/bin/python -m playwright install chromium)."
  fi
  set_up
  if is_ready ready-for-tests requirements.txt requirements-dev.txt requirements-ray.txt; then return; fi
  "$VENV_PYTHON" -m pip install --disable-pip-version-check -r requirements-ray.txt >&2 ||
    say "Ray does not install here (the reason stands above): the tests over two of its nodes will be skipped."
  pip_install -r requirements-dev.txt
  fingerprint requirements.txt requirements-dev.txt requirements-ray.txt >.venv/ready-for-tests
}

set_up_tests
if [ "${1:-}" = --setup-only ]; then exit; fi
if [ $# = 0 ]; then set -- -n 2 --dist loadgroup; fi # the whole default suite: two processes, of which one has the page
HF_HUB_OFFLINE=1 exec "$VENV_PYTHON" -m pytest "$@"
