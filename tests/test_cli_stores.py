"""`export`, `check`, and what else `cover` makes."""

import io
import json

import numpy as np
import PIL.Image
import pytest
import soundfile
import tinytag

from jaxsoundart.picture import pixels, png


@pytest.fixture
def picture(tmp_path):
    levels = np.random.default_rng(0).integers(0, 90, (16, 16, 3), np.uint8)
    image = PIL.Image.fromarray(levels).resize((96, 96), PIL.Image.Resampling.BICUBIC)
    path = tmp_path / "art.png"
    png.write_plain(path, np.asarray(image))
    return path


def test_what_is_exported_passes_the_check(command, picture, tmp_path):
    done = command("export", picture, "--store", "youtube", "-o", "out")
    assert (done.code, done.errors) == (0, [])
    assert done.lines == ["out/art-youtube.jpg"]
    checked = command("check", "out/art-youtube.jpg", "--store", "youtube")
    assert checked.code == 0
    assert checked.lines == ["out/art-youtube.jpg: fit for youtube"]


def test_a_check_names_what_is_broken(command, picture, tmp_path):
    done = command("check", picture, "--json", "--preview", "small.png")
    assert done.code == 1
    (report,) = json.loads(done.out)["pictures"]
    (breach,) = report["breaches"]
    assert breach == {
        "rule": "size",
        "got": "96 × 96 px",
        "wanted": "at least 3000 × 3000 px",
    }
    assert pixels.read_whole(tmp_path / "small.png").shape[1] > 500
    lines = command("check", picture, picture).lines
    assert lines == [f"{picture}: size: 96 × 96 px, not at least 3000 × 3000 px"] * 2


def test_a_title_is_lettered_beside_the_plain_picture(command, picture, tmp_path):
    before = picture.read_bytes()
    done = command("export", picture, "--title", "Night", "--artist", "The Larks")
    assert done.lines == [str(tmp_path / "art-titled.png")]
    assert picture.read_bytes() == before
    lettered = pixels.read_whole(tmp_path / "art-titled.png")
    assert np.any(lettered != pixels.read_whole(picture))


def test_a_cover_is_lettered_from_its_songs_tags(command, fast, song, tmp_path):
    with soundfile.SoundFile(song) as file:
        samples, rate = file.read(), file.samplerate
    with soundfile.SoundFile(tmp_path / "tagged.flac", "w", rate, 1) as file:
        file.title, file.artist = "Nachtbus", "The Larks"
        file.write(samples)
    made = ("cover", tmp_path / "tagged.flac", "--count", 1, "--title", "auto", *fast)
    done = command(*made, "--json")
    assert done.code == 0
    (cover,) = json.loads(done.out)["songs"][0]["covers"]
    assert cover["record"]["song"]["title"] == "Nachtbus"
    assert cover["record"]["song"]["artist"] == "The Larks"
    assert cover["exports"] == ["covers/tagged-1-titled.png"]
    again = command("export", "covers/tagged-1.png", "--title", "auto", "-o", "again")
    assert again.code == 0
    names = "covers/tagged-1-titled.png", "again/tagged-1-titled.png"
    first, second = ((tmp_path / name).read_bytes() for name in names)
    assert first == second


def test_a_copy_of_the_song_carries_the_first_cover(command, fast, song, tmp_path):
    pytest.importorskip("mutagen")
    done = command("cover", song, "--count", 1, "--embed", *fast)
    assert done.code == 0
    assert done.lines == ["covers/song-1.png", "covers/song-1.wav"]
    image = tinytag.TinyTag.get("covers/song-1.wav", image=True).images.front_cover
    with PIL.Image.open(io.BytesIO(image.data)) as inside:
        assert inside.format == "JPEG"
        painted = pixels.read_whole(tmp_path / "covers" / "song-1.png")
        assert np.abs(np.asarray(inside, int) - painted).mean() < 8
    samples = soundfile.read("covers/song-1.wav")[0]
    np.testing.assert_array_equal(samples, soundfile.read(song)[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "art.png"), "nothing to make"),
        (("export", "art.png", "--store", "myspace"), "invalid choice"),
        (("export", "art.png", "--artist", "Larks"), "--artist needs --title"),
        (("export", "art.png", "--title", "auto"), "needs a cover of a song"),
        (("export", "art.png", "--title", "ሰላም"), "no bundled typeface"),
        (("cover", "a.wav", "--title", " "), "needs a title"),
        (("check", "art.png", "b.png", "--preview", "c.png"), "name one"),
    ],
)
def test_wrong_wishes_are_one_line_and_exit_2(
    command, picture, tmp_path, arguments, said
):
    done = command(*arguments)
    assert done.code == 2
    (line,) = done.errors
    assert said in line
    assert [path.name for path in tmp_path.iterdir()] == ["art.png"]


def test_what_cannot_be_read_is_one_line_and_exit_1(command, picture, tmp_path):
    (tmp_path / "notes.png").write_bytes(b"notes")
    for arguments in (
        ("export", "none.png", "--store", "apple"),
        ("export", "notes.png", "--store", "apple"),
        ("check", "none.png"),
        ("check", "notes.png"),
    ):
        done = command(*arguments)
        assert done.code == 1
        assert len(done.errors) == 1
