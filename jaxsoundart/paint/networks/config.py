"""The parts' settings, read from the JSON files of the diffusers folder layout.

Field names are the keys of `text_encoder/config.json`, `unet/config.json`,
`vae/config.json` and `scheduler/scheduler_config.json`. Keys that say nothing about
the mathematics are passed over; values outside what is built are refused by name.
No model is known here by its name: Stable Diffusion 1.x, 2.x, XL and their distilled
kin differ in these values only.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

from jaxsoundart.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class PartConfig:
    """A part's settings; subclasses declare the keys.

    Attributes:
        fixed: Keys that would change the mathematics, and the values that do not;
            null is everywhere the default.
    """

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

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
    for key, allowed in kind.fixed.items():
        value = _plain(content.get(key))
        if value is not None and value not in allowed:
            raise _unsupported(source, key, content[key], allowed)
    values = {}
    for field in dataclasses.fields(kind):
        if field.name not in content:
            continue
        value = values[field.name] = _plain(content[field.name])
        if value is None and not _admits_none(field.type):
            del values[field.name]  # null stands for the default, as in diffusers
            continue
        choices = _choices(field.type)
        given = value if isinstance(value, tuple) else (value,)
        if choices and not set(given) <= set(choices):
            raise _unsupported(source, field.name, content[field.name], choices)
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).partition("argument")[2].strip(" s:")
        raise ModelError(
            f"{source}: the key {missing} is missing; is this a "
            "Stable Diffusion checkpoint in the diffusers layout?"
        ) from None


def _unsupported(
    source: str, key: str, value: Any, choices: tuple[Any, ...]
) -> ModelError:
    supported = ", ".join(repr(choice) for choice in choices)
    return ModelError(f"{source}: {key} is {value!r}; supported: {supported}")


def _plain(value: Any) -> Any:
    """Returns JSON's lists, also nested ones, as tuples."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value


def _admits_none(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Returns the values a `Literal` (or a tuple of them) admits, else nothing."""
    if get_origin(annotation) in (UnionType, Union):
        inside = [_choices(part) for part in get_args(annotation)]
        # A union with an open type, as in `int | tuple[int, ...]`, admits anything.
        named = [choices for choices in inside if choices]
        return (*named[0], None) if named and _admits_none(annotation) else ()
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) is Literal else ()


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
class ScheduleConfig(PartConfig):
    """The forward process and how its steps are spaced when painting.

    None stands for a missing key: each sampler then has its own default.
    """

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "final_sigmas_type": ("zero",),
        "interpolation_type": ("linear",),
        "predict_x0": (True,),
        "skip_prk_steps": (True,),
        "solver_order": (2,),
        "solver_type": ("midpoint", "bh2"),
        "thresholding": (False,),
        "timestep_type": ("discrete",),
        "trained_betas": (None,),
        "use_beta_sigmas": (False,),
        "use_exponential_sigmas": (False,),
        "use_flow_sigmas": (False,),
        "use_lu_lambdas": (False,),
        "variance_type": ("fixed_small",),
    }

    num_train_timesteps: int = 1000
    beta_start: float = 0.00085
    beta_end: float = 0.012
    beta_schedule: Literal["scaled_linear", "linear"] = "scaled_linear"
    prediction_type: Literal["epsilon", "v_prediction", "sample"] = "epsilon"
    timestep_spacing: Literal["leading", "linspace", "trailing"] | None = None
    steps_offset: int = 0
    set_alpha_to_one: bool | None = None
    rescale_betas_zero_snr: bool = False
    use_karras_sigmas: bool = False
    algorithm_type: Literal["dpmsolver++", "sde-dpmsolver++"] = "dpmsolver++"
    original_inference_steps: int = 50
    timestep_scaling: float = 10.0

    def to_json(self) -> dict[str, Any]:
        """Returns the settings under their JSON keys, but for those not there."""
        content = super().to_json()
        return {key: value for key, value in content.items() if value is not None}
