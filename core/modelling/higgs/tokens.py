"""What stands between the sounds of a conversation: marks, turns, and the template in which the model was
trained. Without torch."""

from __future__ import annotations

AUDIO, BEGIN, END = "<|AUDIO_OUT|>", "<|audio_out_bos|>", "<|audio_eos|>"
DELAY = "<|reserved_special_token_6|>"
"""Marks the last columns of a sound, in which the first codebooks have ended and the others have not."""
START_OF_TEXT, END_OF_TURN, PAD = "<|begin_of_text|>", "<|eot_id|>", "<|end_of_text|>"
OPEN, CLOSE = "<|start_header_id|>", "<|end_header_id|>"
SPECIAL = (START_OF_TEXT, PAD, OPEN, CLOSE, END_OF_TURN, END, BEGIN, DELAY, "<|AUDIO|>", AUDIO,
           "<|scene_desc_start|>", "<|scene_desc_end|>")
SYSTEM = "Generate audio following instruction."


def header(role: str) -> str:
    """What a turn of `role` begins with."""
    return f"{OPEN}{role}{CLOSE}\n\n"


def opening() -> str:
    """What every conversation begins with."""
    return f"{START_OF_TEXT}{header('system')}{SYSTEM}{END_OF_TURN}"


def said(text: str) -> str:
    """The turn that asks for `text`, up to where its sound begins."""
    return f"{header('user')}{text.strip()}{END_OF_TURN}{header('assistant')}{BEGIN}"


def closing() -> str:
    """What stands behind a sound."""
    return f"{END}{END_OF_TURN}"


def sound(n_columns: int, codebooks: int) -> str:
    """The places of a sound of `n_columns`, the last ones of which are those of the delay."""
    return AUDIO * (n_columns - codebooks + 1) + DELAY * (codebooks - 1)
