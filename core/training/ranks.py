"""One process or several: what they add up, agree on, and compute on. Accelerate finds the
processes; sums are our own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from core.families.base import Batch
from core.modelling.devices import Choice

if TYPE_CHECKING:
    import torch


class Ranks:
    """The processes of one run. Gradients are summed over them, so that any number gives the same step."""

    def __init__(self, choice: Choice) -> None:
        import torch

        # Imported before the group begins: its functions take the group of that moment as a default, and
        # a group that is still referred to at the end leaves its threads running into Python's own end.
        import torch.distributed.nn.functional
        from accelerate import Accelerator

        if choice.device.startswith("cuda:") and choice.device != "cuda:0":
            torch.cuda.set_device(choice.device)
        self._accelerator = Accelerator(
            cpu=choice.device == "cpu", mixed_precision="bf16" if choice.precision == "bf16" else "no"
        )
        self.device: torch.device = self._accelerator.device
        self.lead: bool = self._accelerator.is_main_process
        self.rank: int = self._accelerator.process_index
        self.world: int = self._accelerator.num_processes

    def autocast(self) -> AbstractContextManager[Any]:
        """The precision of the forward pass."""
        context: AbstractContextManager[Any] = self._accelerator.autocast()
        return context

    def to_device(self, batch: Batch) -> Batch:
        """`batch` with its tensors on the device."""
        return {
            name: value.to(self.device) if hasattr(value, "to") else value for name, value in batch.items()
        }

    def total(self, values: Sequence[float]) -> list[float]:
        """Element-wise sum over all processes."""
        if self.world == 1:
            return list(values)
        import torch

        held = torch.tensor(list(values), dtype=torch.float32, device=self.device)
        return [float(v) for v in self._accelerator.reduce(held, reduction="sum")]

    def any(self, flag: bool) -> bool:
        """Whether any process says so."""
        return self.total([float(flag)])[0] > 0

    def add_gradients(self, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Sum the gradients of all processes, in one message."""
        if self.world == 1:
            return
        import torch

        grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = self._accelerator.reduce(torch.cat([g.reshape(-1) for g in grads]), reduction="sum")
        for parameter, part in zip(parameters, flat.split([g.numel() for g in grads]), strict=True):
            parameter.grad = part.reshape(parameter.shape).clone()

    def gather(self, value: Any) -> list[Any]:
        """`value` of every process, in order."""
        from accelerate.utils import gather_object

        return [value] if self.world == 1 else list(gather_object([value]))

    def memory_gb(self) -> float:
        """The most memory that this process has had so far: on the device, else of the whole process."""
        if self.device.type == "cuda":
            import torch

            return torch.cuda.max_memory_allocated(self.device) / 1e9
        import resource

        unit = 1 if sys.platform == "darwin" else 1024  # of what the system counts in
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9

    def close(self) -> None:
        """Leave the group of processes: one that ends while its threads still listen may be aborted."""
        if self.world > 1:
            self._accelerator.state.destroy_process_group()
