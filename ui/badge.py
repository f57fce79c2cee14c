"""What stands behind the title of a model: whether the doctor has seen it on this machine."""
from __future__ import annotations

from core.library import Library
from core.steps import doctor
from core.steps.transcribe import ModelChoice
from ui.texts import say
from ui.texts.retold import retold


def badged(lib: Library, model: ModelChoice, title: str = "") -> str:
    """`title`, else the model's own, and what the doctor found of the model here."""
    health = doctor.known(lib, model)
    why = f" {retold(health.reason)}" if health.state == "refused" else ""
    return f"{title or retold(model.title)} · {say(f'doctor.{health.state}')}{why}"
