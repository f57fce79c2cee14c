"""What a training run is asked for, wherever it was said: form, file, command line. A run saves it as a file
that starts the same run again."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.errors import BadInput
from core.families import named, that
from core.families.base import Trains
from core.families.base.options import LoopOptions
from core.families.base.sharing import SharesSettings
from core.files import write_atomic
from core.order_paths import ABOVE, resolved
from core.run_dir import RunDir
from core.settings_file import mapping_of, text_of
from core.steps import resume_keys

FILE = "options.yaml"
REMARK = "Starts the same training run again: app.py train PROJECT --options options.yaml"
TYPES: dict[str, type] = {"family": str, "base": str, "preset": str, "dataset": str, "fingerprint": str,
                          "device": str, "precision": str, "devices": int, "run": str, "way": str,
                          "checkpoint": str, "also": str, "adapter": str, "smoke": bool}
"""The settings beside the options; `run`, `way` and `checkpoint` say from what the run goes on."""
OF_ORDERS = ("kind", "order", "project", "regression", "versions", "licence", "dataset_name", "parent",
             "machines", "cache", "language", "is_copy")
"""What the order of a run (run.json) holds besides: known, and nothing that a person sets."""


@dataclass(frozen=True)
class Request:
    """Settings by name, and options of the family by name; what is not in it was not said. `notes` are
    sentences about a file of another trainer."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def get(self, name: str, usual: Any = None) -> Any:
        """A setting, or `usual` where it was not said."""
        value = self.settings.get(name)
        return usual if value is None else value

    def over(self, other: Request) -> Request:
        """This one where it says something, else the other. Another preset brings options of its own, but
        what the other said by name stays."""
        said = {name: value for name, value in self.settings.items() if value is not None}
        notes = (*other.notes, *self.notes)
        return Request({**other.settings, **said}, {**other.options, **self.options}, notes)


def read(content: bytes, name: str, family: str | None = None, folder: Path | None = None) -> Request:
    """What a YAML or JSON file asks for: options alone, or settings with the options under `options`, or the
    run.json of a run, or the settings of another trainer; all may have the keys of `resume_keys`. `family`
    wins over the one in the file. The `folder` of a file is what the paths of a run for other machines go by.

    Raises BadInput naming the key that is unknown and the one that is most like it; for such a path without
    a folder, or of something that is not there.
    """
    whole = mapping_of(content, name)
    held = resume_keys.rest(whole)
    asked = (_from_elsewhere(held, family or held.get("family"))
             or _own(_of_order(held, name, folder), name, family))
    brings = bool(asked.options) or asked.get("preset") is not None
    resumed = resume_keys.settings_of(whole, name, brings)
    return Request({**asked.settings, **resumed}, asked.options, asked.notes)


def _own(held: dict[str, Any], name: str, family: str | None) -> Request:
    """Our own settings. BadInput as `read`."""
    inner = held.pop("options", None) or {}
    if not isinstance(inner, dict):
        raise BadInput(f"“options” in {name} is {inner!r}, but should hold one “name: value” a line.")
    settings = {key: held.pop(key) for key in TYPES if key in held}
    chosen = named(family or str(settings.get("family") or "ctc"))
    options = {**resume_keys.options_of(held, name), **resume_keys.options_of(inner, name)}
    for key in options:
        if isinstance(chosen, Trains) and key not in chosen.options.model_fields:
            raise BadInput(_unknown(key, name, chosen.options))
    return Request({key: _checked(key, value, name) for key, value in settings.items()}, options)


