"""The sound of one's own tracks: whole, for a while, and asked for by nobody else."""

import shutil
import subprocess

import numpy as np
import pytest

from jaxsoundart.errors import SoundCloudError
from jaxsoundart.sound import files, tags
from jaxsoundart.soundcloud.audio import received
from jaxsoundart.soundcloud.playlist import pieces
from jaxsoundart.soundcloud.track import Track
from tests.soundcloud.service import track

PLACE = "https://media.example/a/playlist.m3u8?signature=s"
HEAD, REST = '#EXTM3U\n#EXT-X-MAP:URI="head.mp4"', "#EXTINF:2,\none.m4s\n#EXT-X-ENDLIST"


def test_a_playlist_names_its_pieces_in_order():
    text = f"{HEAD}\r\n#EXTINF:9.9,\none.m4s\n\n#EXTINF:1,\n/two?s=1\n#EXT-X-ENDLIST\n"
    assert list(pieces(text, PLACE)) == [
        "https://media.example/a/head.mp4",
        "https://media.example/a/one.m4s",
        "https://media.example/two?s=1",
    ]
    plain = f"#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n{REST}"
    assert list(pieces(plain, PLACE)) == ["https://media.example/a/one.m4s"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not understood"),
        ("<html>", "not understood"),
        (f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{REST}", "not understood"),
        (f"{HEAD}\n#EXT-X-BYTERANGE:9@0\n{REST}", "not understood"),
        ('#EXTM3U\n#EXT-X-MAP:URI="h",BYTERANGE="9@0"\n' + REST, "not understood"),
        (f'{HEAD}\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n{REST}', "encrypted"),
        (f"{HEAD}\n#EXTINF:2,\none.m4s", "has no end"),
    ],
)
def test_a_playlist_of_another_kind_is_refused(text, said):
    with pytest.raises(SoundCloudError, match=said):
        list(pieces(text, PLACE))


def test_the_bytes_that_come_are_there_for_a_while(signed_in, service):
    own = Track.read(track(9))
    service.own = [own.said]
    service.stream(own.urn, b"head", b"one", b"two")
    with received(signed_in, own) as path:
        assert path.name == "soundcloud-tracks-9"
        assert path.read_bytes() == b"headonetwo"
    assert not path.parent.exists()
    asked = [path for _, path, _ in service.asked]
    assert asked[:2] == [f"/tracks/{own.urn}/streams", f"/streams/{own.urn}/hls"]
    media = [f"/media/{own.urn}/{name}" for name in service.sounds[own.urn]]
    assert asked[2:] == media


def test_nothing_stays_where_listening_or_receiving_fails(
    signed_in, service, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    own = Track.read(track(9))
    service.own = [own.said]
    service.stream(own.urn, b"head", b"one")
    with pytest.raises(KeyboardInterrupt), received(signed_in, own):
        raise KeyboardInterrupt
    del service.sounds[own.urn]["piece-1"]
    with pytest.raises(SoundCloudError, match="answers 403"):
        received(signed_in, own).__enter__()
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_reaches_no_file_of_this_machine(signed_in, service, tmp_path):
    (tmp_path / "secret").write_text("of this machine")
    own = Track.read(track(9))
    service.own = [own.said]
    place = (tmp_path / "secret").as_uri()
    text = f"#EXTM3U\n#EXTINF:1,\n{place}\n#EXT-X-ENDLIST\n"
    service.stream(own.urn, b"", playlist=text)
    with pytest.raises(SoundCloudError, match="cannot be asked"):
        received(signed_in, own).__enter__()


@pytest.mark.parametrize("access", ["preview", "blocked"])
def test_what_may_not_be_played_is_not_asked_for(session, service, access):
    with pytest.raises(SoundCloudError, match=f"may not be played here: {access}"):
        received(session, Track.read(track(1, access=access))).__enter__()
    assert service.asked == []


def test_a_preview_is_no_track(signed_in, service):
    own = Track.read(track(9))
    service.own = [own.said]
    with pytest.raises(SoundCloudError, match="no full stream"):
        received(signed_in, own).__enter__()


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg")
def test_aac_in_pieces_sounds_like_the_song(signed_in, service, song, tmp_path):
    command = ["ffmpeg", "-v", "error", "-i", song, "-c:a", "aac", "-b:a", "160k"]
    command += ["-f", "hls", "-hls_time", "1", "-hls_playlist_type", "vod"]
    command += ["-hls_segment_type", "fmp4", tmp_path / "playlist.m3u8"]
    subprocess.run(command, check=True, cwd=tmp_path)
    own = Track.read(track(9))
    service.own = [own.said]
    service.sounds[own.urn] = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert len(service.sounds[own.urn]) > 4
    with received(signed_in, own) as path:
        heard = files.read(path)
        assert tags.read(path) == ("soundcloud-tracks-9", "")
    wanted = files.read(song)
    assert heard.duration_s == pytest.approx(wanted.duration_s, abs=0.1)
    levels = [np.sqrt(np.mean(sound.samples**2)) for sound in (heard, wanted)]
    assert levels[0] == pytest.approx(levels[1], rel=0.05)
