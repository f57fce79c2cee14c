"""The folder's own chat template, by which the released model was trained: our prompts are compared with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.families.base import Prepared
from core.families.higgs import labels
from core.families.higgs.labels import Take
from core.files import read_json
from core.modelling.delay import Codes
from core.modelling.higgs import tokens


def ids_by_template(one: Take, prepared: Prepared) -> Codes | None:
    """Ids (places,) of the prompt for a take as the folder's template writes it; None where it has none."""
    folder = Path(prepared.extra["folder"])
    template = template_in(folder)
    if template is None:
        return None
    turns = [_text("system", tokens.SYSTEM)]
    if one.reference is not None:
        turns += [_text("user", one.reference.text), _sound()]
    written = rendered(template, [*turns, _text("user", one.text)])
    return labels.encode(_filled(written, one, prepared), prepared)


def template_in(folder: Path) -> str | None:
    """The template by any of the names under which transformers saves it."""
    if (folder / "chat_template.jinja").is_file():
        return (folder / "chat_template.jinja").read_text(encoding="utf-8")
    for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
        if (folder / name).is_file() and (found := read_json(folder / name).get("chat_template")):
            return str(found)
    return None


def rendered(template: str, turns: list[dict[str, Any]]) -> str:
    """The text of a conversation that asks for a sound. BadInput where the template cannot write it."""
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(sentence: str) -> None:
        raise TemplateError(sentence)

    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    made.globals["raise_exception"] = refuse
    try:
        return made.from_string(template).render(
            messages=turns, bos_token=tokens.START_OF_TEXT, add_generation_prompt=True)
    except TemplateError as error:
        raise BadInput(f"The chat template of the model cannot write a pair of takes: {error}.") from error


def _text(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def _sound() -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "audio"}]}


def _filled(written: str, one: Take, prepared: Prepared) -> str:
    """`written` with a place for each column of the reference."""
    if one.reference is None:
        return written
    n_columns = len(labels.in_stream(one.reference.features, prepared))
    return written.replace(tokens.AUDIO, tokens.sound(n_columns, int(prepared.extra["codebooks"])), 1)
