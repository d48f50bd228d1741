"""A part's settings, read from the JSON files of the diffusers folder layout.

Keys that say nothing about the mathematics are passed over; values outside what is
built are refused by name.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

from jaxsoundart.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class PartConfig:
    """A part's settings; subclasses declare the keys.

    Attributes:
        fixed: Keys that would change the mathematics, and the values that do not;
            null is everywhere the default.
    """

    fixed: ClassVar[Mapping[str, tuple[Any, ...]]] = {}

    def to_json(self) -> dict[str, Any]:
        """Returns the settings under their JSON keys."""
        return dataclasses.asdict(self)


Part = TypeVar("Part", bound=PartConfig)


def parse(kind: type[Part], content: Mapping[str, Any], source: str) -> Part:
    """Reads the keys that `kind` declares from `content`.

    Raises:
        ModelError: A key is missing, or its value is none of those built; names
            `source`, key and choices.
    """
    for key, allowed in kind.fixed.items():
        value = _plain(content.get(key))
        if value is not None and value not in allowed:
            raise _unsupported(source, key, content[key], allowed)
    values = {}
    for field in dataclasses.fields(kind):
        if field.name not in content:
            continue
        value = values[field.name] = _plain(content[field.name])
        if value is None and not _admits_none(field.type):
            del values[field.name]  # null stands for the default, as in diffusers
            continue
        choices = _choices(field.type)
        given = value if isinstance(value, tuple) else (value,)
        if choices and not set(given) <= set(choices):
            raise _unsupported(source, field.name, content[field.name], choices)
    try:
        return kind(**values)
    except TypeError as error:
        missing = str(error).partition("argument")[2].strip(" s:")
        raise ModelError(
            f"{source}: the key {missing} is missing; is this a "
            "Stable Diffusion checkpoint in the diffusers layout?"
        ) from None


def _unsupported(
    source: str, key: str, value: Any, choices: tuple[Any, ...]
) -> ModelError:
    supported = ", ".join(repr(choice) for choice in choices)
    return ModelError(f"{source}: {key} is {value!r}; supported: {supported}")


def _plain(value: Any) -> Any:
    """Returns JSON's lists, also nested ones, as tuples."""
    return tuple(map(_plain, value)) if isinstance(value, list) else value


def _admits_none(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _choices(annotation: Any) -> tuple[Any, ...]:
    """Returns the values a `Literal` (or a tuple of them) admits, else nothing."""
    if get_origin(annotation) in (UnionType, Union):
        inside = [_choices(part) for part in get_args(annotation)]
        # A union with an open type, as in `int | tuple[int, ...]`, admits anything.
        named = [choices for choices in inside if choices]
        return (*named[0], None) if named and _admits_none(annotation) else ()
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) is Literal else ()
