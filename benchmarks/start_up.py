"""Time from the command to the page's first answer, beside a Gradio hello-world in the same run.

    python benchmarks/start_up.py [--runs N] [--json]
"""
from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
HELLO = (
    "import gradio as gr, sys\n"
    "page = gr.Interface(lambda name: 'Hello ' + name, 'text', 'text')\n"
    "page.launch(server_port=int(sys.argv[1]), quiet=True)\n"
)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds_to_answer(command: list[str], port: int) -> float:
    """Start `command`, wait for the first 200 on its page, end it."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while process.poll() is None and time.perf_counter() - began < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - began
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.02)
        raise SystemExit(f"no answer from {' '.join(command[:3])}")
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Alternate the two, throw the first pair away (cold files), print the medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as data:
        for run in range(args.runs + 1):
            port = free_port()
            hello = seconds_to_answer([sys.executable, "-c", HELLO, str(port)], port)
            port = free_port()
            app = [sys.executable, "app.py", "--no-browser", "--data", data, "--port", str(port)]
            own = seconds_to_answer(app, port)
            if run:
                ours.append(own)
                theirs.append(hello)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    figures = {
        "voicewright_s": statistics.median(ours),
        "hello_world_s": statistics.median(theirs),
        "ratio": ratio,
        "runs": args.runs,
    }
    print(
        json.dumps(figures)
        if args.json
        else f"page {figures['voicewright_s']:.2f} s, Gradio hello-world {figures['hello_world_s']:.2f} s, "
        f"ratio {ratio:.2f} (median of {args.runs} pairs)"
    )


if __name__ == "__main__":
    main()
