"""Reads the lexicon's tables strictly: every complaint names the place it is about."""

from typing import Any, NoReturn

from jaxsoundart.errors import SoundArtError


class TomlTable:
    """A TOML table that knows its place in the file and which of its keys were read."""

    def __init__(self, place: str, content: Any):
        self.place = place
        self._content: dict[str, Any] = {}
        self._read: set[str] = set()
        self._parts: list[TomlTable] = []
        if not isinstance(content, dict):
            self.wrong("", f"a table is wanted, got {content!r}")
        self._content = content

    def wrong(self, key: str, message: str) -> NoReturn:
        """Raises `SoundArtError` about `key`, or about the table itself for ""."""
        place = ".".join(part for part in (self.place, key) if part)
        raise SoundArtError(f"lexicon, {place}: {message}")

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def get(self, key: str, kind: type | tuple[type, ...], wanted: str) -> Any:
        """Returns the value of `key`, which must be there and of the kind `wanted`."""
        self._read.add(key)
        value = self._content.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            got = repr(value) if key in self else "nothing"
            self.wrong(key, f"{wanted} is wanted, got {got}")
        return value

    def table(self, key: str) -> "TomlTable":
        """Returns the table under `key`."""
        return self._part(key, self.get(key, dict, "a table"))

    def tables(self) -> dict[str, "TomlTable"]:
        """Returns every entry, each of which must be a table."""
        return {key: self.table(key) for key in self._content}

    def array(self, key: str) -> list["TomlTable"]:
        """Returns the tables listed under `key`, at least one."""
        parts = self._filled_list(key, "a list of tables")
        return [self._part(f"{key}[{n}]", part) for n, part in enumerate(parts, 1)]

    def phrases(self, key: str) -> tuple[str, ...]:
        """Returns the phrases listed under `key`, at least one and none twice."""
        phrases = self._filled_list(key, "a list of phrases")
        for phrase in phrases:
            spaced = isinstance(phrase, str) and phrase == " ".join(phrase.split())
            if not (phrase and spaced) or "," in phrase:
                wanted = "a phrase is words with single spaces and no comma"
                self.wrong(key, f"{wanted}, got {phrase!r}")
        if len(set(phrases)) < len(phrases):
            self.wrong(key, "a phrase stands there twice")
        return tuple(phrases)

    def check_all_read(self) -> None:
        """Raises for the first key that nothing asked for: it is misspelt."""
        for key in self._content:
            if key not in self._read:
                self.wrong(key, f"unknown; known here: {', '.join(sorted(self._read))}")
        for part in self._parts:
            part.check_all_read()

    def _filled_list(self, key: str, wanted: str) -> list[Any]:
        entries = self.get(key, list, wanted)
        if not entries:
            self.wrong(key, f"{wanted} is wanted, got an empty one")
        return entries

    def _part(self, key: str, content: Any) -> "TomlTable":
        part = TomlTable(".".join(name for name in (self.place, key) if name), content)
        self._parts.append(part)
        return part
