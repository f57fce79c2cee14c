#!/usr/bin/env bash
# Double-click this on a Mac: it opens a Terminal window and starts the app there.
set -euo pipefail
cd "$(dirname "$0")"
exec ./start.sh "$@"
