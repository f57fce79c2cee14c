"""Train the starter model from scratch on made speech. Run once by hand, about an hour on two cores:

    python tools/train_starter.py --out models/starter

The same seed gives the same clips and the same order of batches. Figures are printed and go into the card.

Three things let CTC leave its blanks behind hundreds of steps sooner than AdamW on everything at once:
strings of digits come first, then short clips; Muon (torch.optim.Muon; Jordan et al. 2024) moves the matrices
of the layers; and a second CTC loss sits on a middle layer (Lee and Watanabe 2021, "Intermediate Loss
Regularization for CTC-based Speech Recognition").
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from starter_card import CARD
from starter_data import Corpus, augmented, batches, collate, corpus, feature_extractor, kind_of

LETTERS = ["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz", "'", *"0123456789", "<unk>"]
BATCH, WARM_UP = 16, 100
STEADY = 0.25  # share of the run with the full learning rate; after it the rate falls to zero
MIDDLE, MIDDLE_WEIGHT = 2, 0.3
Look = dict[str, float]


def processor(folder: Path):
    """Feature settings and vocabulary, as transformers saves and loads them."""
    from transformers import Wav2Vec2BertProcessor, Wav2Vec2CTCTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(
        json.dumps({c: i for i, c in enumerate(LETTERS)}, indent=0), encoding="utf-8"
    )
    tokenizer = Wav2Vec2CTCTokenizer(str(folder / "vocab.json"), bos_token=None, eos_token=None)
    return Wav2Vec2BertProcessor(feature_extractor(), tokenizer)


def build_model():
    """Wav2Vec2-BERT, 5 layers of width 144, with random weights."""
    from transformers import Wav2Vec2BertConfig, Wav2Vec2BertForCTC

    config = Wav2Vec2BertConfig(
        vocab_size=len(LETTERS),
        hidden_size=144,
        num_hidden_layers=5,
        num_attention_heads=4,
        intermediate_size=576,
        position_embeddings_type="relative_key",
        initializer_range=0.08,  # 1/sqrt(width); the default of 0.02 is for a width of 1024
        conv_depthwise_kernel_size=15,
        add_adapter=False,
        apply_spec_augment=False,
        ctc_loss_reduction="sum",
        ctc_zero_infinity=False,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        layerdrop=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        feat_proj_dropout=0.0,
        activation_dropout=0.0,
        final_dropout=0.0,
    )
    return Wav2Vec2BertForCTC(config)


def optimizers(model) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for everything else."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and ".layers." in name]
    taken = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in taken]
    return [
        torch.optim.Muon(matrices, lr=0.005, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=1e-3, weight_decay=0.01, betas=(0.9, 0.98)),
    ]


def rate(step: int, steps: int) -> float:
    """Share of the learning rate at a step counted from 0."""
    return min((step + 1) / WARM_UP, 1.0, (steps - step) / (steps * (1 - STEADY)))


@dataclass(frozen=True)
class Batch:
    """A process's share of a step: features (B, T, 160), mask (B, T), texts; `n_letters` of all shares."""

    x: torch.Tensor
    mask: torch.Tensor
    texts: list[str]
    n_letters: int


def stream(data: Corpus, steps: int, seed: int, rank: int, world: int) -> Iterator[Batch]:
    """The batches of one process: digits first, then short clips, then all."""
    lengths = np.array([len(f) for f in data.features])
    disturbed = round((steps - 750) * 0.75)
    stages = [
        ("digits", 150, 0.0),
        ("short", 600, 0.0),
        ("all", disturbed, 0.2),
        ("all", steps - 750 - disturbed, 0.0),
    ]
    for stage, (kind, count, strength) in enumerate(stages):
        order = batches(lengths, data.rows(kind), BATCH, seed + stage)
        for _ in range(count):
            epoch, rows = next(order)
            n_letters = sum(len(data.texts[i]) for i in rows)
            mine = rows[rank::world]
            items = [
                augmented(data.features[i], np.random.default_rng([seed, stage, epoch, i]), strength)
                for i in mine
            ]
            yield Batch(*collate(items), [data.texts[i] for i in mine], n_letters)


