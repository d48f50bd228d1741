"""`jaxsoundart soundcloud`: signing in, listing, painting, uploading."""

import functools
import hashlib
import io
import os
import sys
import threading
import urllib.request
import webbrowser

import PIL.Image
import pytest

from jaxsoundart.cli import terminal
from jaxsoundart.cli.soundcloud import command as soundcloud_command
from jaxsoundart.cli.soundcloud import login
from jaxsoundart.picture import png
from jaxsoundart.soundcloud.app import App
from jaxsoundart.soundcloud.session import SoundCloud
from tests.soundcloud.service import track, visited

URN = "soundcloud:tracks:{}".format


@pytest.fixture
def soundcloud(command, app, address, service, token_file, monkeypatch):
    """Runs `jaxsoundart soundcloud` against the service; no secret may be printed."""
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_ID", app.id)
    monkeypatch.setenv("SOUNDCLOUD_CLIENT_SECRET", app.secret)
    monkeypatch.setenv("SOUNDCLOUD_REDIRECT_URI", app.redirect)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(token_file.parents[1]))
    here = functools.partial(SoundCloud, api=address, auth=address)
    monkeypatch.setattr(soundcloud_command, "SoundCloud", here)

    def run(*arguments):
        done = command("soundcloud", *arguments)
        assert not [word for word in service.secrets if word in done.out + done.err]
        return done

    return run


@pytest.fixture
def answers(monkeypatch):
    """Lets somebody sit at the terminal, who says these lines."""

    def say(*lines):
        monkeypatch.setattr(terminal, "can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{n}\n" for n in lines)))

    return say


@pytest.fixture
def browser(monkeypatch):
    """Opens pages at once, and goes where they send it."""
    opened = []

    def go(address):
        with urllib.request.urlopen(visited(address), timeout=5) as answer:
            answer.read()

    def open_(address):
        opened.append(address)
        threading.Thread(target=go, args=(address,), daemon=True).start()
        return True

    monkeypatch.setattr(webbrowser, "open", open_)
    return opened


def test_a_browser_signs_in(soundcloud, browser, service, token_file):
    done = soundcloud("login")
    assert (done.code, done.out) == (0, "signed in\n")
    assert len(browser) == 1
    assert f"sign in at {browser[0]}" in done.err
    assert service.is_user
    assert token_file.exists()


def test_a_browser_elsewhere_signs_in_by_its_address(
    soundcloud, service, app, monkeypatch
):
    """The address goes through a pipe, as lines of a terminal would."""
    reading, writing = os.pipe()
    with open(reading) as stdin, open(writing, "w") as keyboard:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(terminal, "can_ask", lambda: True)
        monkeypatch.setattr(webbrowser, "open", pytest.fail)
        told = terminal.tell

        def tell(text):
            told(text)
            if text.startswith("sign in at "):
                print(visited(text.removeprefix("sign in at ")), file=keyboard)
                keyboard.flush()

        monkeypatch.setattr(terminal, "tell", tell)
        done = soundcloud("login", "--no-browser")
    assert (done.code, done.out) == (0, "signed in\n")
    assert service.is_user


def test_an_app_that_redirects_elsewhere_is_told_the_address(
    soundcloud, service, app, monkeypatch
):
    elsewhere = App(app.id, app.secret, "https://larks.example/back")
    monkeypatch.setenv("SOUNDCLOUD_REDIRECT_URI", elsewhere.redirect)
    service.app = elsewhere
    pages = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    monkeypatch.setattr(terminal, "ask", lambda question: visited(pages[0]))
    assert soundcloud("login").out == "signed in\n"
    monkeypatch.setattr(terminal, "ask", lambda question: None)
    done = soundcloud("login")
    assert done.code == 2
    assert "not of this sign-in" in done.errors[0]


def test_nobody_is_waited_for_for_ever(soundcloud, monkeypatch):
    monkeypatch.setattr(login, "_PATIENCE_S", 0.05)
    done = soundcloud("login", "--no-browser")
    assert done.code == 1
    assert "nobody has signed in for ten minutes" in done.errors[0]


def test_tracks_are_listed(soundcloud, service, signed_in):
    there = "https://i1.sndcdn.com/artworks.jpg"
    service.own = [track(1, title="Night\x1b Bus"), track(2, artwork_url=there)]
    service.own += [track(3)]
    done = soundcloud("tracks")
    assert done.code == 0
    assert done.lines == [
        r"soundcloud:tracks:1  -        Night\x1b Bus",
        "soundcloud:tracks:2  artwork  Track 2",
        "soundcloud:tracks:3  -        Track 3",
    ]
    done = soundcloud("tracks", "--without-artwork", "--json")
    assert done.json["tracks"][1] == {
        "track": "soundcloud:tracks:3",
        "title": "Track 3",
        "page": "https://soundcloud.com/the-larks/track-3",
        "has_artwork": False,
    }
    assert len(done.json["tracks"]) == 2


