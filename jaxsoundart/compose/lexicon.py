"""The words of the house: what is painted for what was heard, read from `lexicon.toml`.

Only the table is here, checked when it is read; choosing from it is `compose.prompt`.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from jaxsoundart.compose.toml_table import TomlTable
from jaxsoundart.errors import SoundArtError


class Slot(StrEnum):
    """The places of a prompt, in the order in which they stand in it."""

    SCENE = "scene"
    PALETTE = "palette"
    LIGHT = "light"
    TEXTURE = "texture"
    COMPOSITION = "composition"
    MOOD = "mood"
    STYLE = "style"


# What every picture has: the last choice for it stands without conditions.
_ALWAYS_FILLED = (Slot.SCENE, Slot.PALETTE, Slot.TEXTURE)
_GENRE_SLOTS = (*_ALWAYS_FILLED, Slot.STYLE)
_TRAIT_SLOTS = (*_ALWAYS_FILLED, Slot.LIGHT, Slot.COMPOSITION, Slot.MOOD)
_SHIFTABLE = (Slot.LIGHT, Slot.TEXTURE, Slot.COMPOSITION, Slot.MOOD)
_MODES = ("minor", "major")

_Known = Mapping[str, tuple[str, ...]]
"""For each trait its levels, and for each head its labels."""

# The atmosphere of a picture that nothing shifts.
AS_HEARD = "as heard"


@dataclass(frozen=True)
class Condition:
    """That a trait is at a level ("tempo slow"), or a label heard ("mood calm")."""

    trait: str
    level: str


@dataclass(frozen=True)
class Choice:
    """Phrases for one thing, from rich to plain, and the conditions they stand under.

    All conditions must hold; without any, the choice always does.
    """

    say: tuple[str, ...]
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Genre:
    """What a genre looks like, and what to keep out where it is clearly absent."""

    choices: Mapping[Slot, tuple[Choice, ...]]
    unheard: tuple[str, ...]


@dataclass(frozen=True)
class Levels:
    """Names of a trait's levels, low to high, and the bounds between them.

    A value on a bound belongs to the higher level.
    """

    names: tuple[str, ...]
    bounds: tuple[float, ...]

    def of(self, value: float) -> str:
        """Returns the name of the level that `value` is at."""
        return self.names[sum(value >= bound for bound in self.bounds)]


@dataclass(frozen=True)
class Listening:
    """Which probabilities count as heard and as not heard."""

    sure: float
    heard: float
    blend_palette: float
    blend_texture: float
    unheard: float
    unheard_most: int


@dataclass(frozen=True)
class Side:
    """One side of a pair of opposites: the words that tell it, and how to say it."""

    say: str
    words: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where a phrase belongs, and the plainest phrase for the same."""

    slot: Slot
    plain: str


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All tables of `lexicon.toml`; what each is for stands there."""

    linking: frozenset[str]
    listening: Listening
    levels: Mapping[str, Levels]
    heads: Mapping[str, tuple[str, ...]]
    genres: Mapping[str, Genre]
    heard: Mapping[Slot, tuple[Choice, ...]]
    played: tuple[Choice, ...]
    atmospheres: Mapping[str, Mapping[Slot, tuple[str, ...]]]
    never: tuple[str, ...]
    opposites: tuple[tuple[Side, Side], ...]

    @functools.cached_property
    def entries(self) -> Mapping[str, Entry]:
        """For each phrase of the lexicon the slot that it fills and how to say it."""
        said = [
            (slot, choice.say)
            for choices in (
                self.heard,
                {Slot.SCENE: self.played},
                *(some.choices for some in self.genres.values()),
            )
            for slot, some in choices.items()
            for choice in some
        ]
        for shifts in self.atmospheres.values():
            said.extend(shifts.items())
        return {
            phrase: Entry(slot=slot, plain=say[-1])
            for slot, say in said
            for phrase in say
        }

    def sides(self, phrase: str) -> Iterator[tuple[Side, Side]]:
        """Yields each side that `phrase` takes in an opposition, and the other side."""
        said = words(phrase)
        for one, other in self.opposites:
            if said & one.words:
                yield one, other
            if said & other.words:
                yield other, one


@functools.lru_cache(maxsize=4096)
def words(phrase: str) -> frozenset[str]:
    """Returns the words of a phrase in lower case; a hyphen does not divide one."""
    return frozenset(re.findall(r"[\w'’-]+", phrase.lower()))


@functools.cache
def load() -> Lexicon:
    """Returns the lexicon of this package, read once."""
    source = resources.files("jaxsoundart.compose") / "lexicon.toml"
    return read(source.read_text(encoding="utf-8"))


def read(text: str) -> Lexicon:
    """Returns the lexicon written in `text`, in the form of `lexicon.toml`.

    Raises:
        SoundArtError: It is not TOML, or a table in it is missing, unknown or wrong;
            the message names the place.
    """
    try:
        top = TomlTable("", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SoundArtError(f"lexicon is not valid TOML: {error}") from error
    levels = {
        name: _levels(table) for name, table in top.table("level").tables().items()
    }
    levels["key"] = Levels(names=_MODES, bounds=())
    heads = {
        name: table.phrases("labels")
        for name, table in top.table("head").tables().items()
    }
    known = {name: some.names for name, some in levels.items()} | heads
    heard = top.table("heard")
    lexicon = Lexicon(
        linking=frozenset(top.phrases("linking")),
        listening=_listening(top.table("listening")),
        levels=levels,
        heads=heads,
        genres={
            name: Genre(
                choices=_choices(table, _GENRE_SLOTS, known),
                unheard=table.phrases("unheard"),
            )
            for name, table in top.table("genre").tables().items()
        },
        heard=_choices(heard, _TRAIT_SLOTS, known),
        played=_listed(heard, "played", known),
        atmospheres={
            name: _shifts(table)
            for name, table in top.table("atmosphere").tables().items()
        },
        never=top.table("negative").phrases("always"),
        opposites=tuple(_opposition(table) for table in top.array("opposites")),
    )
    top.check_all_read()
    _check_plain_phrases(lexicon)
    return lexicon


def _listening(table: TomlTable) -> Listening:
    shares = ("sure", "heard", "blend_palette", "blend_texture", "unheard")
    some = Listening(
        **{name: float(table.get(name, (int, float), "a number")) for name in shares},
        unheard_most=table.get("unheard_most", int, "a whole number"),
    )
    if not 0 <= some.unheard <= some.blend_texture <= some.blend_palette <= 1:
        table.wrong("", "0 <= unheard <= blend_texture <= blend_palette <= 1 is wanted")
    for name in ("sure", "heard"):
        if not 0 <= getattr(some, name) <= 1:
            got = getattr(some, name)
            table.wrong(name, f"a probability is wanted, got {got}")
    return some


def _levels(table: TomlTable) -> Levels:
    names = table.phrases("names")
    bounds = table.get("bounds", list, "a list of numbers")
    if not all(isinstance(bound, int | float) for bound in bounds):
        table.wrong("bounds", f"numbers are wanted, got {bounds}")
    if len(bounds) != len(names) - 1 or bounds != sorted(bounds):
        table.wrong("bounds", f"{len(names) - 1} rising numbers wanted, got {bounds}")
    return Levels(names=names, bounds=tuple(float(bound) for bound in bounds))


def _choices(
    table: TomlTable, slots: tuple[Slot, ...], known: _Known
) -> Mapping[Slot, tuple[Choice, ...]]:
    return {slot: _slot(table, slot, known) for slot in slots}


def _slot(table: TomlTable, slot: Slot, known: _Known) -> tuple[Choice, ...]:
    entries = table.get(slot, list, "a list of phrases or of choices")
    if all(isinstance(entry, str) for entry in entries):
        return (Choice(say=table.phrases(slot)),)
    choices = _listed(table, slot, known)
    if slot in _ALWAYS_FILLED and choices[-1].when:
        table.wrong(slot, "the last choice must stand without `when`")
    return choices


def _listed(table: TomlTable, key: str, known: _Known) -> tuple[Choice, ...]:
    return tuple(
        Choice(say=part.phrases("say"), when=_conditions(part, known))
        for part in table.array(key)
    )


def _conditions(table: TomlTable, known: _Known) -> tuple[Condition, ...]:
    conditions = []
    for text in table.phrases("when") if "when" in table else ():
        trait, _, level = text.partition(" ")
        if level not in known.get(trait, ()):
            said = (f"{name} {'|'.join(some)}" for name, some in known.items())
            table.wrong("when", f"{text!r} is unknown; known: {', '.join(said)}")
        conditions.append(Condition(trait, level))
    return tuple(conditions)


def _shifts(table: TomlTable) -> Mapping[Slot, tuple[str, ...]]:
    shifts = {slot: table.phrases(slot) for slot in _SHIFTABLE if slot in table}
    if not shifts:
        table.wrong("", f"at least one of {', '.join(_SHIFTABLE)} is wanted")
    return shifts


def _opposition(table: TomlTable) -> tuple[Side, Side]:
    one, other = table.table("one"), table.table("other")
    return _side(one), _side(other)


def _side(table: TomlTable) -> Side:
    return Side(
        say=table.get("say", str, "a phrase"), words=frozenset(table.phrases("words"))
    )


def _check_plain_phrases(lexicon: Lexicon) -> None:
    """Raises where a scene's or palette's plain phrase cannot go with every light."""
    for name, genre in lexicon.genres.items():
        for slot in (Slot.SCENE, Slot.PALETTE):
            for choice in genre.choices[slot]:
                if any(lexicon.sides(choice.say[-1])):
                    raise SoundArtError(
                        f"lexicon, genre.{name}.{slot}: {choice.say[-1]!r} is the last "
                        "phrase and must take no side in an opposition"
                    )
