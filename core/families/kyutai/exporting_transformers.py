"""The folder of a Kyutai model as transformers wants it: codec inside, processor and vocabulary beside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.families.kyutai import layouts, opening
from core.families.kyutai.exporting_files import WEIGHTS, copy
from core.families.kyutai.layouts import CODEC, Source
from core.modelling import weights
from core.modelling.kyutai import building, files, recipes, sentencepiece, shape, tokens

if TYPE_CHECKING:
    import torch


def write(
    tensors: Mapping[str, torch.Tensor], source: Source, dtype: str, out: Path
) -> tuple[Path, ...]:
    """Write `tensors` (a merged model's, by transformers' names) with all that belongs to them to the new
    folder `out`; the files that were copied as they are come back. The pause heads, for which the class has
    no place, lie beside, so that the folder can be exported further.
    """
    out.mkdir(parents=True)
    codec = {f"{CODEC}{name}": tensor for name, tensor in opening.codec_tensors(source).items()}
    inside = {name: tuple(tensor.shape) for name, tensor in codec.items()}
    sizes = source.shape.transformers() | inside
    types = dict.fromkeys(source.shape.transformers(), dtype) | dict.fromkeys(inside, "fp32")
    files.write(out / WEIGHTS, recipes.Joined(codec, tensors), sizes, types)
    _write_config(source, dtype, out)
    copied = tuple(copy(source.path / name, out) for name in weights.COPIED
                   if source.layout == "transformers" and (source.path / name).is_file())
    if source.layout != "transformers":
        _write_processor(source, out)
    if opening.has_pause_heads(source):
        heads = opening.pause_heads(source)
        sizes = source.shape.pause_heads()
        files.write(out / layouts.HEADS_BESIDE, heads, sizes, dict.fromkeys(sizes, "fp32"))
    # the other forms need it, and it cannot be made of the tokenizer.json
    spelled = next(source.path.glob("*.model"), None)
    return (*copied, copy(spelled, out)) if spelled else copied


def _write_config(source: Source, dtype: str, out: Path) -> None:
    library = building.classes()
    config = library.KyutaiSpeechToTextConfig(
        **shape.transformers_config(source.shape, source.codec_config),
        architectures=[layouts.ARCHITECTURE], dtype=str(building.torch_type(dtype)).removeprefix("torch."),
    )
    config.save_pretrained(out)
    if source.layout != "transformers":
        # one frame of the codec at a time, as the published model has it
        settings = library.GenerationConfig.from_model_config(config)
        settings.audio_window_size = 1
        settings.save_pretrained(out)


def _write_processor(source: Source, out: Path) -> None:
    library = building.classes()
    spelled = tokens.tokenizer_of(sentencepiece.read(source.tokenizer))
    marks = {f"{name}_token": spelled.id_to_token(i) for i, name in enumerate(("unk", "bos", "eos", "pad"))}
    library.KyutaiSpeechToTextProcessor(
        library.KyutaiSpeechToTextFeatureExtractor(
            audio_delay_seconds=source.delay, audio_silence_prefix_seconds=source.silence,
            sampling_rate=int(source.codec_config.get("sampling_rate", 24_000)),
        ),
        library.PreTrainedTokenizerFast(
            tokenizer_object=spelled, clean_up_tokenization_spaces=False,
            model_input_names=["input_ids", "attention_mask"], **marks,
        ),
    ).save_pretrained(out)
