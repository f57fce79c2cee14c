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
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from starter_card import CARD
from starter_data import Corpus, augmented, batches, collate, corpus, feature_extractor
from starter_text import DIGITS

LETTERS = ["<pad>", "|", *"abcdefghijklmnopqrstuvwxyz", "'", *"0123456789", "<unk>"]
BATCH, WARM_UP, STEADY = 16, 100, 0.4  # the learning rate is steady for 0.4 of the run, then falls to zero
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
        torch.optim.Muon(matrices, lr=0.01, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=1e-3, weight_decay=0.01, betas=(0.9, 0.98)),
    ]


def rate(step: int, steps: int) -> float:
    """Share of the learning rate at a step counted from 0."""
    return min((step + 1) / WARM_UP, 1.0, (steps - step) / (steps * (1 - STEADY)))


def stream(data: Corpus, steps: int, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor, list[str]]]:
    """Features (B, T, 160), mask (B, T) and texts of each step; digits first, then short clips, then all."""
    lengths = np.array([len(f) for f in data.features])
    disturbed = round((steps - 750) * 0.75)
    stages = [
        ("digits", 150, 0.0),
        ("short", 600, 0.0),
        ("all", disturbed, 0.4),
        ("all", steps - 750 - disturbed, 0.0),
    ]
    for stage, (kind, count, strength) in enumerate(stages):
        order = batches(lengths, data.rows(kind), BATCH, seed + stage)
        for _ in range(count):
            epoch, rows = next(order)
            items = [
                augmented(data.features[i], np.random.default_rng([seed, stage, epoch, i]), strength)
                for i in rows
            ]
            yield *collate(items), [data.texts[i] for i in rows]


def ctc(logits: torch.Tensor, mask: torch.Tensor, texts: list[str]) -> torch.Tensor:
    """CTC loss by letter of logits (B, T, V)."""
    ids = [[LETTERS.index(c) for c in text.replace(" ", "|")] for text in texts]
    loss = torch.nn.functional.ctc_loss(
        logits.float().log_softmax(-1).transpose(0, 1),
        torch.tensor([i for row in ids for i in row]),
        mask.sum(-1),
        torch.tensor([len(row) for row in ids]),
        reduction="sum",
        zero_infinity=True,
    )
    return loss / sum(len(row) for row in ids)


def decode(ids: list[int]) -> str:
    """Greedy CTC: repeats joined, blanks dropped."""
    kept = [i for k, i in enumerate(ids) if i and (k == 0 or ids[k - 1] != i)]
    return "".join(LETTERS[i] for i in kept).replace("|", " ").strip()


def kind_of(text: str) -> str:
    """Which of the three kinds of sentences a text is."""
    if any(c.isdigit() for c in text):
        return "codes"
    return "digits" if set(text.split()) <= set(DIGITS) else "ordinary"


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


def train(args: argparse.Namespace) -> None:
    """The whole recipe; the model, its processor and its card are saved at every look."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)  # tiny numbers cost a CPU half its speed
    work, out = Path(args.work), Path(args.out)
    data = corpus(work, args.clips, args.seed, held_out=False, harsh=args.harsh)
    held = corpus(work, 500, args.seed, held_out=True, harsh=args.harsh)
    processor(out).save_pretrained(out)
    model = build_model().train()
    middle: list[torch.Tensor] = []
    model.wav2vec2_bert.encoder.layers[MIDDLE].register_forward_hook(
        lambda layer, inputs, output: middle.append(output[0] if isinstance(output, tuple) else output)
    )
    each = optimizers(model)
    full = [o.param_groups[0]["lr"] for o in each]
    began, recent = time.time(), []
    for step, (x, mask, texts) in enumerate(stream(data, args.steps, args.seed)):
        middle.clear()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            logits = model(input_features=x, attention_mask=mask).logits
            halfway = model.lm_head(middle[0])
        loss = ctc(logits, mask, texts)
        ((1 - MIDDLE_WEIGHT) * loss + MIDDLE_WEIGHT * ctc(halfway, mask, texts)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, lr in zip(each, full, strict=True):
            optimizer.param_groups[0]["lr"] = lr * rate(step, args.steps)
            optimizer.step()
            optimizer.zero_grad()
        recent = [*recent[-99:], loss.item()]
        done = step + 1
        if done % 100 == 0:
            minutes = (time.time() - began) / 60
            print(f"step {done} loss {np.mean(recent):.3f} minutes {minutes:.1f}", flush=True)
        if done % 500 == 0 or done == args.steps:
            look = evaluate(model, held)
            print(f"step {done} held-out voices {look}", flush=True)
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
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--harsh", type=float, default=0.35, help="rooms and noise of the clips, 0 to 1")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    train(parser.parse_args())
