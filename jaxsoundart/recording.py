"""A song as it was read from its file: samples, and what is known without listening.

No JAX here: files may be read where none of it is, as in a process of their own.
"""

from dataclasses import dataclass
from pathlib import Path, PurePath

from jaxsoundart.picture.record import Song
from jaxsoundart.sound import files, tags
from jaxsoundart.sound.waveform import Waveform


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A song that was read.

    Attributes:
        song: The file.
        waveform: Its sound, at the rate that listeners want.
    """

    song: Song
    waveform: Waveform


def read(
    path: str | Path,
    *,
    file_name: str | None = None,
    max_duration_s: float | None = None,
) -> Recording:
    """Returns a song with its sound.

    Args:
        path: A sound file.
        file_name: What it is called, where it does not lie under its own name.
        max_duration_s: The longest that is taken; 4 h unless given.

    Raises:
        SoundFileError: The song cannot be read, is no sound, or is too long.
    """
    file_name = Path(path).name if file_name is None else file_name
    waveform = files.read(path, max_duration_s=max_duration_s)
    title, artist = tags.said(path)
    return Recording(
        song=Song(
            file_name=file_name,
            title=title or PurePath(file_name).stem,
            artist=artist,
            sha256=files.content_hash(path),
            duration_s=waveform.duration_s,
        ),
        waveform=waveform,
    )
