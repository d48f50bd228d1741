r"""An ear for single sounds: drums, notes, animals, and whether something is music.

python -m train.ear.record runs/records/drums drums/index.csv "drum kind=label" \
        --names configs/drum_kinds.toml --also kind=drum --longest 3
python -m train.ear.record runs/records/notes notes/index.csv "instrument=label" \
        --where family=pitched --also kind=note --longest 3
python -m train.ear.record runs/records/animals animals/index.csv "animal=label" \
        --also kind=animal --longest 5
python -m train.ear.record_other runs/records/other
python -m train.ear --config=configs/ear_sounds.py --workdir runs/sounds \
        --records runs/records/{drums,notes,animals,other} --export DIR
"""

from jaxsoundart.listen.mel_network import MelConfig
from train.ear.config import EarConfig, Question, Wear
from train.optimiser import Optimisation


def get_config() -> EarConfig:
    """Returns the run."""
    return EarConfig(
        name="sounds",
        network=MelConfig(
            fft_samples=1024,
            hop_samples=256,
            num_mels=64,
            channels=(24, 48, 96, 160),
            dropout=0.4,
        ),
        questions=(
            Question("kind", weight=0.5),
            Question("drum kind"),
            Question("instrument"),
            Question("animal"),
        ),
        window_s=2.0,
        optimisation=Optimisation(
            steps=4000,
            batch=48,
            peak_rate=2e-3,
            decay_share=0.5,
            weight_decay=0.05,
            ema=0.995,
        ),
        wear=Wear(mixup=0.3, speed=0.1),
        patience=8,
        evaluate_every=250,
    )
