r"""An ear for music: its style, who plays, major or minor.

python -m train.ear.record_studio runs/records/studio --count 40 \
        --fonts FluidR3_GM.sf2 MuseScore_General.sf3 --test-font TimGM6mb.sf2
python -m train.ear --config=configs/ear_music.py --workdir runs/music \
        --records runs/records/studio --export DIR
"""

from jaxsoundart.listen.mel_network import MelConfig
from train.ear.config import EarConfig, Question, Wear
from train.optimiser import Optimisation


def get_config() -> EarConfig:
    """Returns the run."""
    return EarConfig(
        name="music",
        network=MelConfig(
            fft_samples=2048,
            hop_samples=512,
            num_mels=96,
            channels=(24, 48, 96, 160),
        ),
        questions=(
            Question("style"),
            Question("instruments", exclusive=False, weight=4.0),
            Question("mode", weight=0.3),
        ),
        window_s=4.0,
        optimisation=Optimisation(
            steps=4000,
            batch=48,
            peak_rate=2e-3,
            decay_share=0.5,
            weight_decay=0.05,
            ema=0.995,
        ),
        wear=Wear(mixup=0.3, speed=0.05),
        patience=8,
        evaluate_every=250,
    )