def _from_elsewhere(held: dict[str, Any], family: str | None) -> Request | None:
    """The settings of another trainer as ours, over a preset of the family that they are about, as far as
    they tell, else of the first that knows them; None for our own."""
    layers = {key: value for key, value in resume_keys.options_of(held, "these settings").items()
              if key.startswith("ttt_")}
    held = {key: value for key, value in held.items() if key.partition(".")[0] != resume_keys.TTT}
    sharing = [known for known in that(SharesSettings).values() if family in (None, known.name)]
    for known in sorted(sharing, key=lambda each: not each.is_meant_by(held)):
        if found := known.read_settings(held):
            head = f"These are settings of {found.form}, read for {known.title}."
            first = {"family": known.name, "preset": found.preset or next(iter(known.presets))}
            return Request(first, {**found.options, **layers}, (head, *found.notes))
    return None


def elsewhere(run: RunDir, data: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """The settings of a training run for another trainer: its name, the YAML, and the options that have no
    place there. BadInput for a run of a family that knows none; `data` as `SharesSettings.write_settings`."""
    order = run.order()
    family = named(str(order.get("family", "ctc")))
    title = family.title
    if not isinstance(family, SharesSettings) or not isinstance(family, Trains):
        raise BadInput(f"{title} has no other trainer that reads its settings.")
    made, left = family.write_settings(family.options(**order["options"]), Path(order["base"]), data)
    return family.settings_form, text_of(made, f"For {family.settings_form}, from run {run.id}."), left


def _of_order(held: dict[str, Any], name: str = "", folder: Path | None = None) -> dict[str, Any]:
    """An order as settings: it names things by their place and keeps more than a person sets."""
    if held.get("kind") is None or "order" not in held:
        return held
    if held["kind"] != "train":
        raise BadInput(
            f"This is the order of a run of the kind “{held['kind']}”; choose that of a training run.")
    held = _resolved(held, name, folder)
    parent, way = held.get("parent"), held.get("way")
    named = {"dataset": held.get("dataset_name"), "run": Path(parent).name if parent else None,
             "way": way if parent else None}
    kept = {key: value for key, value in held.items() if key not in OF_ORDERS}
    return {key: value for key, value in {**kept, **named}.items() if value is not None}


def _resolved(held: dict[str, Any], name: str, folder: Path | None) -> dict[str, Any]:
    """An order whose paths hold: that of a run for other machines tells them from its own run folder."""
    if folder is None and str(held.get("base") or "").startswith(ABOVE):
        raise BadInput(f"{name} tells its base from the folder of its run, which is not known here: take the "
                       f"file {FILE} of that folder.")
    return resolved(held, folder or Path())


def _unknown(key: str, name: str, options: type[LoopOptions]) -> str:
    from rapidfuzz import process

    known = [*options.model_fields, *TYPES, "options"]
    near = process.extractOne(key, known, score_cutoff=60)
    if near:
        return f"“{key}” in {name} is no option; “{near[0]}” is most like it."
    return f"“{key}” in {name} is no option; the options are: {', '.join(options.model_fields)}."


def _checked(key: str, value: Any, name: str) -> Any:
    try:
        return TypeAdapter(TYPES[key]).validate_python(value, strict=True) if value is not None else None
    except ValidationError as error:
        wanted = "a whole number" if TYPES[key] is int else "a word"
        raise BadInput(f"“{key}” in {name} is {value!r}, but should be {wanted}.") from error


def of_run(run: RunDir) -> Request:
    """What a run was asked for, whole."""
    order = run.order()
    held = _of_order({**order, "order": order.get("order", 0)})
    options = held.pop("options")
    return Request({key: value for key, value in held.items() if key in TYPES and value is not None}, options)


def text(request: Request) -> str:
    """The request as a YAML file: settings first, then the options."""
    listed = {key: request.settings[key] for key in TYPES if request.settings.get(key) is not None}
    plain = {key: list(held) if isinstance(held, tuple) else held for key, held in request.options.items()}
    return text_of({**listed, "options": plain}, REMARK)


def save(run: RunDir, base: str) -> None:
    """Write the file of a run into its folder; `base` is the name of its base, which means the same on
    another machine, where a folder does not."""
    request = of_run(run)
    write_atomic(run.path / FILE, text(replace(request, settings={**request.settings, "base": base})))
