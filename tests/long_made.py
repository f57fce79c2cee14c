"""A project with a long recording that a run has heard: what a worker leaves, without any model."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from core.library import Library, Project, Recording
from core.run_dir import RunDir
from core.steps import recordings
from core.steps.ingest import ingest

RATE, SECONDS = 16_000, 90
WHO = "page:test"
TEXT = "Fono i le aso. The mountain is blue today. Nobody said this."
STRETCHES = [[0.0, 5.0, "silence", ""], [5.0, 10.0, "matched", ""], [10.0, 14.0, "uncertain", ""],
             [14.0, 30.0, "unmatched", ""], [30.0, 60.0, "sound", ""],
             [60.0, 90.0, "unreadable", "The disk is full."]]
SEGMENTS = [(5.0, 10.0, "Fono i le aso.", []), (10.0, 14.0, "The mountain is blue today.", ["fast"])]


def recorded(lib: Library, project: Project, folder: Path, name: str = "meeting.wav", seed: int = 0
             ) -> Recording:
    """A recording of noise, 90 s, no two of its seconds alike."""
    samples = np.random.default_rng(seed).normal(0, 3000, SECONDS * RATE).astype(np.int16)
    soundfile.write(folder / name, samples, RATE, subtype="PCM_16")
    return recordings.add(lib, project, folder / name, WHO)


def ran(lib: Library, project: Project, recording: Recording, segments: Sequence[Any] = SEGMENTS,
        stretches: Sequence[Any] = STRETCHES, sentences: Sequence[str] = (),
        within: Sequence[float] = (), **options: float) -> RunDir:
    """A finished run over one recording (or a stretch of it), its segments taken in."""
    path = lib.root.path / recording.audio
    order = {"project": project.slug, "options": recordings.Options(**options).model_dump(),
             "recordings": [recordings.source(recording.id, recording.name, path, recording.sha256,
                                              recording.seconds)], "model": "somewhere/starter"}
    run = RunDir.create(lib.root.runs(project.slug), "segment", order)
    of_stretch = {"within": list(within)} if within else {}
    run.add_results([{**row(recording, segments, stretches, sentences), **of_stretch}])
    run.report("1 segments were matched.", 1.0, figures={"text_covered": 0.5})
    run.finish("done", " ".join([*sentences, "1 segments were matched and 1 are uncertain: 50 % of the text, "
                                 "20 % of the speech (0.1 of 0.4 minutes)."]))
    ingest(lib, project)
    return run


def row(recording: Recording, segments: Sequence[Any], stretches: Sequence[Any], sentences: Sequence[str]
        ) -> dict[str, Any]:
    """A result as core/runs/long/report.py makes it."""
    seconds = {kind: sum(end - start for start, end, name, _ in stretches if name == kind)
               for kind in ("matched", "uncertain", "unmatched", "sound", "silence", "unreadable")}
    made = [{"start": start, "end": end, "text": text, "first": 0, "last": 3, "engine": "ctc:starter",
             "kind": "uncertain" if doubts else "matched", "words": [], "quality": {},
             "figures": {"confidence": 0.8, "worst": 0.4, "margin": 2.0, "words_per_second": 2.5,
                         "coverage": 0.9, "doubts": doubts}} for start, end, text, doubts in segments]
    figures = {"seconds": recording.seconds, **seconds, "speech": 25.0, "speech_covered": 0.2, "n_words": 12,
               "n_words_matched": 4, "n_words_placed": 9, "n_segments": len(made), "n_uncertain": 1}
    chains = [{"first": 0, "stop": 9, "start": 5.0, "end": 14.0, "matches": 7, "sure": True,
               "heard_by": {"ctc:starter": 6, "hand": 2}}]
    return {"item": recording.id, "segments": made, "stretches": list(stretches), "chains": chains,
            "figures": figures, "sentences": list(sentences)}
