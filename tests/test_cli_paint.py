"""The commands that paint without a song: paint, compile, replay."""

import os
import re

import numpy as np

from jaxsoundart.picture import png


def test_paint_and_paint_over(command, fast, tmp_path):
    done = command("paint", "--prompt", "desert dunes, 夜", "--count", 2, *fast)
    assert done.code == 0
    assert [os.path.basename(line) for line in done.lines] == [
        "desert-dunes-夜-1.png",
        "desert-dunes-夜-2.png",
        "desert-dunes-夜-sheet.png",
    ]
    assert "has not learnt the words: 夜;" in done.err
    under = done.lines[0]
    again = ("paint", "--prompt", "moon", "--over", under, "--strength", 1)
    over = command(*again, "--json", *fast).json["pictures"][0]
    assert over["record"]["painting"]["settings"]["strength"] == 1.0
    equal = command("replay", over["file"], "--over", under)
    assert (equal.code, equal.out) == (0, f"{over['file']}: equal bit for bit\n")
    assert (
        "painted with --over; name that file again"
        in command("replay", over["file"]).err
    )
    wrong = command("replay", over["file"], "--over", done.lines[1])
    assert wrong.code == 1
    assert "is not what" in wrong.err


def test_replay_compares_bit_by_bit(command, fast, song, tmp_path):
    command("cover", song, "--count", 2, *fast)
    cover = tmp_path / "covers" / "song-2.png"
    done = command("replay", cover, "-o", "new/again.png")
    assert (done.code, done.out) == (0, f"{cover}: equal bit for bit\n")
    assert (tmp_path / "new" / "again.png").read_bytes() == cover.read_bytes()
    image, record = png.read(cover)
    edited = image.copy()
    edited[3, 4] ^= 1
    png.write(cover, edited, record)
    done = command("replay", cover)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].endswith("1 of 256 pixels differ, by at most 1 of 255")
    assert command("replay", cover, "--json").json["is_equal"] is False


def test_long_prompts_are_painted_or_refused_if_asked(command, fast, song):
    long = ", ".join(f"moon {n}" for n in range(60))
    asked = ("cover", song, "--count", 1, "--prompt", long)
    assert command(*asked, *fast).code == 0
    refused = command(*asked, "--no-long-prompts", *fast)
    assert refused.code == 2
    assert re.fullmatch(r"jaxsoundart: .*prompt has \d+ tokens.*", refused.errors[-1])


def test_size_enlargement_and_variations(command, fast):
    asked = ("paint", "--prompt", "moon", "--count", 2, "--seed", 5, "--json")
    more = ("--size", "16x8", "--enlarge", 2, "--vary", 0.2)
    done = command(*asked, *more, *fast)
    first, second = (picture["record"]["painting"] for picture in done.json["pictures"])
    assert done.json["seconds"]["compile"] > 0.0
    image, _ = png.read(done.json["pictures"][0]["file"])
    assert image.shape == (16, 32, 3)
    assert (first["seed"], first["variation"]) == (5, 0.0)
    noise = (second["seed"], second["variation"], second["variation_seed"])
    assert noise == (5, 0.2, 6)
    again = command("replay", done.json["pictures"][1]["file"])
    assert again.out.endswith("equal bit for bit\n")


def test_painting_into_a_mask(command, fast, tmp_path):
    (under,) = command("paint", "--prompt", "moon", *fast).lines
    picture, record = png.read(under)
    mask = np.zeros_like(picture)
    mask[:, 8:] = 255
    png.write(tmp_path / "mask.png", mask, record)
    into = ("--over", under, "--mask", "mask.png", "--strength", 1)
    done = command("paint", "--prompt", "sun", "--seed", 3, *into, *fast)
    painted, _ = png.read(done.lines[0])
    np.testing.assert_array_equal(painted[:, :8], picture[:, :8])
    assert (painted[:, 8:] != picture[:, 8:]).any()
    again = ("replay", done.lines[0], "--over", under)
    assert command(*again, "--mask", "mask.png").out.endswith("equal bit for bit\n")
    assert "painted with --mask" in command(*again).err


def test_compiling_says_how_long_it_took(command, fast):
    done = command("compile", *fast)
    assert done.code == 0
    assert re.search(r"16×16 px: compiled in \d+\.\d s, kept in ", done.out)
    report = command("compile", "--size", 24, "--json", *fast).json
    assert (report["width_px"], report["height_px"]) == (24, 24)
    assert report["compile_s"] > 0.0
