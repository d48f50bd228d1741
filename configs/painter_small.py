"""The bundled painter: 128 px, trained on two CPU cores.

    python -m train.painter --config=configs/painter_small.py --workdir=runs/small

About 19 M parameters, 38 MB in float16. Autoencoder, upscaler, words and denoiser are
learnt one after the other; each stage resumes where it was stopped.
"""

from jaxsoundart.paint.model import Defaults
from jaxsoundart.paint.networks.config import (
    TextConfig,
    UNetConfig,
    UpscalerConfig,
    VAEConfig,
)
from jaxsoundart.paint.schedule import ScheduleConfig
from train.optimiser import Optimisation
from train.painter_config import CorpusConfig, PainterConfig


def get_config() -> PainterConfig:
    """Returns the run."""
    return PainterConfig(
        name="gallery-small",
        corpus=CorpusConfig(
            seed=20,
            size_px=128,
            # Grain is finer than what a small autoencoder can hold.
            textures=(
                "smooth",
                "halftone dots",
                "scan lines",
                "canvas weave",
                "glitch",
            ),
            per_family=32,
            first_chunks=3,
            chunks=24,
            steps_per_chunk=40,
            smooth_share=0.4,
        ),
        vae=VAEConfig(
            block_out_channels=(16, 32, 64, 128),
            latent_channels=4,
            layers_per_block=1,
            # One group: flat areas of colour are most of these pictures, and small
            # groups take a flat area's level away.
            norm_num_groups=1,
            scaling_factor=1.0,
        ),
        unet=UNetConfig(
            sample_size=16,
            in_channels=4,
            out_channels=4,
            block_out_channels=(96, 160, 208),
            cross_attention_dim=192,
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
            hidden_size=192,
            intermediate_size=768,
            num_hidden_layers=3,
            num_attention_heads=3,
            max_position_embeddings=48,
        ),
        schedule=ScheduleConfig(
            prediction_type="v_prediction",
            timestep_spacing="trailing",
            rescale_betas_zero_snr=True,
        ),
        autoencoder=Optimisation(
            steps=9600, batch=8, peak_rate=5e-4, ema=0.998, decay_share=0.25
        ),
        upscaler=UpscalerConfig(
            block_out_channels=(64, 32, 16), layers_per_block=(6, 2, 1)
        ),
        enlargement=Optimisation(steps=3000, batch=4, peak_rate=1e-3, save_every=1000),
        reader=Optimisation(steps=400, batch=64, peak_rate=1e-3, ema=0.99),
        denoiser=Optimisation(
            steps=5600, batch=48, peak_rate=1e-3, ema=0.9985, decay_share=0.4
        ),
        defaults=Defaults(sampler="dpm++2m", steps=24, guidance=2.5),
        crop_px=64,
        enlarged_px=32,
        pairs_per_family=4,
        kl_weight=5e-4,
    )
