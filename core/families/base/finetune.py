"""moshi-finetune's YAML config as our options, and back, for the families whose models it trains. Keys that
have no counterpart are named, with why.

Source: finetune/args.py, finetune/data/args.py and train.py of kyutai-labs/moshi-finetune.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import BadInput
from core.families.base.sharing import Foreign

FORM = "moshi-finetune"
SHARED: dict[str, str] = {
    "duration_sec": "window_seconds", "batch_size": "batch_size", "max_steps": "steps", "seed": "seed",
    "num_microbatches": "accumulation", "max_norm": "clip_norm", "text_padding_weight": "padding_weight",
    "gradient_checkpointing": "gradient_checkpointing", "optim.lr": "lr",
    "optim.weight_decay": "weight_decay", "lora.rank": "rank",
    "ckpt_freq": "save_every", "eval_freq": "eval_every", "num_ckpt_keep": "keep_last",
}
"""Their key -> our option of the same meaning, in every family."""
KINDS: dict[str, type] = {
    **dict.fromkeys(("duration_sec", "max_norm", "text_padding_weight", "optim.lr", "optim.weight_decay",
                     "optim.pct_start", "lora.scaling", "first_codebook_weight_multiplier"), float),
    **dict.fromkeys(("gradient_checkpointing", "lora.ft_embed", "lora.enable", "full_finetuning"), bool),
    **dict.fromkeys(("batch_size", "max_steps", "seed", "num_microbatches", "lora.rank", "ckpt_freq",
                     "eval_freq", "num_ckpt_keep"), int),
}
DEFAULTS: dict[str, Any] = {
    "text_padding_weight": 0.5, "seed": 0, "num_microbatches": 1, "duration_sec": 10.0, "batch_size": 1,
    "max_norm": 1.0, "max_steps": 100, "gradient_checkpointing": True, "optim.lr": 1e-4,
    "optim.weight_decay": 0.1, "optim.pct_start": 0.05, "lora.rank": 64, "lora.scaling": 2.0,
    "lora.ft_embed": False, "num_ckpt_keep": 3, "first_codebook_weight_multiplier": 1.0,
}
"""What a key that is left out means there; ours are other ones."""
PLACES = {"data.train_data": "train", "data.eval_data": "val", "moshi_paths.hf_repo_id": "repository",
          "moshi_paths.moshi_path": "weights", "moshi_paths.mimi_path": "codec",
          "moshi_paths.tokenizer_path": "tokenizer", "moshi_paths.config_path": "config", "run_dir": "run"}
"""Keys that say where something lies."""
KEPT = "a run here is saved and named by the app"
IGNORED = {
    "log_freq": "every step is noted here",
    "save_adapters": "adapters are always kept, and merged when you ask for it",
    "do_ckpt": KEPT,
    "do_eval": "a run here always looks at its validation clips",
    "overwrite_run_dir": KEPT,
    "param_dtype": "the type of number is chosen for the device",
    "data.shuffle": "clips are always drawn in an order that the seed decides",
    "world_size": "the devices are chosen when the run starts",
    "wandb.project": "nothing is sent anywhere", "wandb.offline": "nothing is sent anywhere",
    "wandb.key": "nothing is sent anywhere", "wandb.run_name": "nothing is sent anywhere",
}
"""Keys without a counterpart, and why."""


LEARNS = "learns"
"""Our option that says whether all weights learn, in a family that has it."""


@dataclass(frozen=True)
class Dialect:
    """What is peculiar to one family: `plain` as SHARED, `ignored` keys with why, the options that are
    `always` so there, and whether it `can_train_all` weights."""

    plain: Mapping[str, str]
    ignored: Mapping[str, str]
    always: Mapping[str, Any]
    can_train_all: bool = False

    @property
    def names(self) -> dict[str, str]:
        """Their key -> our option."""
        return {**SHARED, **self.plain}


@dataclass(frozen=True)
class FinetuneConfig:
    """`options` by our names, `places` by what lies there (train, val, repository, weights, codec, tokenizer,
    config, run), `ignored` keys with a sentence each, and `unknown` ones."""

    options: dict[str, Any]
    places: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def claims(held: Mapping[str, Any]) -> bool:
    """Whether these are settings of moshi-finetune: one of its keys is there that is no option of ours."""
    theirs = {*KINDS, *PLACES, *IGNORED} - set(SHARED.values())
    return any(name in theirs for name, _ in _flat(held))


def speaks(held: Mapping[str, Any]) -> bool:
    """Whether the model of these settings speaks: its name says so, or, where nothing has a name, they weigh
    the codes of its sound."""
    flat = dict(_flat(held))
    names = [str(value).lower() for key, value in flat.items() if key.startswith("moshi_paths.") and value]
    if any("stt" in name for name in names):
        return False
    repository = str(flat.get("moshi_paths.hf_repo_id") or "").lower()
    return "moshi" in repository if repository else "first_codebook_weight_multiplier" in flat


def options_of(config: Mapping[str, Any], dialect: Dialect) -> FinetuneConfig:
    """Their config, as read from YAML, by our names. BadInput for a value of the wrong kind, and for a run
    that trains what the family does not."""
    flat = dict(_flat(config))
    given = {key: _value(key, value) for key, value in flat.items() if key in KINDS and value is not None}
    learning = _what_learns(given, dialect)
    not_here = {**IGNORED, **dialect.ignored}
    return FinetuneConfig(
        {**_options({**DEFAULTS, **given}, dialect), **learning},
        {PLACES[key]: str(value) for key, value in flat.items() if key in PLACES and value},
        {key: why for key, why in not_here.items() if key in flat},
        tuple(sorted(set(flat) - set(KINDS) - set(PLACES) - set(not_here))),
    )


def _what_learns(given: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    is_all = bool(given.get("full_finetuning")) or given.get("lora.enable") is False
    if given.get("full_finetuning") and given.get("lora.enable"):
        raise BadInput("This config trains all weights and an adapter as well, which moshi-finetune refuses:"
                       " set one of full_finetuning and lora.enable to false.")
    if dialect.can_train_all:
        return {LEARNS: "all" if is_all else "adapter"}
    if is_all:
        raise BadInput("This config trains all weights of the model, and here an adapter is trained: set"
                       " full_finetuning to false and lora.enable to true.")
    return {}


def _options(known: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    found = {ours: known[theirs] for theirs, ours in dialect.names.items() if theirs in known}
    steps = found["steps"]
    for name in ("save_every", "eval_every"):
        if not found.get(name, 1):
            found[name] = steps  # 0 there: at the end only
    if not found.get("seed", 0) >= 0:
        raise BadInput(f"seed is {found['seed']}: write a number from 0 on.")
    return {
        **found,
        "alpha": known["lora.scaling"] * known["lora.rank"],  # a plain factor there
        "schedule": "one-cycle",
        "warmup_steps": round(known["optim.pct_start"] * steps),
        **dialect.always,
    }


def config_of(options: Mapping[str, Any], dialect: Dialect, places: Mapping[str, str] | None = None
              ) -> dict[str, Any]:
    """Our options as their config, nested as YAML has it; `places` as `FinetuneConfig` has them. `alpha`
    becomes the factor, and the warm-up a share of the steps."""
    flat = {theirs: options[ours] for theirs, ours in dialect.names.items() if ours in options}
    is_all = options.get(LEARNS) == "all"
    if {"rank", "alpha"} <= options.keys():
        flat |= {"lora.enable": not is_all, "lora.scaling": options["alpha"] / options["rank"]}
    if {"steps", "warmup_steps"} <= options.keys():
        flat["optim.pct_start"] = options["warmup_steps"] / options["steps"]
    flat |= {"full_finetuning": is_all, "save_adapters": True}
    names = {ours: theirs for theirs, ours in PLACES.items()}
    flat |= {names[ours]: place for ours, place in (places or {}).items() if ours in names}
    return _nested(flat)


def left_out(options: Mapping[str, Any], dialect: Dialect) -> tuple[str, ...]:
    """Our options that have no place there."""
    placed = {*dialect.names.values(), "alpha", "warmup_steps", "schedule"}
    return tuple(sorted(set(options) - placed - ({LEARNS} if dialect.can_train_all else set())))


def foreign(held: Mapping[str, Any], dialect: Dialect, preset: str = "") -> Foreign:
    """Settings of moshi-finetune as ours over a preset, with a sentence for each that has no counterpart.
    BadInput as `options_of`."""
    found = options_of(held, dialect)
    notes = [f"{key} of moshi-finetune is left out: {why}." for key, why in found.ignored.items()]
    if found.unknown:
        notes.append(f"Keys that are not known here and were left out: {', '.join(found.unknown)}.")
    where = ", ".join(found.places[name] for name in ("repository", "weights") if name in found.places)
    if where:
        notes.append(f"It trains on {where}: choose that model as the base.")
    if data := found.places.get("train"):
        notes.append(f"Its clips are in {data}: import them into the project to learn from them.")
    return Foreign(FORM, found.options, tuple(notes), preset)


def _flat(config: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Every value by its dotted key."""
    found: list[tuple[str, Any]] = []
    for key, value in config.items():
        name = f"{before}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, value)]
    return found


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in flat.items():
        room, _, name = key.rpartition(".")
        (found.setdefault(room, {}) if room else found)[name] = value
    return found


def _value(key: str, value: Any) -> Any:
    """The value as its kind; BadInput, naming the key, for another one. YAML reads 2e-6 as a text."""
    kind: Callable[[Any], Any] = KINDS[key]
    try:
        if kind is bool and not isinstance(value, bool):
            raise ValueError
        made = kind(value)
        if isinstance(value, bool) != (kind is bool) or (kind is int and float(value) != made):
            raise ValueError
        if made < 0 or made != made:
            raise ValueError
        return made
    except (TypeError, ValueError, OverflowError) as error:
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[KINDS[key]]
        raise BadInput(f"{key} is {value!r}: write {wanted}.") from error
