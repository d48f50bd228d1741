"""The networks' settings.

Field names are the keys of `text_encoder/config.json`, `unet/config.json` and
`vae/config.json`. No model is known here by its name: Stable Diffusion 1.x, 2.x, XL and
their distilled kin differ in these values only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.settings import PartConfig


@dataclass(frozen=True, kw_only=True)
class TextConfig(PartConfig):
    """A CLIP text encoder (`CLIPTextModel`, `CLIPTextModelWithProjection`).

    Attributes:
        projection_dim: Width of the pooled text; 0 where there is no projection, which
            `architectures` tells and not this key of the published files.
    """

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    max_position_embeddings: int = 77
    hidden_act: Literal["quick_gelu", "gelu"] = "quick_gelu"
    layer_norm_eps: float = 1e-5
    eos_token_id: int = 2
    projection_dim: int = 0


@dataclass(frozen=True, kw_only=True)
class UNetConfig(PartConfig):
    """A cross-attention U-Net (`UNet2DConditionModel`).

    `attention_head_dim` counts *heads*, as it always has in Stable Diffusion's files.
    """

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "act_fn": ("silu", "swish"),
        "addition_embed_type_num_heads": (64,),
        "attention_type": ("default",),
        "center_input_sample": (False,),
        "class_embed_type": (None,),
        "conv_in_kernel": (3,),
        "conv_out_kernel": (3,),
        "cross_attention_norm": (None,),
        "downsample_padding": (1,),
        "dual_cross_attention": (False,),
        "encoder_hid_dim": (None,),
        "mid_block_only_cross_attention": (False,),
        "mid_block_scale_factor": (1,),
        "num_attention_heads": (None,),
        "num_class_embeds": (None,),
        "only_cross_attention": (False,),
        "resnet_out_scale_factor": (1,),
        "resnet_skip_time_act": (False,),
        "resnet_time_scale_shift": ("default",),
        "reverse_transformer_layers_per_block": (None,),
        "time_embedding_act_fn": (None,),
        "time_embedding_dim": (None,),
        "time_embedding_type": ("positional",),
        "timestep_post_act": (None,),
    }

    sample_size: int
    in_channels: int
    out_channels: int
    block_out_channels: tuple[int, ...]
    cross_attention_dim: int
    down_block_types: tuple[Literal["CrossAttnDownBlock2D", "DownBlock2D"], ...]
    up_block_types: tuple[Literal["CrossAttnUpBlock2D", "UpBlock2D"], ...]
    mid_block_type: Literal["UNetMidBlock2DCrossAttn"] | None = (
        "UNetMidBlock2DCrossAttn"
    )
    layers_per_block: int = 2
    transformer_layers_per_block: int | tuple[int, ...] = 1
    attention_head_dim: int | tuple[int, ...] = 8
    norm_num_groups: int = 32
    norm_eps: float = 1e-5
    use_linear_projection: bool = False
    flip_sin_to_cos: bool = True
    freq_shift: int = 0
    addition_embed_type: Literal["text_time"] | None = None
    addition_time_embed_dim: int | None = None
    projection_class_embeddings_input_dim: int | None = None
    time_cond_proj_dim: int | None = None

    def __post_init__(self):
        counts = {
            "block_out_channels": self.block_out_channels,
            "down_block_types": self.down_block_types,
            "up_block_types": self.up_block_types,
            "attention_head_dim": self.attention_head_dim,
            "transformer_layers_per_block": self.transformer_layers_per_block,
        }
        lengths = {
            key: len(value) for key, value in counts.items() if isinstance(value, tuple)
        }
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{count} {key}" for key, count in lengths.items())
            raise ModelError(f"the U-Net's config names {said}; they must agree")
        for key in ("transformer_layers_per_block", "attention_head_dim"):
            value = getattr(self, key)
            if not all(isinstance(n, int) for n in _per_level(value, 1)):
                raise ModelError(
                    f"the U-Net's config gives {key} as {value}; "
                    "supported: one number, or one a level"
                )

    @property
    def levels(self) -> int:
        """Number of resolutions."""
        return len(self.block_out_channels)

    def heads(self, level: int) -> int:
        """Returns the number of attention heads at a level, 0 being the finest."""
        return _per_level(self.attention_head_dim, self.levels)[level]

    def depth(self, level: int) -> int:
        """Returns how many transformer blocks follow each other at a level."""
        return _per_level(self.transformer_layers_per_block, self.levels)[level]


def _per_level(value: int | tuple[int, ...], levels: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * levels


@dataclass(frozen=True, kw_only=True)
class VAEConfig(PartConfig):
    """A variational autoencoder (`AutoencoderKL`)."""

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "act_fn": ("silu", "swish"),
        "in_channels": (3,),
        "out_channels": (3,),
        "latents_mean": (None,),
        "latents_std": (None,),
        "mid_block_add_attention": (True,),
        "shift_factor": (0,),
    }

    block_out_channels: tuple[int, ...]
    latent_channels: int = 4
    layers_per_block: int = 1
    norm_num_groups: int = 32
    scaling_factor: float = 0.18215
    use_quant_conv: bool = True
    use_post_quant_conv: bool = True

    @property
    def reduction(self) -> int:
        """Pixels a latent stands for, along one side."""
        return 2 ** (len(self.block_out_channels) - 1)


@dataclass(frozen=True, kw_only=True)
class TinyVAEConfig(PartConfig):
    """A small autoencoder distilled from a VAE (`AutoencoderTiny`)."""

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "act_fn": ("relu",),
        "in_channels": (3,),
        "out_channels": (3,),
        "shift_factor": (0,),
        "upsample_fn": ("nearest",),
        "upsampling_scaling_factor": (2,),
    }

    encoder_block_out_channels: tuple[int, ...] = (64, 64, 64, 64)
    decoder_block_out_channels: tuple[int, ...] = (64, 64, 64, 64)
    num_encoder_blocks: tuple[int, ...] = (1, 3, 3, 3)
    num_decoder_blocks: tuple[int, ...] = (3, 3, 3, 1)
    latent_channels: int = 4
    scaling_factor: float = 1.0

    @property
    def reduction(self) -> int:
        """Pixels a latent stands for, along one side."""
        return 2 ** (len(self.num_decoder_blocks) - 1)


@dataclass(frozen=True, kw_only=True)
class UpscalerConfig(PartConfig):
    """A network that makes pictures larger (`networks.upscaler`).

    Attributes:
        block_out_channels: Of its maps: at the size of the picture, at twice that, and
            so on; each level doubles the sides.
        layers_per_block: Residual blocks of each level.
    """

    block_out_channels: tuple[int, ...] = (64, 32, 16)
    layers_per_block: tuple[int, ...] = (6, 2, 1)

    def __post_init__(self):
        levels = len(self.block_out_channels), len(self.layers_per_block)
        if levels[0] != levels[1]:
            raise ModelError(
                f"the upscaler's config names {levels[0]} block_out_channels and "
                f"{levels[1]} layers_per_block; they must agree"
            )

    @property
    def factor(self) -> int:
        """How many times as wide and high pictures become."""
        return 2 ** len(self.block_out_channels)
