"""How a mistake reaches the person: a StudioError as its sentence; all else stays a bug with a traceback."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gradio as gr

from core.errors import StudioError
from ui.texts import say
from ui.texts.retold import retold

P = ParamSpec("P")
R = TypeVar("R")


def shown(handler: Callable[P, R]) -> Callable[P, R]:
    """`handler`, whose StudioErrors become a message on the page; bugs propagate into the log."""

    @functools.wraps(handler)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except StudioError as error:
            told, title = retold(str(error)), say("page.not_done")
            raise gr.Error(told, title=title, duration=15, print_exception=False) from error

    return wrapped
