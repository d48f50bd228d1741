"""Tokens, pages, pauses and refusals."""

import json
import stat
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from jaxsoundart.errors import ArgumentError, SoundCloudError
from jaxsoundart.soundcloud import transport
from jaxsoundart.soundcloud.app import REDIRECT, App
from jaxsoundart.soundcloud.session import SoundCloud
from jaxsoundart.soundcloud.tokens import TokenFile
from jaxsoundart.soundcloud.track import Track
from tests.soundcloud.service import track

JPEG = b"\xff\xd8\xff\xe0 a picture \r\n--\xff\xd9"


@pytest.fixture
def waited(monkeypatch):
    pauses = []
    monkeypatch.setattr(transport.time, "sleep", pauses.append)
    return pauses


def urns(tracks):
    return [track.urn for track in tracks]


def test_a_search_goes_through_all_pages_with_one_token(session, service):
    found = list(session.tracks(genres="house", access="playable"))
    assert urns(found) == [said["urn"] for said in service.found]
    assert [path for _, path, _ in service.asked] == ["/tracks"] * 3
    assert service.asked[0][2] == {
        "genres": "house",
        "access": "playable",
        "limit": "200",
        "linked_partitioning": "true",
    }
    assert service.tokens == 1


def test_a_track_is_read_from_what_is_said_of_it():
    said = track(7, artwork_url="https://i1.sndcdn.com/a.jpg", metadata_artist="Wren")
    read = Track.read(said)
    assert (read.urn, read.title, read.artist) == (said["urn"], "Track 7", "Wren")
    assert (read.has_artwork, read.page) == (True, said["permalink_url"])
    assert Track.read(track(7)).artist == "The Larks"
    assert not Track.read(track(7)).has_artwork
    with pytest.raises(SoundCloudError, match="without a URN"):
        Track.read({"id": 7})


def test_tokens_are_kept_for_their_owner_and_used_again(
    session, service, app, address, token_file
):
    list(session.tracks())
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    again = SoundCloud(app, TokenFile(token_file), api=address, auth=address)
    list(again.tracks())
    assert service.tokens == 1
    token_file.write_text("no token")
    list(again.tracks())
    assert service.tokens == 2


def test_tokens_and_secrets_are_in_no_description(session, app, token_file):
    list(session.tracks())
    shown = repr(TokenFile(token_file).last()) + repr(app)
    assert "access-1" not in shown
    assert "refresh-1" not in shown
    assert app.secret not in shown


def test_a_token_that_cannot_be_kept_is_told(app, address, tmp_path):
    (tmp_path / "file").touch()
    session = SoundCloud(
        app, TokenFile(tmp_path / "file" / "t.json"), api=address, auth=address
    )
    with pytest.raises(SoundCloudError, match="the token cannot be kept in"):
        list(session.tracks())


def test_a_token_that_ends_is_renewed_by_its_refresh_token(
    session, service, token_file
):
    service.lasts_s = 30
    list(session.tracks())
    # Each page wants a new one; every refresh token serves once.
    assert service.tokens == 3
    assert json.loads(token_file.read_text())["refresh"] == "refresh-3"


def test_a_token_that_is_refused_is_renewed_once(signed_in, service, token_file):
    service.own = [track(9)]
    service.revoke()
    assert urns(signed_in.own_tracks()) == ["soundcloud:tracks:9"]
    assert [path for _, path, _ in service.asked] == ["/me/tracks"] * 2
    assert json.loads(token_file.read_text())["access"] == "access-2"
    service.refuse = [("GET /me", 401, {}), ("GET /me", 401, {})]
    with pytest.raises(SoundCloudError, match="the sign-in has ended"):
        list(signed_in.own_tracks())


def test_who_cannot_be_renewed_signs_in_again_and_the_app_begins_anew(
    session, service, signed_in
):
    service.revoke()
    service.refresh = "lost"
    with pytest.raises(SoundCloudError, match="ended; sign in with `jaxsoundart sound"):
        list(signed_in.own_tracks())
    session.authorization._tokens._path.unlink()
    assert len(list(session.tracks())) == 5
    service.revoke()
    service.refresh = "lost"
    assert len(list(session.tracks())) == 5


@pytest.mark.parametrize("place", ["http://elsewhere.example", "https://127.0.0.1"])
def test_the_token_goes_to_no_other_host(session, service, place):
    service.next_host = place
    with pytest.raises(SoundCloudError, match=f"next page is on {place}"):
        list(session.tracks())


def reset(ends):
    said = ends.strftime("%Y/%m/%d %H:%M:%S +0000")
    return {"errors": [{"meta": {"reset_time": said, "remaining_requests": 0}}]}


