"""What a hearing gives to write from: levels of the traits, weights of the genres.

Each fact can be said in a few words with its number and unit, so that a brief can
give its reasons.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jaxsoundart.compose.lexicon import Condition, Lexicon
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Traits


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The facts of one hearing, in the lexicon's terms.

    Attributes:
        genres: Probability of each genre that the lexicon has words for, most probable
            first.
        facts: The level of each trait that could be measured, and each label that was
            heard, with the figure in words ("tempo 84 BPM", "mood calm 0.71"); the
            most probable label first.
    """

    genres: Mapping[str, float]
    facts: Mapping[Condition, str]

    def hold(self, conditions: Iterable[Condition]) -> bool:
        """Returns whether all of `conditions` were measured so."""
        return all(condition in self.facts for condition in conditions)

    def said(self, conditions: Iterable[Condition]) -> str:
        """Returns the figures behind `conditions`."""
        return ", ".join(self.facts[condition] for condition in conditions)

    def genre(self, name: str) -> str:
        """Returns a genre with its probability in words ("genre jazz 0.71")."""
        return f"genre {name} {self.genres[name]:.2f}"


def weigh(hearing: Hearing, lexicon: Lexicon) -> Evidence:
    """Returns what `hearing` says in the terms of `lexicon`.

    A trait that could not be measured (no beat, a key without a mode, a level that is
    not finite) and a genre without an entry give no evidence.
    """
    facts = {
        Condition(name, lexicon.levels[name].of(value)): words
        for name, (value, words) in _measured(hearing.traits).items()
    }
    mode = hearing.traits.key.rpartition(" ")[2]
    if mode in lexicon.levels["key"].names:
        facts[Condition("key", mode)] = f"key {hearing.traits.key}"
    heard = hearing.labels.get("genre", {})
    known = {name: value for name, value in heard.items() if name in lexicon.genres}
    return Evidence(
        genres=dict(sorted(known.items(), key=lambda item: (-item[1], item[0]))),
        facts={**facts, **_labelled(hearing, lexicon)},
    )


def _labelled(hearing: Hearing, lexicon: Lexicon) -> Mapping[Condition, str]:
    """Returns the labels that were heard, head by head, the most probable first."""
    probable = (
        (head, label, value)
        for head, labels in lexicon.heads.items()
        if head not in hearing.unsure
        for label, value in sorted(
            hearing.labels.get(head, {}).items(), key=lambda item: (-item[1], item[0])
        )
        if label in labels and value >= lexicon.listening.heard
    )
    return {
        Condition(head, label): f"{head} {label} {value:.2f}"
        for head, label, value in probable
    }


def _measured(traits: Traits) -> Mapping[str, tuple[float, str]]:
    """Returns the value and the wording of each trait that is a finite number."""
    every = {
        "brightness": (traits.brightness_hz, f"{traits.brightness_hz:.0f} Hz"),
        "loudness": (traits.loudness_db, f"{traits.loudness_db:.1f} dB"),
        "dynamics": (traits.dynamics_db, f"{traits.dynamics_db:.1f} dB"),
    }
    if traits.tempo_bpm > 0:
        every["tempo"] = (traits.tempo_bpm, f"{traits.tempo_bpm:.0f} BPM")
    return {
        name: (value, f"{name} {words}")
        for name, (value, words) in every.items()
        if math.isfinite(value)
    }
