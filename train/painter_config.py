"""What a painter's training run is made of: one typed object, built in `configs/`."""

from dataclasses import dataclass

from jaxsoundart.paint.model import Defaults
from jaxsoundart.paint.networks.config import (
    TextConfig,
    UNetConfig,
    UpscalerConfig,
    VAEConfig,
)
from jaxsoundart.paint.schedule import ScheduleConfig
from train.optimiser import Optimisation


@dataclass(frozen=True, kw_only=True)
class CorpusConfig:
    """The gallery pictures a run learns from.

    They are drawn in chunks of `per_family` pictures of every family. The denoiser's
    corpus starts with `first_chunks` and takes in one more every `steps_per_chunk`, so
    that learning need not wait for drawing.

    Attributes:
        textures: Which of the gallery's textures are drawn. Grain is finer than what
            a small autoencoder can hold; a size that leaves it out learns the rest
            sooner.
        smooth_share: Share of the denoiser's pictures that are smooth; as many as of
            any other texture where it is None. Scenes are learnt from these soonest.
    """

    seed: int
    size_px: int
    textures: tuple[str, ...]
    per_family: int
    first_chunks: int
    chunks: int
    steps_per_chunk: int
    smooth_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class PainterConfig:
    """A whole small Stable Diffusion and how it is trained.

    Attributes:
        name: Of the bundle, stands in records and the model card.
        autoencoder: How the VAE learns.
        upscaler: What makes pictures larger.
        enlargement: How it learns.
        reader: How the text encoder learns before the U-Net does.
        denoiser: How text encoder and U-Net learn together.
        crop_px: Side of the random crops the autoencoder learns from.
        enlarged_px: Side of those the upscaler enlarges.
        pairs_per_family: Pictures of each family that are drawn large at a time.
        kl_weight: Weight of the latents' divergence from a unit Gaussian, per element.
        caption_dropout: Share of captions replaced by the empty one, which teaches the
            unconditional prediction that guidance needs.
        defaults: How the painter paints unless told otherwise.
    """

    name: str
    corpus: CorpusConfig
    vae: VAEConfig
    unet: UNetConfig
    text: TextConfig
    schedule: ScheduleConfig
    autoencoder: Optimisation
    upscaler: UpscalerConfig
    enlargement: Optimisation
    reader: Optimisation
    denoiser: Optimisation
    crop_px: int
    enlarged_px: int
    pairs_per_family: int
    kl_weight: float
    defaults: Defaults
    caption_dropout: float = 0.1
