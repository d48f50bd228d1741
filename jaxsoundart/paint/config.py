"""The parts' settings, read from the JSON files of the diffusers folder layout.

Field names are the keys of `text_encoder/config.json`, `unet/config.json`,
`vae/config.json` and `scheduler/scheduler_config.json`. Keys that say nothing about
the mathematics are passed over; values outside what is built are refused by name.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin

from jaxsoundart.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class PartConfig:
    """A part's settings; subclasses declare the keys."""

    def to_json(self) -> dict[str, Any]:
        """Returns the settings under their JSON keys."""
        return dataclasses.asdict(self)


Part = TypeVar("Part", bound=PartConfig)


def parse(kind: type[Part], content: Mapping[str, Any], source: str) -> Part:
    """Reads the keys that `kind` declares from `content`.

    Raises:
        ModelError: A key is missing, or its value is none of those built; names
            `source`, key and choices.
    """
    values = {}
    for field in dataclasses.fields(kind):
        if content.get(field.name) is None:
            continue
        value = content[field.name]
        values[field.name] = tuple(value) if isinstance(value, list) else value
        choices = _choices(field.type)
        given = value if isinstance(value, list) else [value]
        if choices and not set(given) <= set(choices):
            raise ModelError(
                f"{source}: {field.name} is {value!r}; supported: "
                f"{', '.join(map(repr, choices))}"
            )
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).partition("argument")[2].strip(" s:")
        raise ModelError(
            f"{source}: the key {missing} is missing; is this a "
            "Stable Diffusion checkpoint in the diffusers layout?"
        ) from None


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Returns the values a `Literal` (or a tuple of them) admits, else nothing."""
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) is Literal else ()


@dataclass(frozen=True, kw_only=True)
class TextConfig(PartConfig):
    """A CLIP text encoder (`CLIPTextModel`)."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int = 77
    hidden_act: Literal["quick_gelu", "gelu"] = "quick_gelu"
    layer_norm_eps: float = 1e-5


@dataclass(frozen=True, kw_only=True)
class UNetConfig(PartConfig):
    """A cross-attention U-Net (`UNet2DConditionModel`).

    `attention_head_dim` counts *heads*, as it always has in Stable Diffusion's files.
    """

    sample_size: int
    in_channels: int
    out_channels: int
    block_out_channels: tuple[int, ...]
    cross_attention_dim: int
    down_block_types: tuple[Literal["CrossAttnDownBlock2D", "DownBlock2D"], ...]
    up_block_types: tuple[Literal["CrossAttnUpBlock2D", "UpBlock2D"], ...]
    layers_per_block: int = 2
    attention_head_dim: int | tuple[int, ...] = 8
    norm_num_groups: int = 32
    norm_eps: float = 1e-5
    use_linear_projection: bool = False
    flip_sin_to_cos: bool = True
    freq_shift: int = 0

    def __post_init__(self):
        levels = len(self.block_out_channels)
        lengths = (len(self.down_block_types), len(self.up_block_types))
        heads = self.attention_head_dim
        if lengths != (levels, levels) or (
            isinstance(heads, tuple) and len(heads) != levels
        ):
            raise ModelError(
                f"the U-Net's config names {levels} block_out_channels, {lengths[0]} "
                f"down_block_types, {lengths[1]} up_block_types and "
                f"attention_head_dim {heads}; they must agree"
            )

    def heads(self, level: int) -> int:
        """Returns the number of attention heads at a level, 0 being the finest."""
        heads = self.attention_head_dim
        return heads[level] if isinstance(heads, tuple) else heads


@dataclass(frozen=True, kw_only=True)
class VAEConfig(PartConfig):
    """A variational autoencoder (`AutoencoderKL`)."""

    block_out_channels: tuple[int, ...]
    latent_channels: int = 4
    layers_per_block: int = 1
    norm_num_groups: int = 32
    scaling_factor: float = 0.18215

    @property
    def reduction(self) -> int:
        """Pixels a latent stands for, along one side."""
        return 2 ** (len(self.block_out_channels) - 1)


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig(PartConfig):
    """The forward process and how its steps are spaced when painting."""

    num_train_timesteps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: Literal["scaled_linear", "linear"] = "scaled_linear"
    prediction_type: Literal["epsilon", "v_prediction", "sample"] = "epsilon"
    timestep_spacing: Literal["leading", "linspace", "trailing"] = "leading"
    steps_offset: int = 0
    set_alpha_to_one: bool = True
    rescale_betas_zero_snr: bool = False
