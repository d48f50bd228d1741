"""What a store asks of cover art, read from `stores.toml`."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from jaxsoundart.errors import ArgumentError
from jaxsoundart.picture.schema import strict


@dataclass(frozen=True, kw_only=True)
class Store:
    """What one store asks for.

    Attributes:
        name: What people call it.
        size_px: Width and height of the file that is made for it.
        least_px: The least width and height it takes.
        most_px: The longest side it takes; 0 if nobody says.
        made: The file formats that are made for it.
        most_bytes: The largest file it takes, for each file format that it takes.
        source: Where these figures are from.
    """

    name: str
    size_px: tuple[int, ...]
    least_px: tuple[int, ...]
    most_px: int
    made: tuple[str, ...]
    most_bytes: Mapping[str, int]
    source: str


@functools.cache
def stores() -> Mapping[str, Store]:
    """Returns every store there is, by name."""
    text = (
        resources.files("jaxsoundart.picture.stores")
        .joinpath("stores.toml")
        .read_text("utf-8")
    )
    return strict(Mapping[str, Store], tomllib.loads(text), "stores.toml")


def named(name: str) -> Store:
    """Returns a store.

    Raises:
        ArgumentError: There is none of this name.
    """
    known = stores()
    if name not in known:
        raise ArgumentError(
            f"store {name!r} is unknown; use one of: {', '.join(known)}"
        )
    return known[name]
