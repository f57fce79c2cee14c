"""Train the starter model from scratch on made speech. Run once by hand:

    python tools/train_starter.py --out /tmp/first --stop 1500
    python tools/train_starter.py --start /tmp/first --out /tmp/second --easy-epochs 0 --dropout 0 \\
        --strength 0.5 --lr 1.2e-3 --steps 4000 --stop 1500
    python tools/train_starter.py --start /tmp/second --out /tmp/third --easy-epochs 0 --dropout 0 \\
        --strength 0 --harsh 0.35 --clips 10000 --seed 8 --lr 8e-4 --steps 2500
    python tools/train_starter.py --start /tmp/third --out models/starter --easy-epochs 0 --dropout 0 \\
        --strength 0 --harsh 0.35 --clips 9000 --seed 9 --lr 7e-4 --steps 1100

Short clips and harsh rooms first, mild rooms last; more steps of the last stage help further.

The same seed gives the same clips and the same order of batches. Figures are printed and go into the card.
"""

from __future__ import annotations

import argparse
import functools
import json
import operator
import os
import time
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from starter_audio import HELD_OUT, RATE, VARIANTS, clip
from starter_card import CARD
from starter_text import sentence

LETTERS = ["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz", "'", *"0123456789", "<unk>"]


@functools.cache
def feature_extractor():
    """80 mel bands, two frames of 10 ms stacked: 160 values at 50 Hz."""
    from transformers import SeamlessM4TFeatureExtractor

    return SeamlessM4TFeatureExtractor(
        feature_size=80, num_mel_bins=80, sampling_rate=RATE, stride=2, padding_value=0.0
    )


def processor(folder: Path):
    """Feature settings and vocabulary, as transformers saves and loads them."""
    from transformers import Wav2Vec2BertProcessor, Wav2Vec2CTCTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(
        json.dumps({c: i for i, c in enumerate(LETTERS)}, indent=0), encoding="utf-8"
    )
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), bos_token=None, eos_token=None)
    return Wav2Vec2BertProcessor(feature_extractor(), tokenizer)


def build_model(dropout: float):
    from transformers import Wav2Vec2BertConfig, Wav2Vec2BertForCTC

    config = Wav2Vec2BertConfig(
        vocab_size=len(LETTERS),
        hidden_size=144,
        num_hidden_layers=5,
        num_attention_heads=4,
        intermediate_size=576,
        position_embeddings_type="rotary",
        conv_depthwise_kernel_size=15,
        add_adapter=False,
        apply_spec_augment=False,
        ctc_loss_reduction="sum",
        ctc_zero_infinity=False,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        layerdrop=0.0,
        hidden_dropout=dropout,
        attention_dropout=0.0,
        feat_proj_dropout=0.0,
        activation_dropout=0.0,
        final_dropout=0.0,
    )
    return Wav2Vec2BertForCTC(config)


def _make(job: tuple[int, int, bool, float]) -> tuple[np.ndarray, str]:
    seed, index, held_out, harsh = job
    rng = np.random.default_rng([seed, int(held_out), index])
    said, written = sentence(rng)
    samples = clip(said, rng, HELD_OUT if held_out else VARIANTS, harsh)
    features = feature_extractor()(samples, sampling_rate=RATE, return_tensors="np", padding=False)
    return features["input_features"][0].astype(np.float16), written


def corpus(work: Path, n: int, seed: int, held_out: bool, harsh: float) -> tuple[list[np.ndarray], list[str]]:
    """`n` clips as features (frames, 160) with their written texts; made once, then read from `work`."""
    path = work / f"{'held' if held_out else 'train'}-{n}-{seed}-{harsh}.npz"
    if not path.exists():
        with Pool(min(4, os.cpu_count() or 1)) as pool:
            made = pool.map(_make, [(seed, i, held_out, harsh) for i in range(n)], chunksize=50)
        lengths = np.array([len(f) for f, _ in made])
        np.savez(
            path,
            features=np.concatenate([f for f, _ in made]),
            lengths=lengths,
            texts=np.array([t for _, t in made]),
        )
    data = np.load(path)
    ends = np.cumsum(data["lengths"])
    return np.split(data["features"], ends[:-1]), [str(t) for t in data["texts"]]


