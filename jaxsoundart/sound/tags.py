"""What a sound file says of itself, and the cover that it can carry.

Reading needs nothing; writing needs mutagen (extra `tags`).
"""

import base64
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ArgumentError, SoundFileError

# The picture's type in ID3, FLAC and Vorbis comments: the cover of the front.
_FRONT = 3
_MIME = "image/jpeg"


def read(path: str | Path) -> tuple[str, str]:
    """Returns title and artist from a file's tags.

    The title is the file's name where there is none; the artist is empty then.
    """
    title, artist = said(path)
    return title or Path(path).stem, artist


def said(path: str | Path) -> tuple[str, str]:
    """Returns title and artist from a file's tags, each empty where there is none."""
    import tinytag

    try:
        tag = tinytag.TinyTag.get(Path(path))
    except (tinytag.TinyTagException, OSError):
        return "", ""
    title = " ".join((tag.title or "").split())
    return title, " ".join((tag.artist or "").split())


def check_writer() -> None:
    """Finds out whether covers can be put into songs.

    Raises:
        ArgumentError: mutagen is not installed.
    """
    try:
        import mutagen
    except ImportError:
        raise ArgumentError(
            "covers inside of songs need mutagen; install 'jaxsoundart[tags]'"
        ) from None
    del mutagen


def copy_with_cover(song: Path, copy: Path, jpeg: bytes) -> None:
    """Writes a copy of a song that carries a cover, whole or not at all.

    The song itself stays as it is, and its sound is not encoded anew.

    Args:
        song: MP3, FLAC, Ogg Vorbis, Opus, M4A, WAV or AIFF.
        copy: Where the copy goes; not where the song is.
        jpeg: The cover, in place of any that is there.

    Raises:
        ArgumentError: mutagen is not installed.
        SoundFileError: The song is of a kind that carries no cover, or the copy cannot
            be written.
    """
    check_writer()
    import mutagen

    if copy.exists() and copy.samefile(song):
        raise SoundFileError(f"{copy} is the song itself; name another folder with -o")
    part = copy.with_name(f".{secrets.token_hex(8)}.part{song.suffix}")
    try:
        shutil.copyfile(song, part)
        _put(part, song, jpeg)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, copy)
    except OSError as error:
        raise SoundFileError(f"cannot write {copy}: {error.strerror}") from error
    except mutagen.MutagenError as error:
        raise SoundFileError(f"{song} cannot be given a cover: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _put(part: Path, song: Path, jpeg: bytes) -> None:
    """Puts a cover into a file in the way of its kind."""
    import mutagen
    from mutagen import flac, id3, mp4, oggopus, oggvorbis

    file: Any = mutagen.File(part)
    match file:
        case flac.FLAC():
            file.clear_pictures()
            file.add_picture(_picture(jpeg))
        case oggvorbis.OggVorbis() | oggopus.OggOpus():
            block = base64.b64encode(_picture(jpeg).write()).decode("ascii")
            file["metadata_block_picture"] = [block]
        case mp4.MP4():
            cover = mp4.MP4Cover(jpeg, imageformat=mp4.MP4Cover.FORMAT_JPEG)
            file["covr"] = [cover]
        case mutagen.FileType() if isinstance(file.tags, id3.ID3) or file.tags is None:
            if file.tags is None:
                file.add_tags()
            if not isinstance(file.tags, id3.ID3):
                raise SoundFileError(_no_place(song))
            file.tags.delall("APIC")
            file.tags.add(
                id3.APIC(encoding=3, mime=_MIME, type=_FRONT, desc="", data=jpeg)
            )
        case _:
            raise SoundFileError(_no_place(song))
    file.save()


def _picture(jpeg: bytes) -> Any:
    from mutagen.flac import Picture

    picture = Picture()
    picture.type, picture.mime, picture.data = _FRONT, _MIME, jpeg
    return picture


def _no_place(song: Path) -> str:
    return (
        f"{song} is of a kind that carries no cover; wanted MP3, FLAC, Ogg Vorbis, "
        "Opus, M4A, WAV or AIFF"
    )
