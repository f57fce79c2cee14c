"""A merged Whisper in the form of other programs: openai-whisper (safetensors by its names, no pickle) and
CTranslate2, which faster-whisper runs on. Each is opened again and compared before it counts as written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.errors import BadInput, StudioError, Unavailable
from core.evaluation.rates import wer
from core.families.base import Check, Example, Prepared
from core.families.whisper import folder as folders
from core.families.whisper import labels, network, openai_names
from core.files import read_json, write_json

if TYPE_CHECKING:
    import torch
    from whisper.model import Whisper

log = logging.getLogger(__name__)
OPENAI, CTRANSLATE2 = "openai-whisper", "ctranslate2"
EXPORTS = {OPENAI: ("fp32", "bf16"), CTRANSLATE2: ("fp32", "fp16", "bf16", "int8")}
NAMES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16", "int8": "int8"}
SHAPE, WEIGHTS = "whisper.json", "model.safetensors"
BESIDE = ("tokenizer.json", "preprocessor_config.json")
"""What faster-whisper reads beside the model."""
VOCABULARIES = (51864, 51865, 51866)
"""How many tokens the vocabularies have that openai-whisper brings along; it can read no other."""
LOGITS = {"fp32": 1e-3, "fp16": 0.02, "bf16": 0.1, "int8": 0.3}
"""Largest difference of a logit as a share of the largest one, by type."""
WORDS = {"fp32": 0.5, "fp16": 2.0, "bf16": 3.0, "int8": 5.0}
"""Largest share of words (in points) that may be written differently, by type."""
BLOCKED = -1e30
"""Logits below are those of tokens that may not be written."""
BATCH = 8


class Answer(NamedTuple):
    """What the other program wrote for one clip: its tokens, and its logits (tokens, vocabulary) before
    each."""

    tokens: tuple[int, ...]
    logits: npt.NDArray[np.float32]


Answers = Callable[[Sequence[Example], Prepared], list[Answer]]


def check(form: str, dtype: str) -> None:
    """Raise BadInput for an unknown form or type, Unavailable when the other program is missing."""
    if form not in EXPORTS:
        raise BadInput(f"“{form}” is no form that a Whisper can be written in; choose transformers or one of:"
                       f" {', '.join(EXPORTS)}.")
    if dtype not in EXPORTS[form]:
        raise BadInput(f"A model for {form} is written as {', '.join(EXPORTS[form])}, not “{dtype}”.")
    if form == CTRANSLATE2 and find_spec("ctranslate2") is None:
        raise Unavailable("Writing a model for faster-whisper needs the package ctranslate2, which is not"
                          " installed here: run “pip install ctranslate2”, and try again.")


def export(
    folder: Path, form: str, dtype: str, out: Path, examples: Sequence[Example], prepared: Prepared
) -> tuple[Check, ...]:
    """Write the merged fp32 `folder` as `form` to `out`, open it by the other program's own way, compare."""
    check(form, dtype)
    write, answers = {OPENAI: (_write_openai, _openai), CTRANSLATE2: (_write_ctranslate2, _ctranslate2)}[form]
    write(folders.read(folder), dtype, out)
    checks = _compared(network.load_plain(folder), answers(out, dtype), examples, prepared, dtype)
    failed = [each for each in checks if not each.value <= each.allowed]
    if failed:
        raise StudioError(f"The model for {form} was not kept: {failed[0].sentence}")
    return checks


def _compared(
    model: Any, answers: Answers, examples: Sequence[Example], prepared: Prepared, dtype: str
) -> tuple[Check, ...]:
    """The texts of both, and both models' logits at each token that the other program wrote."""
    ours: list[str] = []
    theirs: list[str] = []
    apart, sizes = [0.0], [1e-9]
    for at in range(0, len(examples), BATCH):
        part = examples[at : at + BATCH]
        ours += [found.text for found in network.predict(model, part, prepared)]
        for example, answer in zip(part, answers(part, prepared), strict=True):
            theirs.append(labels.decode(answer.tokens, prepared))
            one, other = _side_by_side(model, example, answer, prepared)
            apart.append(float(np.abs(one - other).max(initial=0.0)))
            sizes.append(float(np.abs(one).max(initial=0.0)))
    n_other = sum(one != other for one, other in zip(ours, theirs, strict=True))
    heard = tuple(example.id for example in examples)
    words, most, largest = 100 * wer(ours, theirs).rate, float(np.max(apart)), float(np.max(sizes))
    return (
        Check("texts", f"Read back, it writes {n_other} of {len(examples)} clips differently"
              f" ({words:.2f} % of the words; at most {WORDS[dtype]:g} % pass in {dtype}).",
              words, WORDS[dtype], heard),
        Check("logits", f"Its logits differ by at most {most:.2g}, which is {100 * most / largest:.2g} % of"
              f" the largest; at most {100 * LOGITS[dtype]:g} % pass in {dtype}.",
              most / largest, LOGITS[dtype], heard),
    )


