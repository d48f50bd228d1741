"""The larger painter: 256 px, for one H100 or H200, within 25 minutes.

    python -m train.painter --config=configs/painter_base.py --workdir=runs/base

The recipe of `painter_small`, wider. The gallery is drawn where the networks learn.
"""

from jaxsoundart.paint.model import Defaults
from jaxsoundart.paint.networks.config import (
    TextConfig,
    UNetConfig,
    UpscalerConfig,
    VAEConfig,
)
from jaxsoundart.paint.schedule import ScheduleConfig
from train.painter_config import CorpusConfig, Optimisation, PainterConfig


def get_config() -> PainterConfig:
    """Returns the run."""
    return PainterConfig(
        name="gallery-base",
        corpus=CorpusConfig(
            seed=21,
            size_px=256,
            textures=(
                "smooth",
                "halftone dots",
                "scan lines",
                "canvas weave",
                "glitch",
            ),
            per_family=128,
            first_chunks=2,
            chunks=12,
            steps_per_chunk=200,
        ),
        vae=VAEConfig(
            block_out_channels=(32, 64, 128, 160),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=1,
            scaling_factor=1.0,
        ),
        unet=UNetConfig(
            sample_size=32,
            in_channels=4,
            out_channels=4,
            block_out_channels=(128, 176, 240),
            cross_attention_dim=256,
            down_block_types=(
                "DownBlock2D",
                "CrossAttnDownBlock2D",
                "CrossAttnDownBlock2D",
            ),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            layers_per_block=1,
            attention_head_dim=4,
            norm_num_groups=16,
        ),
        text=TextConfig(
            vocab_size=2048,
            hidden_size=256,
            intermediate_size=1024,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=48,
        ),
        schedule=ScheduleConfig(
            prediction_type="v_prediction",
            timestep_spacing="trailing",
            rescale_betas_zero_snr=True,
        ),
        autoencoder=Optimisation(
            steps=6000, batch=32, peak_rate=5e-4, ema=0.998, save_every=1500
        ),
        upscaler=UpscalerConfig(block_out_channels=(64, 32), layers_per_block=(8, 2)),
        enlargement=Optimisation(steps=3000, batch=16, peak_rate=1e-3, save_every=1500),
        reader=Optimisation(steps=1500, batch=256, peak_rate=1e-3, ema=0.99),
        denoiser=Optimisation(
            steps=12000, batch=256, peak_rate=1e-3, ema=0.999, save_every=2000
        ),
        defaults=Defaults(sampler="dpm++2m", steps=24, guidance=4.0),
        crop_px=128,
        enlarged_px=64,
        pairs_per_family=16,
        kl_weight=5e-4,
    )
