r"""An ear for labels of one's own: one of them for each sound, folder by folder.

python -m train.ear.record runs/records/mine my-sounds/ kind
python -m train.ear --config=configs/ear_own.py --records runs/records/mine \
        --workdir runs/ear --export my_ear

Some minutes on two CPU cores for a few hundred sounds; it stops when the sounds kept
back are no longer told better. A set with several questions gets one `Question` each.
"""

from jaxsoundart.listen.mel_network import MelConfig
from train.ear.config import EarConfig, Question, Wear
from train.optimiser import Optimisation


def get_config() -> EarConfig:
    """Returns the run."""
    return EarConfig(
        name="own",
        network=MelConfig(channels=(24, 48, 96), dropout=0.4),
        questions=(Question("kind"),),
        window_s=3.0,
        optimisation=Optimisation(
            steps=1500, batch=32, peak_rate=2e-3, decay_share=0.5, weight_decay=0.05
        ),
        wear=Wear(mixup=0.3, speed=0.1),
        patience=6,
        evaluate_every=100,
    )
