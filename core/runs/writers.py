"""Writers of other packages, as followers use them: TensorBoard, and Weights & Biases offline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.run_dir import RunDir


class Tensorboard:
    """Into RUN/tensorboard, for `tensorboard --logdir`; it stays on this machine, so texts go there."""

    def __init__(self, run: RunDir, order: Mapping[str, Any]) -> None:
        self._folder = str(run.path / "tensorboard")
        self._writer = self._open(None)

    def _open(self, purge_step: int | None) -> Any:
        from torch.utils.tensorboard import SummaryWriter

        return SummaryWriter(self._folder, purge_step=purge_step)

    def figures(self, values: Mapping[str, float], step: int, at: float) -> None:
        """A scalar for each."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step, at)

    def text(self, name: str, said: str, step: int, at: float) -> None:
        """A text with its steps."""
        self._writer.add_text(name, said, step, at)

    def back_to(self, step: int) -> None:
        """TensorBoard itself hides what a new file of the same folder purges."""
        self._writer.close()
        self._writer = self._open(step + 1)

    def close(self) -> None:
        """Flush and close."""
        self._writer.close()


class Wandb:
    """Into RUN/wandb, always offline: nothing leaves this machine until somebody calls `wandb sync` there.

    Texts of samples are left out, because such a folder is made to be sent. An attempt that goes back is a
    run of its own: there steps only ever rise.
    """

    def __init__(self, run: RunDir, order: Mapping[str, Any]) -> None:
        self._run, self._options, self._attempt = run, dict(order.get("options") or {}), 0
        self._open = self._begin()

    def _begin(self) -> Any:
        import wandb

        self._attempt += 1
        return wandb.init(project="voicewright", group=self._run.id, name=f"{self._run.id} {self._attempt}",
                          dir=str(self._run.path), config=self._options, mode="offline", save_code=False,
                          reinit=True)

    def figures(self, values: Mapping[str, float], step: int, at: float) -> None:
        """All figures of a row together."""
        self._open.log(dict(values), step=step)

    def text(self, name: str, said: str, step: int, at: float) -> None:
        """Left out."""

    def back_to(self, step: int) -> None:
        """Another run of the same group."""
        self._open.finish()
        self._open = self._begin()

    def close(self) -> None:
        """Write what is left."""
        self._open.finish()


WRITERS: dict[str, type[Tensorboard] | type[Wandb]] = {"tensorboard": Tensorboard, "wandb": Wandb}
