"""Pictures as files for stores."""

import io

import PIL.Image
import pytest


@pytest.fixture(scope="module")
def path(served, sound):
    id = served.post(sound, name="夜 drive.wav", count=1).json()["id"]
    served.until(id, "done")
    return f"/api/v1/jobs/{id}/pictures/1/export"


def test_a_store_gets_its_file_with_a_name(path, served):
    answer = served.client.get(path, params={"store": "youtube"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="_ drive-1-youtube.jpg"; '
        "filename*=UTF-8''%E5%A4%9C%20drive-1-youtube.jpg"
    )
    picture = PIL.Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("JPEG", (1280, 720))


def test_a_title_is_lettered(path, served):
    plain = served.client.get(path, params={"store": "youtube"})
    words = {"store": "youtube", "title": "Night Drive", "artist": "The Larks"}
    answer = served.client.get(path, params=words)
    assert answer.status_code == 200
    assert "titled" in answer.headers["content-disposition"]
    assert answer.content != plain.content


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "store cannot be meant"),
        ({"store": "../../etc"}, "store '../../etc' is unknown"),
        ({"store": "youtube", "artist": "A"}, "an artist is given, but no title"),
        ({"store": "youtube", "title": "x" * 301}, "title cannot be meant"),
        ({"store": "youtube", "title": "\U000f0000"}, ""),
        ({"store": "youtube", "title": "word " * 60}, ""),
    ],
)
def test_what_cannot_be_made_is_said(asked, message, path, served):
    answer = served.client.get(path, params=asked)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]


def test_there_is_nothing_of_what_is_not_painted(path, served):
    other = path.replace("/1/", "/2/")
    answer = served.client.get(other, params={"store": "youtube"})
    assert answer.status_code == 404
