"""The published sizes: what the class and the adapter hold, and how much memory it takes to turn a model."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.modelling import lora
from core.modelling.kyutai import building, files, mimi_names, peft_names, shape
from tests.core.modelling.kyutai.test_mimi_names import published
from tests.core.modelling.kyutai.test_names import PUBLISHED
from tests.tiny_kyutai import write_tokenizer

ROOT = Path(__file__).resolve().parents[4]
MEGABYTE = 1 << 20


def test_the_class_has_the_published_parameters() -> None:
    model = building.empty(PUBLISHED, {"model_type": "mimi"})
    held = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    assert held == PUBLISHED.transformers()
    n = sum(parameter.numel() for parameter in model.parameters())
    assert n - 2 * PUBLISHED.width == 989_204_480, "two rows have no native place"
    assert all(parameter.is_meta for parameter in model.parameters())
    assert not any(buffer.is_meta for buffer in model.buffers())


@pytest.mark.parametrize(("rank", "n"), [(16, 9_568_256), (128, 76_546_048)])
def test_the_adapter_has_the_published_parameters(rank: int, n: int) -> None:
    model = building.empty(PUBLISHED, {"model_type": "mimi"})
    tuned = lora.attach(model, list(peft_names.layers(PUBLISHED)), rank, 2 * rank, 0.0, [])
    assert sum(parameter.numel() for parameter in tuned.parameters() if parameter.requires_grad) == n
    assert len(peft_names.layers(PUBLISHED)) == 96


def make_full_size(folder: Path) -> int:
    """A candle folder of full size with random numbers; bytes of its weights."""
    folder.mkdir()
    drawn = torch.Generator().manual_seed(0)
    block = torch.randn(1 << 22, generator=drawn)

    class Drawn(dict[str, torch.Tensor]):
        def __missing__(self, name: str) -> torch.Tensor:
            n = math.prod(sizes[name])
            shift = zlib.crc32(name.encode()) % 1000
            return block.roll(shift).repeat(n // len(block) + 1)[:n].reshape(sizes[name])

    sizes = PUBLISHED.native() | PUBLISHED.pause_heads()
    files.write(folder / "model.safetensors", Drawn(), sizes, dict.fromkeys(sizes, "bf16"))
    sizes = codec_sizes()
    codec = folder / "mimi-pytorch-e351c8d8@125.safetensors"
    files.write(codec, Drawn(), sizes, dict.fromkeys(sizes, "fp32"))
    write_tokenizer(folder / "tokenizer.model", tuple(f"▁p{i}" for i in range(PUBLISHED.text - 4)))
    config = {**shape.native_config(PUBLISHED), "tokenizer_name": "tokenizer.model", "stt_config":
              {"audio_delay_seconds": 0.5, "audio_silence_prefix_seconds": 0.0}}
    (folder / "config.json").write_text(json.dumps(config))
    return (folder / "model.safetensors").stat().st_size


def codec_sizes() -> dict[str, tuple[int, ...]]:
    import transformers

    with torch.device("meta"):
        inside = transformers.MimiModel(transformers.MimiConfig()).state_dict()
    flat = {name: inside[mimi_names.in_model(name)] for name in mimi_names.to_transformers(published(), 8)}
    return {name: tuple(tensor.shape) for name, tensor in mimi_names.to_native(flat, 8).items()}


def peak_of(code: str, *given: Path) -> int:
    """Bytes that a process needed at most (resident, mapped files included) to run `code` with sys.argv."""
    told = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    start = "import sys; from pathlib import Path; given = [Path(each) for each in sys.argv[1:]]; "
    command = [sys.executable, "-c", start + code + told, *map(str, given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    # kilobytes on Linux, bytes on a Mac
    return int(done.stdout.split()[-1]) * (1024 if sys.platform == "linux" else 1)


@pytest.mark.slow
def test_full_size_there_and_back_is_the_identity_and_takes_little_memory(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    size = make_full_size(tmp_path / "candle")
    convert = "from core.families.kyutai.exporting import convert; convert(given[0], '{}', 'bf16', given[1])"
    first = peak_of(convert.format("transformers"), tmp_path / "candle", tmp_path / "theirs")
    second = peak_of(convert.format("candle"), tmp_path / "theirs", tmp_path / "again")
    opened = peak_of("from core.families.kyutai.opening import open_folder; open_folder(given[0], 'bf16')",
                     tmp_path / "candle")
    figure(f"Kyutai at full size ({size / MEGABYTE:.0f} MiB): peak memory of candle -> transformers"
           f" {first / size:.2f} x its size, back {second / size:.2f} x, opening {opened / size:.2f} x.")
    # the weights in their file, which is mapped, and twice as much in fp32, in which both are compared
    assert max(first, second) <= 3.5 * size and opened <= 2.5 * size
    _same(tmp_path / "candle" / "model.safetensors", tmp_path / "again" / "model.safetensors")


def _same(one: Path, other: Path) -> None:
    with files.Held([one]) as before, files.Held([other]) as after:
        assert set(before) == set(after) and len(before) == 135
        for name in before:
            assert torch.equal(before[name], after[name]), name