def ctc(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """CTC loss of logits (B, T, V), summed and divided by the letters of the whole step."""
    ids = [[LETTERS.index(c) for c in text.replace(" ", "|")] for text in batch.texts]
    loss = torch.nn.functional.ctc_loss(
        logits.float().log_softmax(-1).transpose(0, 1),
        torch.tensor([i for row in ids for i in row]),
        batch.mask.sum(-1),
        torch.tensor([len(row) for row in ids]),
        reduction="sum",
        zero_infinity=True,
    )
    return loss / batch.n_letters


def summed(model, world: int) -> None:
    """Gradients of all processes, added up."""
    if world == 1:
        return
    given = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch._utils._flatten_dense_tensors(given)
    torch.distributed.all_reduce(flat)
    for grad, whole in zip(given, torch._utils._unflatten_dense_tensors(flat, given), strict=True):
        grad.copy_(whole)


def decode(ids: list[int]) -> str:
    """Greedy CTC: repeats joined, blanks dropped."""
    kept = [i for k, i in enumerate(ids) if i and (k == 0 or ids[k - 1] != i)]
    return "".join(LETTERS[i] for i in kept).replace("|", " ").strip()


@torch.no_grad()
def evaluate(model, data: Corpus) -> Look:
    """CER and WER in per cent on everything, and CER on codes, bare digits and ordinary sentences apart."""
    import jiwer

    model.eval()
    said = []
    for i in range(0, len(data.texts), BATCH):
        x, mask = collate(data.features[i : i + BATCH])
        ids = model(input_features=x, attention_mask=mask).logits.argmax(-1)
        said += [decode(row[: int(m.sum())].tolist()) for row, m in zip(ids, mask, strict=True)]
    model.train()
    kinds = [kind_of(text) for text in data.texts]
    look = {"n": len(said), "cer": jiwer.cer(data.texts, said), "wer": jiwer.wer(data.texts, said)}
    for kind in sorted(set(kinds)):
        pairs = [(t, s) for t, s, k in zip(data.texts, said, kinds, strict=True) if k == kind]
        look[kind] = jiwer.cer([t for t, _ in pairs], [s for _, s in pairs])
    for reference, hypothesis in list(zip(data.texts, said, strict=True))[:6]:
        print("   ", reference, "->", hypothesis)
    return {k: v if k == "n" else round(100 * v, 1) for k, v in look.items()}


def train(rank: int, args: argparse.Namespace) -> None:
    """The whole recipe, in each of `args.processes`; the first one looks, prints and saves."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)  # a process a core: threads of one process mostly wait for each other here
    torch.set_flush_denormal(True)  # tiny numbers cost a CPU half its speed
    if args.processes > 1:
        place = f"file://{Path(args.work).resolve()}/meeting-{os.getppid()}"
        torch.distributed.init_process_group("gloo", place, rank=rank, world_size=args.processes)
    work, out = Path(args.work), Path(args.out)
    data = corpus(work, args.clips, args.seed, held_out=False, harsh=args.harsh)
    model = build_model().train()
    middle: list[torch.Tensor] = []
    model.wav2vec2_bert.encoder.layers[MIDDLE].register_forward_hook(
        lambda layer, inputs, output: middle.append(output[0] if isinstance(output, tuple) else output)
    )
    each = optimizers(model)
    full = [o.param_groups[0]["lr"] for o in each]
    began, recent = time.time(), []
    torch.manual_seed(args.seed + rank)  # the same weights, but another dropout
    for step, batch in enumerate(stream(data, args.steps, args.seed, rank, args.processes)):
        middle.clear()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            logits = model(input_features=batch.x, attention_mask=batch.mask).logits
            halfway = model.lm_head(middle[0])
        loss = ctc(logits, batch)
        ((1 - MIDDLE_WEIGHT) * loss + MIDDLE_WEIGHT * ctc(halfway, batch)).backward()
        summed(model, args.processes)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, lr in zip(each, full, strict=True):
            optimizer.param_groups[0]["lr"] = lr * rate(step, args.steps)
            optimizer.step()
            optimizer.zero_grad()
        recent = [*recent[-99:], loss.item() * args.processes]
        done = step + 1
        if rank == 0 and done % 100 == 0:
            minutes = (time.time() - began) / 60
            print(f"step {done} loss {np.mean(recent):.3f} minutes {minutes:.1f}", flush=True)
        if rank == 0 and (done % 500 == 0 or done == args.steps):
            save(model, done, args, out)


def save(model, done: int, args: argparse.Namespace, out: Path) -> None:
    """Measure on the held-out voices, and write model, processor and card."""
    held = corpus(Path(args.work), 500, args.seed, held_out=True, harsh=args.harsh)
    look = evaluate(model, held)
    print(f"step {done} held-out voices {look}", flush=True)
    processor(out).save_pretrained(out)
    model.save_pretrained(out)
    card = CARD.format(steps=done, clips=args.clips, batch=BATCH, **look)
    (out / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", default="/tmp/starter-work", help="folder for the made clips")
    parser.add_argument("--out", default="models/starter")
    parser.add_argument("--clips", type=int, default=20000)
    parser.add_argument("--steps", type=int, default=7000)
    parser.add_argument("--harsh", type=float, default=0.35, help="rooms and noise of the clips, 0 to 1")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    for is_held_out, n in ((False, given.clips), (True, 500)):  # once, before the processes read them
        corpus(Path(given.work), n, given.seed, is_held_out, given.harsh)
    torch.multiprocessing.spawn(train, (given,), nprocs=given.processes)