def test_too_many_requests_are_waited_for(session, service, waited, caplog):
    soon = datetime.now(UTC) + timedelta(seconds=100)
    service.refuse = [
        ("GET /tracks", 429, {}, {"Retry-After": "7"}),
        ("GET /tracks", 429, {}, {"Retry-After": format_datetime(soon, usegmt=True)}),
        ("GET /tracks", 429, reset(soon)),
    ]
    assert len(list(session.tracks())) == 5
    assert waited == [7.0, pytest.approx(100, abs=20), pytest.approx(100, abs=20)]
    assert "SoundCloud asks for a pause of 7 s" in caplog.messages


def test_pauses_without_a_word_double_and_end(session, service, waited):
    service.refuse = [("GET /tracks", 429, {})] * 4
    with pytest.raises(SoundCloudError, match="come again in 8 s"):
        list(session.tracks())
    assert waited == [1.0, 2.0, 4.0]
    service.refuse = [("GET /tracks", 429, {}, {"Retry-After": "40000"})]
    with pytest.raises(SoundCloudError, match="come again in 40000 s"):
        list(session.tracks())
    assert len(waited) == 3


def test_refusals_and_nonsense_are_told(session, service):
    service.refuse = [("GET /tracks", 500, {"message": "so\nit goes"})]
    with pytest.raises(SoundCloudError, match=r"answers 500: so it goes"):
        list(session.tracks())
    service.refuse = [("GET /tracks", 503, b"<html>")]
    with pytest.raises(SoundCloudError, match="answers 503: Service Unavailable"):
        list(session.tracks())
    service.refuse = [("GET /tracks", 200, b"[1]")]
    with pytest.raises(SoundCloudError, match="no JSON object"):
        list(session.tracks())
    with pytest.raises(SoundCloudError, match="answers 404"):
        session.track("soundcloud:tracks:404")


def test_a_wrong_secret_is_told(app, address, token_file):
    wrong = App(app.id, "?")
    session = SoundCloud(wrong, TokenFile(token_file), api=address, auth=address)
    with pytest.raises(SoundCloudError, match="refuses the app's id and secret"):
        list(session.tracks())
    nobody = SoundCloud(app, TokenFile(token_file), auth="http://127.0.0.1:9")
    with pytest.raises(SoundCloudError, match=r"127\.0\.0\.1:9 cannot be asked"):
        list(nobody.tracks())


def test_nothing_but_http_is_asked(session, tmp_path):
    (tmp_path / "secret").write_text("of this machine")
    for place in ((tmp_path / "secret").as_uri(), "ftp://127.0.0.1/", "nowhere"):
        with pytest.raises(SoundCloudError, match=r"cannot be asked|no address"):
            session.fetch(place)


def test_own_tracks_are_for_who_signed_in(session, service):
    with pytest.raises(SoundCloudError, match="nobody has signed in"):
        list(session.own_tracks())
    list(session.tracks())
    with pytest.raises(SoundCloudError, match="nobody has signed in"):
        list(session.own_tracks())


def test_artwork_is_put_as_a_form_with_one_file(signed_in, service):
    service.own = [track(9)]
    (own,) = signed_in.own_tracks()
    assert signed_in.put_artwork(own, JPEG).has_artwork
    assert service.artwork == {own.urn: JPEG}
    assert signed_in.track(own.urn).has_artwork
    service.plan_has_artwork = False
    with pytest.raises(SoundCloudError, match="answers 403: artwork is for PRO users"):
        signed_in.put_artwork(own, JPEG)


def test_artwork_is_put_again_after_a_refused_token_and_a_pause(
    signed_in, service, waited
):
    service.own = [track(9)]
    (own,) = signed_in.own_tracks()
    service.refuse = [("PUT", 429, {}, {"Retry-After": "3"})]
    service.revoke()
    signed_in.put_artwork(own, JPEG)
    assert service.artwork == {own.urn: JPEG}
    assert waited == [3.0]


def test_the_app_is_named_by_the_environment(monkeypatch):
    names = ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI")
    for name in names:
        monkeypatch.delenv(f"SOUNDCLOUD_{name}", raising=False)
    with pytest.raises(ArgumentError, match="SOUNDCLOUD_CLIENT_ID and"):
        App.of_environment()
    for name, value in zip(names[:2], ("a", "b"), strict=True):
        monkeypatch.setenv(f"SOUNDCLOUD_{name}", value)
    assert App.of_environment() == App("a", "b", REDIRECT)
    monkeypatch.setenv("SOUNDCLOUD_REDIRECT_URI", "https://larks.example/back")
    assert App.of_environment().redirect == "https://larks.example/back"


def test_the_token_lies_in_the_users_config_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert TokenFile.of_user()._path == tmp_path / "jaxsoundart" / "soundcloud.json"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / ".config" / "jaxsoundart" / "soundcloud.json"
    assert TokenFile.of_user()._path == place


def test_a_token_is_fresh_until_a_minute_before_its_end(service):
    from jaxsoundart.soundcloud.tokens import Token

    assert Token("a", "r", time.time() + 70, True).fresh
    assert not Token("a", "r", time.time() + 50, True).fresh
