"""Made things for the tests of library, steps and commands: sounds, takes, transcription runs, a base
folder."""

from __future__ import annotations

import json
import struct
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from core.config import DataRoot
from core.library import Change, Clip, Library, Project
from core.library.transcripts import Draft
from core.run_dir import RunDir

RATE = 16000


@contextmanager
def root_in_memory() -> Iterator[DataRoot]:
    """An empty data root in memory, where there is such a disk: these tests write thousands of small things
    that each wait for the disk, and what survives a power cut is not what they ask.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(
        dir=memory if memory.is_dir() else None, ignore_cleanup_errors=True
    ) as folder:
        path = Path(folder) / "data"
        path.mkdir()
        yield DataRoot(path)


def tone(seconds: float = 0.6, pitch: float = 220.0, rate: int = RATE) -> np.ndarray:
    """A tone with silence around it, float32 (n,): enough of a voice for every check of a take."""
    n = round(seconds * rate)
    sound = 0.3 * np.sin(2 * np.pi * pitch * np.arange(n) / rate)
    sound[: n // 8] = sound[-n // 8 :] = 0.0
    return sound.astype(np.float32)


def wav(path: Path, seconds: float = 0.6, pitch: float = 220.0, rate: int = RATE, **more: Any) -> Path:
    """A WAV file of `tone`; `channels` and `subtype` as wanted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = np.stack([tone(seconds, pitch, rate)] * more.pop("channels", 1), axis=1)
    soundfile.write(path, sound, rate, subtype=more.pop("subtype", "PCM_16"))
    return path


def long_wav(path: Path, seconds: float) -> Path:
    """A WAV of hours that takes no room: its header is true, its sound is a hole in the file."""
    n_bytes = round(seconds * 8000) * 2
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + n_bytes,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        16000,
        2,
        16,
        b"data",
        n_bytes,
    )
    with open(path, "wb") as file:
        file.write(head)
        file.truncate(len(head) + n_bytes)
    return path


def library(root: DataRoot, *names: str, template: str = "blank") -> tuple[Library, Project]:
    """A library with one project (or several: the first is given back)."""
    lib = Library(root)
    made = [lib.projects.add(name, name.title(), template, "en") for name in names or ("p",)]
    return lib, made[0]


def take(
    lib: Library,
    project: Project,
    text: str | None = None,
    prompt: str | None = None,
    source: str = "model:starter",
    decision: str = "todo",
    speaker: str = "me",
    name: str = "",
    role: str = "target",
) -> str:
    """A take's row without a sound behind it; the id. `text` is its current transcript."""
    if prompt:
        lib.prompts.add(project.id, [(prompt, "")], role=role)
    asked = lib.prompts.with_text(project.id, prompt) if prompt else None
    clip_id = uuid.uuid4().hex[:12]
    lib.clips.add(
        Clip(
            id=clip_id,
            project_id=project.id,
            kind="take",
            name=name or f"{clip_id}.wav",
            audio=f"{project.slug}/takes/{clip_id}.wav",
            sha256=clip_id,
            sample_rate=RATE,
            n_samples=RATE,
            start=0.0,
            end=1.0,
            speaker_id=lib.speakers.named(project.id, speaker).id,
            prompt_id=asked.id if asked else None,
            role=role,
            decision="todo",
            mark="",
            note="",
            trashed=0,
            transcript_id=None,
            quality={},
            created_at=0,
        )
    )
    if text is not None:
        lib.transcripts.append(project.id, [Draft(clip_id, text, source, None)], "maker")
    if decision != "todo":
        lib.changes.apply(project.id, [Change(clip_id, "decision", "todo", decision)], "maker")
    return clip_id


def heard(lib: Library, project: Project, *rows: dict[str, Any]) -> RunDir:
    """A transcription run that has made `rows` of results."""
    run = RunDir.create(lib.root.runs(project.slug), "transcribe", {"project": project.slug})
    run.add_results([{"words": [], "score": 0.9, "model": "starter", **row} for row in rows])
    return run


def ctc_folder(folder: Path) -> Path:
    """A CTC base whose files agree with each other; its weights are zeros (no test trains it)."""
    folder.mkdir(parents=True)
    letters = ["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz", "'", *"0123456789", "<unk>"]
    config = {
        "architectures": ["Wav2Vec2BertForCTC"],
        "model_type": "wav2vec2-bert",
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "intermediate_size": 32,
        "vocab_size": len(letters),
    }
    features = {"feature_extractor_type": "SeamlessM4TFeatureExtractor", "sampling_rate": RATE, "stride": 2}
    _json(folder / "config.json", config)
    _json(folder / "vocab.json", {letter: i for i, letter in enumerate(letters)})
    _json(folder / "tokenizer_config.json", {"pad_token": "<pad>", "word_delimiter_token": "|"})
    _json(folder / "preprocessor_config.json", features)
    shape = [len(letters), 16]
    n_bytes = 4 * shape[0] * shape[1]
    head = json.dumps(
        {"lm_head.weight": {"dtype": "F32", "shape": shape, "data_offsets": [0, n_bytes]}}
    ).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(n_bytes))
    return folder


def _json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))
