"""Every rule broken once, every breach caught."""

import dataclasses
import io
import re
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.picture.stores.colour_space import is_srgb, srgb_profile
from jaxsoundart.picture.stores.rules import judge
from jaxsoundart.picture.stores.store import named, stores

SPOTIFY = named("spotify")


@pytest.fixture
def save(tmp_path):
    def save(picture, kind="PNG", **options):
        path = tmp_path / f"cover.{kind.lower()}"
        picture.save(path, format=kind, **options)
        return path

    return save


def picture(width=640, height=640, mode="RGB"):
    across = np.linspace(0, 255, width)[None, :, None] * np.asarray([1.0, 0.5, 0.2])
    levels = np.broadcast_to(across, (height, width, 3)).astype(np.uint8)
    return PIL.Image.fromarray(levels).convert(mode)


def broken(path, store=SPOTIFY):
    return [breach.rule for breach in judge(path, store).breaches]


def test_a_good_picture_breaks_none(save):
    assert broken(save(picture(), icc_profile=srgb_profile())) == []
    assert broken(save(picture(), "JPEG")) == []


@pytest.mark.parametrize(
    ("made", "kind", "options", "rule"),
    [
        (picture(), "WEBP", {}, "file format"),
        (picture(640, 700), "PNG", {}, "shape"),
        (picture(600, 600), "PNG", {}, "size"),
        (picture(mode="L"), "PNG", {}, "colours"),
        (picture(mode="CMYK"), "JPEG", {}, "colours"),
        (picture(mode="P"), "PNG", {}, "colours"),
        (picture(mode="RGBA"), "PNG", {}, "transparency"),
        (picture(), "PNG", {"transparency": (0, 0, 0)}, "transparency"),
        (picture(mode="I;16"), "PNG", {}, "depth"),
        (PIL.Image.new("RGB", (640, 640), "teal"), "PNG", {}, "contents"),
    ],
)
def test_each_rule_is_broken_once_and_caught(made, kind, options, rule, save):
    assert broken(save(made, kind, **options)) == [rule]


def test_a_picture_too_wide_is_caught(save):
    store = dataclasses.replace(SPOTIFY, most_px=700)
    assert broken(save(picture(701, 701)), store) == ["largest size"]
    assert broken(save(picture(700, 700)), store) == []


def test_a_turned_picture_is_caught(save):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    assert broken(save(picture(), "JPEG", exif=exif)) == ["orientation"]


def test_another_colour_space_is_caught(save):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert broken(save(picture(), icc_profile=profile)) == ["colour space"]
    assert broken(save(picture(), icc_profile=b"no profile")) == ["colour space"]


def test_an_animation_is_caught(save):
    frames = [picture(1400, 1400), picture(1400, 1400).rotate(90)]
    path = save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert "animation" in broken(path, named("bandcamp"))


def test_a_file_too_large_is_caught(save):
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3), np.uint8)
    path = save(PIL.Image.fromarray(noise))
    (breach,) = judge(path, named("soundcloud")).breaches
    assert (breach.rule, breach.wanted) == ("file size", "at most 2 MB")
    assert float(breach.got.split()[0]) == pytest.approx(
        path.stat().st_size / 1e6, abs=0.01
    )


def test_a_thumbnail_is_as_wide_as_a_screen(save):
    assert broken(save(picture(1280, 720)), named("youtube")) == []
    assert broken(save(picture(1280, 1280)), named("youtube")) == ["shape"]


def test_detail_is_what_halving_loses(save):
    noise = np.random.default_rng(0).integers(0, 256, (160, 160, 3), np.uint8)
    small = PIL.Image.fromarray(noise)
    large = small.resize((640, 640), PIL.Image.Resampling.BICUBIC)
    assert judge(save(small), SPOTIFY).detail_px == 160
    assert judge(save(large), SPOTIFY).detail_px == 320


def test_what_is_no_picture_is_said(tmp_path):
    path = tmp_path / "cover.png"
    with pytest.raises(PictureError, match="cannot read"):
        judge(path, SPOTIFY)
    path.write_bytes(b"not at all")
    with pytest.raises(PictureError, match="no picture"):
        judge(path, SPOTIFY)
    file = io.BytesIO()
    picture().save(file, "PNG", pnginfo=PngInfo())
    path.write_bytes(file.getvalue()[:-800])
    with pytest.raises(PictureError, match="damaged"):
        judge(path, SPOTIFY)


def test_stores_are_known_by_name():
    assert [*stores()] == [
        *("universal", "soundcloud", "spotify", "apple"),
        *("bandcamp", "youtube", "distrokid"),
    ]
    with pytest.raises(ArgumentError, match="'myspace' is unknown; use one of"):
        named("myspace")


def test_what_passes_everywhere_passes_everywhere():
    """Its limits lie inside those of every store of its shape."""
    most = named("universal")
    for store in stores().values():
        if store.size_px[0] != store.size_px[1]:
            continue
        assert most.least_px >= store.least_px
        assert store.most_px in (0, *range(most.most_px, 10**5))
        assert most.most_bytes["JPEG"] <= store.most_bytes["JPEG"]


def test_the_page_on_stores_says_what_the_table_has():
    page = (Path(__file__).parents[3] / "docs" / "stores.md").read_text("utf-8")
    rows = [
        line.strip("| ").split(" | ") for line in page.splitlines() if "| `" in line
    ]
    assert [row[0].strip("`") for row in rows] == [*stores()]
    for (_, made, least, most), store in zip(rows, stores().values(), strict=True):
        assert made == " × ".join(map(str, store.size_px))
        assert least == " × ".join(map(str, store.least_px))
        said = {float(number) for number in re.findall(r"([0-9]+) MB", most)}
        assert said == {size / 1e6 for size in store.most_bytes.values()}


def test_the_profile_is_srgb_and_always_the_same():
    assert is_srgb(srgb_profile())
    assert srgb_profile() == srgb_profile.__wrapped__()
