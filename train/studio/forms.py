"""The plan of a piece: which sections follow each other, how long, how full."""

from collections.abc import Sequence

import numpy as np

from train.studio.score import Section

# Of each section: its kind, the numbers of bars it may have, its energy.
Plan = Sequence[tuple[str, tuple[int, ...], float]]

_UP = ("build", (4, 8), 0.55)
_DROP = ("drop", (8, 16), 1.0)
_BREAK = ("break", (4, 8), 0.2)

FORMS: dict[str, tuple[Plan, ...]] = {
    "club": (
        (("intro", (8,), 0.4), _BREAK, _UP, _DROP, ("outro", (4, 8), 0.4)),
        (("intro", (4, 8), 0.4), _UP, _DROP, _BREAK, _UP, _DROP, ("outro", (4,), 0.4)),
        (("intro", (8,), 0.2), _UP, ("fake drop", (1,), 0.0), _UP, _DROP, _BREAK),
        (("intro", (8,), 0.4), ("verse", (8,), 0.6), _BREAK, _UP, _DROP),
    ),
    "song": (
        (
            ("intro", (2, 4), 0.25),
            *(("verse", (8,), 0.45), ("chorus", (8,), 0.85)) * 2,
            ("bridge", (4,), 0.3),
            ("chorus", (8,), 1.0),
            ("outro", (2,), 0.2),
        ),
        (
            ("verse", (8,), 0.35),
            ("chorus", (8,), 0.8),
            ("verse", (8,), 0.5),
            ("chorus", (8,), 1.0),
            ("outro", (4,), 0.25),
        ),
    ),
    "beat": (
        (
            ("intro", (4,), 0.15),
            *(("verse", (8,), 0.5), ("hook", (8,), 0.9)) * 2,
            ("outro", (2, 4), 0.15),
        ),
        (("hook", (8,), 0.8), ("verse", (8,), 0.5), _BREAK, ("hook", (8,), 1.0)),
    ),
    "piece": (
        (
            ("theme", (8, 12), 0.4),
            ("theme", (8, 12), 0.6),
            ("middle", (8,), 0.9),
            ("theme", (8, 12), 0.5),
        ),
        (("intro", (4,), 0.1), ("theme", (12,), 0.5), ("solo", (12,), 1.0)),
    ),
    "drift": (
        (("intro", (4, 8), 0.1), ("theme", (8, 12), 0.45), ("theme", (8, 12), 0.8)),
        (("theme", (8,), 0.3), ("middle", (8,), 0.7), ("theme", (8,), 0.4)),
    ),
}


def plan(generator: np.random.Generator, form: str) -> tuple[Section, ...]:
    """Returns the sections of a piece of some form."""
    plans = FORMS[form]
    sections, first_bar = [], 0
    for kind, lengths, energy in plans[generator.integers(len(plans))]:
        bars = int(generator.choice(lengths))
        sections.append(Section(kind, first_bar, bars, energy))
        first_bar += bars
    return tuple(sections)
