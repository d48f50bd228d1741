"""Music of bands with drums, bass and guitars."""

from train.studio.styles.phrases import (
    BACKBEATS,
    BRASS,
    CHARLESTON,
    CLEAN,
    DISTORTED,
    DRIVEN,
    EIGHTHS,
    FINGERED,
    FLUTE,
    HALVES,
    HELD,
    MELODIC,
    OFFBEATS,
    ORGAN,
    PIANO,
    PICKED,
    PUSHED,
    RHODES,
    SAX,
    SIXTEENTHS,
    SOFT,
    STRINGS,
)
from train.studio.styles.style import SONG, Role, Style

STYLES: dict[str, Style] = {
    "rock": Style(
        (108, 142),
        ("mixolydian", "minor"),
        (("I5", "IV5", "V5", "IV5"), ("I5", "VII5", "IV5", "I5")),
        ("rock",),
        SONG,
        (
            Role("chords", (DRIVEN, CLEAN), (EIGHTHS, "x-x-..x-x-x-..x-"), 3, 0.1),
            Role("bass", (PICKED,), (EIGHTHS,), 2, 0.2),
            Role("melody", (DRIVEN, DISTORTED), MELODIC, 5, 0.6),
            Role("chords", (ORGAN,), (HELD,), 4, 0.5, 0.4),
        ),
    ),
    "punk": Style(
        (164, 190),
        ("major", "mixolydian"),
        (("I5", "IV5", "V5", "V5"), ("I5", "V5", "VI5", "IV5")),
        ("punk",),
        SONG,
        (
            Role("chords", (DISTORTED,), (EIGHTHS,), 3, 0.1),
            Role("chords", (DISTORTED, DRIVEN), (EIGHTHS,), 4, 0.5),
            Role("bass", (PICKED,), (EIGHTHS,), 2, 0.1),
        ),
    ),
    "metal": Style(
        (116, 176),
        ("phrygian", "harmonic minor"),
        (("I5", "I5", "bII5", "I5"), ("I5", "VI5", "VII5", "V5")),
        ("metal",),
        SONG,
        (
            Role(
                "chords", (DISTORTED,), ("xxx.xxx.xxx.xx.x", "x-xxx-xxx-xxx-xx"), 3, 0.1
            ),
            Role("chords", (DISTORTED,), (SIXTEENTHS, "x-xxx-xxx-xxx-xx"), 3, 0.3),
            Role("bass", (PICKED,), ("xxx.xxx.xxx.xx.x", SIXTEENTHS), 2, 0.1),
            Role("melody", (DISTORTED,), MELODIC, 5, 0.7),
        ),
    ),
    "funk": Style(
        (98, 116),
        ("dorian", "mixolydian"),
        (("Idom9",), ("Idom9", "Idom9", "IVdom9", "IVdom9")),
        ("funk",),
        SONG,
        (
            Role(
                "bass",
                (("bass", "slap bass"), FINGERED),
                ("x.xx..x.x..x.xx.", "x..x..x.xx..x.x."),
                2,
                0.1,
            ),
            Role("chords", (CLEAN,), ("..xx..x...xx..x.", "x.x...xx..x...xx"), 4, 0.2),
            Role(
                "chords", (BRASS, SAX), ("......x-......xx", "x-....x-........"), 4, 0.6
            ),
            Role("chords", (ORGAN, RHODES), (HELD, CHARLESTON), 4, 0.4, 0.7),
        ),
        swing=(0.0, 0.1),
    ),
    "disco": Style(
        (112, 124),
        ("minor", "dorian"),
        (("I7", "IV7"), ("VI7", "VII", "I7", "I7")),
        ("disco",),
        SONG,
        (
            Role(
                "bass", (FINGERED, PICKED), ("x-xxx-xxx-xxx-xx", EIGHTHS), 2, 0.2, 1.0
            ),
            Role("chords", (CLEAN,), ("x.xxx.xxx.xxx.xx",), 4, 0.3),
            Role("melody", (STRINGS,), MELODIC, 5, 0.5),
            Role("chords", (RHODES, BRASS), (OFFBEATS, CHARLESTON), 4, 0.4),
        ),
    ),
    "soul": Style(
        (70, 104),
        ("major", "dorian"),
        SOFT,
        ("soul",),
        SONG,
        (
            Role("bass", (FINGERED,), ("x--x..x-x-......", PUSHED), 2, 0.1),
            Role("chords", (ORGAN, RHODES, PIANO), (HELD, HALVES), 4, 0.0),
            Role("chords", (CLEAN,), (BACKBEATS,), 5, 0.3),
            Role("melody", (SAX, BRASS), MELODIC, 5, 0.5),
        ),
        swing=(0.0, 0.15),
    ),
    "reggae": Style(
        (66, 84),
        ("minor", "major"),
        (("I", "IV"), ("I", "VII"), ("I", "V", "IV", "IV")),
        ("one drop",),
        SONG,
        (
            Role("chords", (CLEAN, ORGAN), ("....x.......x...", OFFBEATS), 4, 0.0),
            Role("chords", (ORGAN,), ("..xx..xx..xx..xx",), 4, 0.2, 0.8),
            Role("bass", (FINGERED,), ("x-x-..x-x-..x---", "....x-x-x---x-x-"), 2, 0.1),
            Role(
                "melody", (("trombone", "trombone"), FLUTE, SAX), MELODIC, 5, 0.5, 0.6
            ),
        ),
        swing=(0.0, 0.2),
    ),
}
