"""Which picture is uploaded, and what happens if it cannot be."""

from argparse import Namespace

import pytest

from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.cli.soundcloud.uploading import upload
from jaxsoundart.errors import SoundCloudError
from jaxsoundart.soundcloud.track import Track
from tests.soundcloud.service import track

ARTWORK = "https://i1.sndcdn.com/artworks.jpg"


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / f"song-{nth}-soundcloud.jpg" for nth in (1, 2, 3)]
    for nth, path in enumerate(paths):
        path.write_bytes(b"\xff\xd8\xff" + bytes([nth]))
    return paths


@pytest.fixture
def sent(signed_in, service, pictures):
    """Uploads one of three pictures of a track; returns which."""

    def run(*, before=None, now=None, yes=None, replace=False):
        service.own = [track(9, artwork_url=now)]
        options = Namespace(yes=yes, replace=replace, json=False)
        known = Track.read(track(9, artwork_url=before))
        return upload(signed_in, known, pictures, options, Progress())

    return run


@pytest.fixture
def questions(monkeypatch):
    """Answers questions at a terminal by the lines set."""
    lines, asked = [], []

    def ask(question):
        asked.append(question)
        return lines.pop(0)

    monkeypatch.setattr(terminal, "can_ask", lambda: True)
    monkeypatch.setattr(terminal, "ask", ask)
    return lines, asked


def test_the_one_that_is_named_goes_up_without_a_question(sent, service, pictures):
    assert sent(yes=3) == pictures[2]
    assert list(service.artwork.values()) == [pictures[2].read_bytes()]


@pytest.mark.parametrize(
    ("said", "nth"), [(["2"], 1), (["x", "0x1", "4", "-1", "²", "3"], 2)]
)
def test_the_one_that_is_chosen_goes_up(sent, pictures, questions, said, nth):
    lines, asked = questions
    lines += said
    assert sent() == pictures[nth]
    assert asked == ["Track 9: upload picture 1 to 3, or none?"] * len(said)


@pytest.mark.parametrize("said", ["", "n", "No", "none", "0", None])
def test_none_is_an_answer(sent, service, questions, said):
    questions[0].append(said)
    assert sent() is None
    assert service.uploads() == []


def test_without_a_terminal_nothing_goes_up(sent, service, capsys):
    assert sent() is None
    assert "without a terminal or --yes" in capsys.readouterr().err
    assert service.asked == []


def test_artwork_that_is_there_stays(sent, service, questions, capsys):
    assert sent(before=ARTWORK, now=ARTWORK, yes=1) is None
    assert "--replace replaces it" in capsys.readouterr().err
    # It came while the song was painted.
    assert sent(before=None, now=ARTWORK, yes=1) is None
    assert "has artwork by now" in capsys.readouterr().err
    assert service.uploads() == []
    assert questions[1] == []


def test_artwork_that_is_there_is_replaced_if_asked(sent, service, pictures):
    assert sent(before=ARTWORK, now=ARTWORK, yes=1, replace=True) == pictures[0]
    assert list(service.artwork.values()) == [pictures[0].read_bytes()]


def test_a_failed_upload_says_what_to_do_and_leaves_the_picture(
    sent, service, pictures
):
    service.refuse = [("PUT", 500, {"message": "oh"})]
    with pytest.raises(SoundCloudError, match=r"500: oh; .*2-soundcloud\.jpg is"):
        sent(yes=2)
    assert pictures[1].exists()
    service.plan_has_artwork = False
    with pytest.raises(SoundCloudError, match=r"for PRO users; .*by hand"):
        sent(yes=2)
    pictures[1].unlink()
    with pytest.raises(SoundCloudError, match="No such file"):
        sent(yes=2)