def augmented(features: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Tempo and formants moved, bands and stretches hidden, noise added; (frames, 160) -> (frames', 160)."""
    if not strength:
        return features.astype(np.float32)
    mel = features.astype(np.float32).reshape(-1, 80)
    bins = np.clip(np.arange(80) * (1 + strength * rng.uniform(-0.1, 0.1)) + rng.uniform(-1, 1), 0, 79)
    low = np.floor(bins).astype(int)
    mel = mel[:, low] * (1 - (bins - low)) + mel[:, np.minimum(low + 1, 79)] * (bins - low)
    n = max(2, round(len(mel) / (1 + strength * rng.uniform(-0.12, 0.14))) // 2 * 2)
    at = np.linspace(0, len(mel) - 1, n)
    left = np.floor(at).astype(int)
    part = (at - left)[:, None]
    mel = mel[left] * (1 - part) + mel[np.minimum(left + 1, len(mel) - 1)] * part
    for _ in range(2):
        width, start = int(rng.integers(0, 1 + round(14 * strength))), int(rng.integers(0, 80))
        mel[:, start : start + width] = 0
    for _ in range(max(1, n // 200)):
        width, start = int(rng.integers(0, 1 + round(16 * strength))), int(rng.integers(0, n))
        mel[start : start + width] = 0
    mel = mel + rng.normal(0, rng.uniform(0, 0.25 * strength), mel.shape)
    return mel.astype(np.float32).reshape(-1, 160)


def batches(lengths: np.ndarray, size: int, seed: int, easy_epochs: int):
    """Endless batches of near-equal lengths; the order is a function of (seed, epoch).

    The first epochs hold short clips only: CTC finds its first letters several times sooner there.
    """
    epoch = 0
    while True:
        rng = np.random.default_rng([seed, 77, epoch])
        order = rng.permutation(np.flatnonzero(lengths < 130) if epoch < easy_epochs else len(lengths))
        pools = [order[i : i + size * 50] for i in range(0, len(order), size * 50)]
        ready = [
            p[np.argsort(lengths[p], kind="stable")][i : i + size]
            for p in pools
            for i in range(0, len(p), size)
        ]
        for index in rng.permutation(len(ready)):
            yield epoch, ready[index]
        epoch += 1


def collate(items: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(f) for f in items)
    x, mask = torch.zeros(len(items), longest, 160), torch.zeros(len(items), longest, dtype=torch.long)
    for row, f in enumerate(items):
        x[row, : len(f)], mask[row, : len(f)] = torch.from_numpy(f.astype(np.float32)), 1
    return x, mask


def decode(ids: list[int]) -> str:
    kept = [i for k, i in enumerate(ids) if i and (k == 0 or ids[k - 1] != i)]
    return "".join(LETTERS[i] for i in kept).replace("|", " ").strip()


@torch.no_grad()
def evaluate(model, features: list[np.ndarray], texts: list[str]) -> dict[str, float]:
    import jiwer

    model.eval()
    said = []
    for i in range(0, len(features), 16):
        x, mask = collate(features[i : i + 16])
        ids = model(input_features=x, attention_mask=mask).logits.argmax(-1)
        said += [decode(row[: int(m.sum())].tolist()) for row, m in zip(ids, mask, strict=True)]
    model.train()
    for reference, hypothesis in list(zip(texts, said, strict=True))[:6]:
        print("   ", reference, "->", hypothesis)
    return {"cer": round(jiwer.cer(texts, said), 4), "wer": round(jiwer.wer(texts, said), 4), "n": len(texts)}


def train(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)  # tiny numbers cost a CPU half its speed
    work, out = Path(args.work), Path(args.out)
    features, texts = corpus(work, args.clips, args.seed, held_out=False, harsh=args.harsh)
    held, held_texts = corpus(work, 400, args.seed, held_out=True, harsh=0.35)
    processor(out).save_pretrained(out)
    model = build_model(args.dropout).train()
    if args.start:
        from safetensors.torch import load_file

        model.load_state_dict(load_file(Path(args.start) / "model.safetensors"))
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / 150, max(0.0, 1 - s / args.steps))
    )
    lookup, began = {c: i for i, c in enumerate(LETTERS)}, time.time()
    stream = batches(np.array([len(f) for f in features]), 16, args.seed, args.easy_epochs)
    recent: list[float] = []
    for step in range(1, (args.stop or args.steps) + 1):
        epoch, rows = next(stream)
        x, mask = collate(
            [
                augmented(
                    features[i],
                    np.random.default_rng([args.seed, epoch, i]),
                    0.0 if epoch < args.easy_epochs else args.strength,
                )
                for i in rows
            ]
        )
        labels = [[lookup[c] for c in texts[i].replace(" ", "|")] for i in rows]
        logits = model(input_features=x, attention_mask=mask).logits
        loss = torch.nn.functional.ctc_loss(
            logits.float().log_softmax(-1).transpose(0, 1),
            torch.tensor(functools.reduce(operator.iadd, labels, [])),
            mask.sum(-1),
            torch.tensor([len(row) for row in labels]),
            reduction="sum",
            zero_infinity=True,
        ) / sum(len(row) for row in labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent = [*recent[-99:], loss.item()]
        if step % 100 == 0 or step in (20, 50):
            print(
                f"step {step} loss {np.mean(recent):.3f} minutes {(time.time() - began) / 60:.1f}", flush=True
            )
        if step % 500 == 0 or step == (args.stop or args.steps):
            figures = evaluate(model, held, held_texts)
            print(f"step {step} held-out voices {figures}", flush=True)
            model.save_pretrained(out)
            (out / "README.md").write_text(
                CARD.format(steps=step, clips=args.clips, **figures), encoding="utf-8"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", default="/tmp/starter-work", help="folder for the made clips")
    parser.add_argument("--out", default="models/starter")
    parser.add_argument("--clips", type=int, default=12000)
    parser.add_argument("--steps", type=int, default=4600)
    parser.add_argument(
        "--easy-epochs", type=int, default=4, help="epochs on short clips, undisturbed, before the rest"
    )
    parser.add_argument("--stop", type=int, help="end early, on the schedule of --steps")
    parser.add_argument("--start", help="folder of an earlier stage whose weights are the beginning")
    parser.add_argument("--strength", type=float, default=1.0, help="of the augmentation, 0 to 1")
    parser.add_argument("--harsh", type=float, default=1.0, help="rooms and noise of the clips, 0 to 1")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    train(parser.parse_args())