def _side_by_side(
    model: Any, example: Example, answer: Answer, prepared: Prepared
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Our logits and theirs where they wrote, without the tokens that may not be written."""
    said = Example(example.id, example.features, (*answer.tokens, int(prepared.extra["end"])), "")
    ours = network.outputs(model, [said], prepared)[0][: len(answer.logits)]
    shown = answer.logits > BLOCKED
    return ours[shown], answer.logits[shown]


def _write_openai(folder: folders.Folder, dtype: str, out: Path) -> None:
    from safetensors.torch import save_file

    if int(folder.config["vocab_size"]) not in VOCABULARIES:
        raise BadInput(
            "openai-whisper reads models with its own vocabularies only, and this model's has"
            f" {folder.config['vocab_size']} tokens; export it for ctranslate2, or use it as it is."
        )
    out.mkdir(parents=True)
    tensors = openai_names.to_openai(_tensors(folder.path))
    kind = _torch_type(dtype)
    save_file({name: tensor.to(kind).contiguous() for name, tensor in tensors.items()}, out / WEIGHTS)
    write_json(out / SHAPE, {
        "dims": openai_names.dims_of(folder.config),
        "alignment_heads": folder.generation.get("alignment_heads") or [],
        "language": folder.language,
    })


def _torch_type(dtype: str) -> torch.dtype:
    import torch

    return {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    from core.modelling import weights

    return {name: tensor for file in weights.weight_files(path) for name, tensor in load_file(file).items()}


def open_openai(out: Path) -> Whisper:
    """openai-whisper's model of an exported folder, in fp32, on the CPU."""
    shape = read_json(out / SHAPE)
    tensors = {name: tensor.float() for name, tensor in _tensors(out).items()}
    return openai_names.model_of(shape["dims"], tensors, shape["alignment_heads"])


def _openai(out: Path, dtype: str) -> Answers:
    import torch
    import whisper

    model = open_openai(out)

    def answers(examples: Sequence[Example], prepared: Prepared) -> list[Answer]:
        wanted = whisper.DecodingOptions(
            language=prepared.extra["language"] or "en", without_timestamps=True, fp16=False, temperature=0.0
        )
        found = []
        for mel in network.inputs_of(examples, prepared):
            tokens = [int(i) for i in whisper.decode(model, mel, wanted).tokens]
            given = torch.tensor([[*prepared.extra["prompt"], *tokens]])
            with torch.no_grad():
                logits = model(mel[None], given)[0, len(prepared.extra["prompt"]) - 1 :]
            found.append(Answer(tuple(tokens), logits.numpy()))
        return found

    return answers


def _write_ctranslate2(folder: folders.Folder, dtype: str, out: Path) -> None:
    import transformers
    from ctranslate2.converters import TransformersConverter

    transformers.utils.logging.disable_progress_bar()
    beside = [name for name in BESIDE if (folder.path / name).exists()]
    TransformersConverter(str(folder.path), copy_files=beside).convert(str(out), quantization=NAMES[dtype])


def _ctranslate2(out: Path, dtype: str) -> Answers:
    import ctranslate2
    import torch

    model = ctranslate2.models.Whisper(str(out), device="cpu", compute_type="default",
                                       intra_threads=torch.get_num_threads())

    def answers(examples: Sequence[Example], prepared: Prepared) -> list[Answer]:
        heard = ctranslate2.StorageView.from_array(network.inputs_of(examples, prepared).numpy())
        found = model.generate(heard, [list(prepared.extra["prompt"])] * len(examples), beam_size=1,
                               max_length=int(prepared.extra["positions"]), return_logits_vocab=True)
        return [Answer(tuple(each.sequences_ids[0]), np.stack([np.array(row) for row in each.logits[0]]))
                for each in found]

    return answers