def test_who_has_not_signed_in_is_told_how(soundcloud):
    for verb in (("tracks",), ("paint", "--without-artwork")):
        done = soundcloud(*verb)
        assert done.code == 1
        assert "`jaxsoundart soundcloud login`" in done.errors[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "required"),
        (("paint",), "nothing to paint"),
        (("paint", URN(1), "--yes", "5"), "none of the 4 pictures"),
        (("paint", URN(1), "--yes", "0", "--count", "2"), "none of the 2 pictures"),
        (("paint", URN(1), "--artist", "Larks"), "needs --title"),
        (("paint", URN(1), "--count", "0"), "count"),
        (("tracks", "--yes", "1"), "unrecognized"),
    ],
)
def test_wrong_arguments_ask_nobody(soundcloud, service, arguments, said, tmp_path):
    done = soundcloud(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.errors[0]
    assert service.asked == []
    assert list(tmp_path.iterdir()) == []


def test_without_an_app_it_is_told_what_to_do(command, monkeypatch):
    monkeypatch.delenv("SOUNDCLOUD_CLIENT_ID", raising=False)
    done = command("soundcloud", "tracks")
    assert done.code == 2
    assert "register an app" in done.errors[0]


def serve(service, number, song, **more):
    """Gives the user a track with the sound of a file, in three pieces."""
    sound = song.read_bytes()
    service.own.append(track(number, **more))
    service.stream(URN(number), sound[:99], sound[99:5000], sound[5000:])


def test_tracks_without_artwork_are_painted_and_the_second_picture_goes_up(
    soundcloud, service, signed_in, song, fast, tmp_path, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    serve(service, 1, song, title="Nachtbus / 夜", metadata_artist="Wren")
    service.own.append(track(2))
    serve(service, 3, song, artwork_url="https://i1.sndcdn.com/artworks.jpg")
    arguments = ("--without-artwork", "--yes", 2, "--count", 2, "--title", "auto")
    done = soundcloud("paint", *arguments, "--json", *fast)
    assert done.code == 1
    (error,) = done.errors
    assert error.endswith("Track 2: it has no full stream")
    painted, preview = done.json["tracks"]
    assert preview["error"] == "it has no full stream"
    assert service.uploads() == [f"/tracks/{URN(1)}"]
    # It went up before the next track was begun.
    assert service.asked[-1][1] == f"/tracks/{URN(2)}/streams"
    uploaded = tmp_path / "covers" / "Nachtbus _ 夜-2-soundcloud-titled.jpg"
    assert painted["uploaded"] == str(uploaded.relative_to(tmp_path))
    assert painted["covers"][1]["exports"][-1] == painted["uploaded"]
    assert service.artwork == {URN(1): uploaded.read_bytes()}
    with PIL.Image.open(uploaded) as picture:
        assert (picture.format, picture.size) == ("JPEG", (3000, 3000))
    remembered = png.read(painted["covers"][1]["file"])[1].song
    assert remembered.sha256 == hashlib.sha256(song.read_bytes()).hexdigest()
    assert remembered.title == "Nachtbus / 夜"
    assert remembered.artist == "Wren"
    assert remembered.file_name == "soundcloud-tracks-1"
    assert os.path.exists(painted["sheet"])
    # Of the sound nothing stays.
    assert list(temporary.iterdir()) == []


def test_named_tracks_are_painted_and_asked_for(
    soundcloud, service, signed_in, song, fast, answers
):
    serve(service, 1, song)
    serve(service, 2, song, artwork_url="https://i1.sndcdn.com/artworks.jpg")
    answers("seven", "2", "1")
    page = "https://soundcloud.com/the-larks/track-1/?utm_source=mail"
    named = (URN(2), "nonsense", page, URN(1))
    done = soundcloud("paint", *named, "--count", 1, *fast)
    assert done.code == 1
    assert "nonsense is none of your tracks" in done.errors[0]
    assert len(done.errors) == 1
    covers = [os.path.join("covers", f"Track {nth}-1") for nth in (2, 1)]
    paths = [base + end for base in covers for end in (".png", "-soundcloud.jpg")]
    uploaded = f"{URN(1)}  uploaded  {covers[1]}-soundcloud.jpg"
    assert done.lines == [*paths, uploaded]
    assert "Track 2: has artwork, which stays" in done.err
    assert done.err.count("Track 1: upload picture 1, or none?") == 3
    assert list(service.artwork) == [URN(1)]


def test_with_nothing_to_paint_nothing_is_loaded(soundcloud, service, signed_in):
    service.own = [track(1, artwork_url="https://i1.sndcdn.com/artworks.jpg")]
    done = soundcloud("paint", "--without-artwork", "--painter", "nowhere")
    assert (done.code, done.out) == (0, "")
    assert "there is no track to paint" in done.err
