"""AudioSet's classes as the house's labels, read from `audioset.toml`."""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

Labels = Mapping[str, Mapping[str, float]]

_GENRE = "genre"


@functools.cache
def table() -> tuple[str, Mapping[str, Mapping[str, tuple[str, ...]]]]:
    """Returns the class that is music, and for every head each label's classes."""
    source = resources.files("jaxsoundart.listen") / "audioset.toml"
    content = tomllib.loads(source.read_text("utf-8"))
    music = content.pop("music")
    heads = {
        head: {label: tuple(classes) for label, classes in labels.items()}
        for head, labels in content.items()
    }
    return music, heads


def classes() -> frozenset[str]:
    """Returns every class that means something here."""
    music, heads = table()
    meant = (some for labels in heads.values() for some in labels.values())
    return frozenset({music}.union(*meant))


def gather(probabilities: Mapping[str, float]) -> Labels:
    """Returns the probability of every label, head by head, most probable first.

    A label is as probable as the most probable of its classes. Genres share out the
    probability that there is music at all: what is none has no genre.

    Args:
        probabilities: Of AudioSet's classes by name, each on its own.
    """
    music, heads = table()
    heard = {
        head: {
            label: max(probabilities[name] for name in names)
            for label, names in labels.items()
        }
        for head, labels in heads.items()
    }
    total = sum(heard[_GENRE].values())
    share = probabilities[music] / total if total > 0 else 0.0
    heard[_GENRE] = {label: share * p for label, p in heard[_GENRE].items()}
    return {
        head: dict(sorted(labels.items(), key=lambda item: (-item[1], item[0])))
        for head, labels in heard.items()
    }
