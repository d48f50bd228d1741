import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import tinytag

from jaxsoundart.errors import ArgumentError, SoundFileError
from jaxsoundart.sound import tags

RATE = 22_050
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40 + b"\xff\xd9"


def tone(count):
    return 0.2 * np.sin(np.arange(count) * 0.06)


def test_the_title_comes_from_the_tags_or_else_the_name(tmp_path):
    path = tmp_path / "03 take two.flac"
    with soundfile.SoundFile(path, "w", 22_050, 1) as file:
        file.write(tone(22_050))
    assert tags.read(path) == ("03 take two", "")
    tagged = tmp_path / "tagged.flac"
    with soundfile.SoundFile(tagged, "w", 22_050, 1) as file:
        file.title = "Night\nDrive"
        file.write(tone(22_050))
    assert tags.read(tagged) == ("Night Drive", "")
    with soundfile.SoundFile(tagged, "w", 22_050, 1) as file:
        file.title, file.artist = "Night Drive", "The Larks"
        file.write(tone(22_050))
    assert tags.read(tagged) == ("Night Drive", "The Larks")


def test_a_file_without_readable_tags_is_called_by_its_name(tmp_path):
    (tmp_path / "odd.mp3").write_bytes(np.random.default_rng(0).bytes(3000))
    assert tags.read(tmp_path / "odd.mp3") == ("odd", "")


@pytest.fixture(params=["mp3", "flac", "ogg", "opus", "wav", "aiff"])
def song(request, tmp_path):
    kind = request.param
    path = tmp_path / f"night.{kind}"
    form = {"opus": "OGG"}.get(kind, kind.upper())
    subtype = {"opus": "OPUS"}.get(kind)
    soundfile.write(path, tone(48_000), 48_000, format=form, subtype=subtype)
    return path


def front(path):
    with open(path, "rb") as file:
        image = tinytag.TinyTag.get(file_obj=file, filename=path, image=True)
    return image.images.front_cover


def test_a_copy_carries_the_cover_and_sounds_the_same(song, tmp_path):
    pytest.importorskip("mutagen")
    before = hashlib.sha256(song.read_bytes()).digest()
    copy = tmp_path / "out" / song.name
    copy.parent.mkdir()
    for jpeg in (b"\xff\xd8other\xff\xd9", JPEG):
        tags.copy_with_cover(song, copy, jpeg)
    if song.suffix != ".aiff":  # tinytag reads no pictures of AIFF
        assert front(copy).data == JPEG
    assert JPEG[:50] in copy.read_bytes() or song.suffix in (".ogg", ".opus")
    np.testing.assert_array_equal(soundfile.read(copy)[0], soundfile.read(song)[0])
    assert hashlib.sha256(song.read_bytes()).digest() == before
    assert [path.name for path in copy.parent.iterdir()] == [song.name]


def test_an_m4a_carries_a_cover(tmp_path):
    pytest.importorskip("mutagen")
    if shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg to make an M4A with")
    song = tmp_path / "night.m4a"
    soundfile.write(tmp_path / "night.wav", tone(RATE), RATE)
    made = ["ffmpeg", "-loglevel", "error", "-i", tmp_path / "night.wav", song]
    subprocess.run(made, check=True)
    tags.copy_with_cover(song, tmp_path / "copy.m4a", JPEG)
    assert front(tmp_path / "copy.m4a").data == JPEG


def test_what_carries_no_cover_is_said_and_nothing_is_left(tmp_path):
    pytest.importorskip("mutagen")
    for name, content in (("a.mp3", b"none"), ("a.txt", b"none"), ("b.flac", b"fLaC")):
        song = tmp_path / name
        song.write_bytes(content)
        with pytest.raises(SoundFileError, match=r"no cover|be given a cover"):
            tags.copy_with_cover(song, tmp_path / f"copy-{name}", JPEG)
        assert {path.name for path in tmp_path.iterdir()} == {name}
        song.unlink()


def test_a_song_is_not_written_over(song, tmp_path):
    pytest.importorskip("mutagen")
    before = song.read_bytes()
    with pytest.raises(SoundFileError, match="is the song itself"):
        tags.copy_with_cover(song, song, JPEG)
    assert song.read_bytes() == before


def test_without_mutagen_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mutagen", None)
    with pytest.raises(ArgumentError, match=r"install 'jaxsoundart\[tags\]'"):
        tags.copy_with_cover(tmp_path / "a.mp3", tmp_path / "b.mp3", JPEG)
