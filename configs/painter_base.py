"""A larger painter: 256 px, meant for one GPU. Written down, not yet run.

    python -m train.painter --config=configs/painter_base.py --workdir=runs/base

The recipe of `painter_small`, wider and with larger batches; 59 MB in float16.
"""

import dataclasses

from configs import painter_small
from jaxsoundart.paint.networks.config import UpscalerConfig
from train.optimiser import Optimisation
from train.painter_config import PainterConfig


def get_config() -> PainterConfig:
    """Returns the run."""
    small = painter_small.get_config()
    return dataclasses.replace(
        small,
        name="gallery-base",
        corpus=dataclasses.replace(
            small.corpus,
            seed=21,
            size_px=256,
            per_family=128,
            first_chunks=2,
            chunks=12,
            steps_per_chunk=200,
        ),
        vae=dataclasses.replace(small.vae, block_out_channels=(32, 64, 128, 160)),
        unet=dataclasses.replace(
            small.unet,
            sample_size=32,
            block_out_channels=(128, 176, 240),
            cross_attention_dim=256,
        ),
        text=dataclasses.replace(
            small.text,
            hidden_size=256,
            intermediate_size=1024,
            num_hidden_layers=4,
            num_attention_heads=4,
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
        crop_px=128,
        enlarged_px=64,
        pairs_per_family=16,
    )
