"""The measures of a LaCT layer and of a stack of them, by the names that the field uses."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

MLP_RATIO = 4


class LactConfig(BaseModel):
    """What a checkpoint needs to build the same layers again; lengths in frames of the layers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hidden_size: int = Field(default=64, ge=8, description="Width of the layers.")
    num_hidden_layers: int = Field(default=2, ge=1, description="Layers, one after another.")
    num_attn_heads: int = Field(default=4, ge=1, description="Heads of the attention within a window.")
    num_lact_heads: int = Field(default=2, ge=1, description="Heads of fast weights.")
    inter_multi: float = Field(
        default=1.0, gt=0, description="Inner width of the fast weights, by that of a head."
    )
    lact_chunk_size: int = Field(
        default=64, ge=1, description="Frames between two updates of the fast weights."
    )
    window_size: int = Field(
        default=64, ge=1, description="Frames that attention sees, the own one among them."
    )
    use_muon: bool = Field(default=False, description="Updates with all singular values near one (Muon).")
    use_momentum: bool = Field(default=True, description="An update holds a share of the one before.")
    qkv_silu: bool = Field(default=True, description="SiLU on query, key and value of the fast weights.")
    ttt_prenorm: bool = Field(
        default=False, description="Sum the updates and restore the norms only for use."
    )
    ttt_nope: bool = Field(default=False, description="No position in query and key of the fast weights.")
    w0_w2_low_rank: int = Field(
        default=0, ge=0, description="Rank of the two inner matrices at the start; 0: full."
    )
    fw_init_gain: float = Field(default=0.5, gt=0, description="Size of the low-rank start.")
    fp32_states: bool = Field(
        default=True, description="Keep the fast weights in fp32 where the rest is smaller."
    )
    bidirectional: bool = Field(default=False, description="Learn from the whole clip first, then apply.")
    frozen: bool = Field(
        default=False, description="Never update the fast weights: the same model without learning."
    )

    @model_validator(mode="after")
    def _divides(self) -> LactConfig:
        for name in ("num_attn_heads", "num_lact_heads"):
            if self.hidden_size % getattr(self, name):
                raise ValueError(
                    f"hidden_size {self.hidden_size} is no multiple of {name} {getattr(self, name)}")
        if self.hidden_size // self.num_attn_heads % 2 or self.hidden_size // self.num_lact_heads % 2:
            raise ValueError("the heads must have an even width: positions turn pairs of numbers")
        return self

    @property
    def inner(self) -> int:
        """Inner width of the fast weights of one head."""
        return max(1, int(self.hidden_size // self.num_lact_heads * self.inter_multi))

    def updates(self, n_frames: int) -> int:
        """How often the fast weights are updated before the last of `n_frames` is answered."""
        if self.frozen:
            return 0
        if self.bidirectional:
            return -(-n_frames // self.lact_chunk_size)
        return max(0, (n_frames - 1) // self.lact_chunk_size)
