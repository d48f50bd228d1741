"""The manifest: lines are whole or passed over, songs are known by their content."""

from jaxsoundart.catalogue.manifest import Manifest, digest
from jaxsoundart.sound.files import content_hash
from tests import tiny_song


def test_a_line_cut_off_is_passed_over(tmp_path):
    song = tiny_song.write(tmp_path / "song.wav", duration_s=0.5)
    other = tiny_song.write(tmp_path / "other.wav", duration_s=0.6)
    cover = tmp_path / "song-1.png"
    cover.write_bytes(b"")
    first = Manifest(tmp_path)
    first.done(song, sha256=content_hash(song), settings="s", files=[cover])
    whole = first.path.read_bytes()
    first.path.write_bytes(whole + whole[:20])
    again = Manifest(tmp_path)
    assert again.has(song, "s")
    again.failed(other, error="too loud")
    again.done(other, sha256=content_hash(other), settings="s", files=[cover])
    last = Manifest(tmp_path, part="1-of-2")
    assert last.path.name == "manifest-1-of-2.jsonl"
    assert last.has(song, "s")
    assert last.has(other, "s")
    assert not last.has(song, "t")


def test_a_song_is_done_while_it_and_its_covers_are_there(tmp_path):
    song = tiny_song.write(tmp_path / "song.wav", duration_s=0.5)
    cover = tmp_path / "song-1.png"
    cover.write_bytes(b"")
    Manifest(tmp_path).done(
        song, sha256=content_hash(song), settings="s", files=[cover]
    )
    read = Manifest(tmp_path)
    assert read.has(song, "s")
    tiny_song.write(song, duration_s=0.7)
    assert not read.has(song, "s")
    song.unlink()
    assert not read.has(song, "s")
    tiny_song.write(song, duration_s=0.5)
    assert read.has(song, "s")
    cover.unlink()
    assert not read.has(song, "s")


def test_the_digest_tells_settings_apart_whatever_their_order():
    assert digest({"a": 1, "b": None}) == digest({"b": None, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
