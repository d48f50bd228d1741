"""The network that hears beats, bars and drops: some 0.1 M parameters.

    python -m train.beats --config=configs/beats.py --workdir runs/beats \
        --fonts FluidR3_GM.sf2 MuseScore_General.sf2 GMbank.sf2 --export DIR

Ten minutes on two CPU cores to render 405 pieces, ten more to learn.
"""

from jaxsoundart.sound.beat_network import BeatConfig
from train.beats.config import BeatRun
from train.optimiser import Optimisation


def get_config() -> BeatRun:
    """Returns the run."""
    return BeatRun(
        network=BeatConfig(),
        optimisation=Optimisation(
            steps=2500, batch=8, peak_rate=3e-3, decay_share=0.6, ema=0.995
        ),
        pieces=14,
        valid_pieces=1,
        frames=2048,
        speed=0.35,
        weights=(1.0, 2.0, 4.0),
    )
