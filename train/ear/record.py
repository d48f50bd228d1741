r"""Packs a set of labelled sounds as records for `train.ear`.

    python -m train.ear.record runs/records/drums drums/index.csv "drum kind=label"
    python -m train.ear.record runs/records/esc50 ESC-50-master
    python -m train.ear.record runs/records/mood midi.csv mood=label --font F.sf2
    python -m train.ear.record runs/records/notes tfds:mynotes instrument

A set is a table (CSV, JSON lines), a folder for each label, ESC-50, NSynth, FMA or
MTG-Jamendo as they are downloaded, or a name of TensorFlow Datasets. After it stand the
heads it has answers for, of a table with their columns; `--also kind=drum` gives all of
its sounds one more answer. MIDI files are played.
"""

import argparse
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import mido

from jaxsoundart.errors import SoundArtError
from jaxsoundart.sound import files
from jaxsoundart.sound.waveform import Waveform
from train.ear import records
from train.ear.records import SAMPLE_RATE_HZ, Sound, Writer, pieces
from train.readers import layouts, tfds
from train.readers.clip import Clip, DataError
from train.studio import soundfont

_TFDS = "tfds:"
_MIDI = (".mid", ".midi")


def decode(clip: Clip, *, font: Path | None) -> Waveform:
    """Returns the sound of a clip; MIDI as a soundfont plays it.

    Raises:
        SoundArtError: The file cannot be read, or there is no soundfont to play it.
    """
    if clip.path.suffix.lower() in _MIDI:
        if font is None:
            raise DataError(f"{clip.path} is MIDI; name a soundfont to play it, --font")
        try:
            score = mido.MidiFile(clip.path)
        except (OSError, ValueError, EOFError, KeyError) as error:
            raise DataError(f"{clip.path} is no MIDI ({error})") from error
        sound = soundfont.play(score, font, SAMPLE_RATE_HZ, name=clip.path.name)
        waveform = Waveform(samples=sound, sample_rate_hz=SAMPLE_RATE_HZ)
    else:
        waveform = files.read(
            clip.path, sample_rate_hz=SAMPLE_RATE_HZ, min_duration_s=0.0
        )
    end_s = waveform.duration_s
    if clip.length_s is not None:
        end_s = clip.start_s + clip.length_s
    return waveform.cut(clip.start_s, end_s)


def record_tfds(
    name: str,
    head: str,
    writer: Writer,
    *,
    also: Mapping[str, tuple[str, ...]],
    longest_s: float,
) -> None:
    """Writes a set of TensorFlow Datasets as records."""
    for number, (part, label, waveform) in enumerate(tfds.read(name)):
        labels = {head: (label,), **also}
        for piece in pieces(waveform, longest_s):
            writer.write(part, Sound.of(piece, labels, f"{_TFDS}{name} {number}"))


def called(
    labels: Mapping[str, tuple[str, ...]], names: Mapping[str, str]
) -> Mapping[str, tuple[str, ...]]:
    """Returns labels by their names; those without one with spaces for underscores."""
    return {
        head: tuple(names.get(label, label.replace("_", " ")) for label in some)
        for head, some in labels.items()
    }


def read_names(path: Path) -> Mapping[str, str]:
    """Returns a table of names.

    Raises:
        DataError: It is missing, no TOML, or holds something else.
    """
    try:
        names = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"--names {path} cannot be read ({error})") from error
    if not all(isinstance(name, str) for name in names.values()):
        raise DataError(f'--names {path}: wanted lines such as bd = "bass drum"')
    return names


def _pairs(said: list[str]) -> Mapping[str, str]:
    pairs = (one.partition("=") for one in said)
    return {key: value or key for key, _, value in pairs}


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the records go")
    parser.add_argument("source", help="the set")
    parser.add_argument("heads", nargs="*", metavar="HEAD[=COLUMN]")
    parser.add_argument(
        "--longest", type=float, default=10.0, help="seconds a record (10)"
    )
    parser.add_argument(
        "--also", nargs="*", default=[], metavar="HEAD=LABEL", help="an answer for all"
    )
    parser.add_argument(
        "--where", nargs="*", default=[], metavar="COLUMN=VALUE", help="rows to take"
    )
    parser.add_argument("--names", type=Path, help="TOML: what labels are called")
    parser.add_argument("--font", type=Path, help="a General MIDI .sf2, to play MIDI")
    options = parser.parse_args(arguments)
    heads = _pairs(options.heads)
    also = {head: (label,) for head, label in _pairs(options.also).items()}
    try:
        names = read_names(options.names) if options.names else {}
        with Writer(options.folder) as writer:
            if options.source.startswith(_TFDS):
                if len(heads) != 1:
                    raise DataError(f"{options.source}: say what its labels are, HEAD")
                name = options.source.removeprefix(_TFDS)
                record_tfds(
                    name,
                    next(iter(heads)),
                    writer,
                    also=also,
                    longest_s=options.longest,
                )
            else:
                records.record(
                    (
                        replace(clip, labels={**called(clip.labels, names), **also})
                        for clip in layouts.read(
                            options.source, heads=heads, where=_pairs(options.where)
                        )
                    ),
                    writer,
                    decode=partial(decode, font=options.font),
                    longest_s=options.longest,
                )
    except SoundArtError as error:
        print(f"train.ear.record: {error}", file=sys.stderr)
        return error.exit_code
    print(writer.summary, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
