import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import PIL.Image
import pytest

from jaxsoundart.errors import ArgumentError, PictureError
from jaxsoundart.picture.lettering.lettering import Lettering
from jaxsoundart.picture.stores import encoding
from jaxsoundart.picture.stores.encoding import encode
from jaxsoundart.picture.stores.export import Export
from jaxsoundart.picture.stores.fitting import fitted
from jaxsoundart.picture.stores.metadata import xmp
from jaxsoundart.picture.stores.preview import SIDES_PX, preview
from jaxsoundart.picture.stores.rules import judge
from jaxsoundart.picture.stores.store import named, stores


@pytest.fixture
def image():
    """A sky with grain: as restless as paintings are."""
    rng = np.random.default_rng(0)
    down = np.linspace(40, 200, 128)[:, None, None] * np.asarray([0.4, 0.6, 1.0])
    grain = rng.normal(0, 6, (128, 128, 1))
    return np.clip(down + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("store", stores())
def test_what_is_made_for_a_store_breaks_none_of_its_rules(store, image, tmp_path):
    wanted = Export(stores=[store], lettering=Lettering(title="Night", artist="Larks"))
    made = wanted.files(tmp_path / "song-1", image)
    kinds = [encoding.SUFFIXES[kind] for kind in named(store).made]
    assert sorted(path.name for path in made) == sorted(
        f"song-1-{store}{version}{suffix}"
        for version in ("", "-titled")
        for suffix in kinds
    )
    for path, content in made.items():
        path.write_bytes(content)
        assert judge(path, named(store)).breaches == ()


def test_the_same_picture_gives_the_same_bytes(image):
    wanted = Export(stores=["bandcamp"])
    assert wanted.files(Path("a"), image) == wanted.files(Path("a"), image)


def test_a_file_is_as_good_as_its_size_allows(image):
    picture = fitted(image, named("youtube"))
    whole = len(encode(picture, "JPEG", most_bytes=10**7, xmp=b""))
    for most in (round(0.8 * whole), round(0.5 * whole)):
        size = len(encode(picture, "JPEG", most_bytes=most, xmp=b""))
        assert 0.85 * most < size <= most


def test_a_png_gives_up_what_nobody_sees(image):
    whole = encode(image, "PNG", most_bytes=10**7, xmp=b"")
    smaller = encode(image, "PNG", most_bytes=len(whole) - 1, xmp=b"")
    assert len(smaller) < len(whole)
    pixels = np.asarray(PIL.Image.open(io.BytesIO(smaller)), np.int16)
    assert 0 < np.abs(pixels - image).max() <= 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_cannot_be_small_enough_is_said(kind, image):
    with pytest.raises(
        PictureError, match=f"no {kind} of 128 × 128 px and at most 500"
    ):
        encode(image, kind, most_bytes=500, xmp=b"")


def test_another_shape_shows_the_picture_whole(image):
    wide = fitted(image, named("youtube"))
    assert wide.shape == (720, 1280, 3)
    middle = wide[:, 280:1000]
    square = np.asarray(
        PIL.Image.fromarray(image).resize((720, 720), PIL.Image.Resampling.LANCZOS)
    )
    np.testing.assert_array_equal(middle, square)
    assert wide[:, :200].mean() < 0.7 * middle.mean()


def test_files_say_that_they_were_generated(record):
    packet = xmp(record).decode()
    assert "trainedAlgorithmicMedia" in packet
    assert "neon citt\N{LATIN SMALL LETTER A WITH GRAVE} &lt;3" in packet
    assert record.painting.painter_sha256 in packet
    picture = np.full((8, 8, 3), 90, np.uint8)
    picture[0] = 10
    for kind in ("JPEG", "PNG"):
        content = encode(picture, kind, most_bytes=10**6, xmp=xmp(record))
        info = PIL.Image.open(io.BytesIO(content)).info
        inside = info.get("xmp") or info["XML:com.adobe.xmp"].encode()
        root = ElementTree.fromstring(inside.decode().partition("?>")[2])
        said = {node.tag.partition("}")[2]: node.text for node in root.iter()}
        assert said["DigitalSourceType"].endswith("/trainedAlgorithmicMedia")
        assert said["AISystemUsed"] == "bundled"


def test_lettering_for_no_store_keeps_the_size(image):
    wanted = Export(lettering=Lettering(title="Night"))
    ((path, content),) = wanted.files(Path("covers/a"), image).items()
    assert path == Path("covers/a-titled.png")
    assert PIL.Image.open(io.BytesIO(content)).size == (128, 128)


def test_unknown_stores_are_refused_before_anything_is_made():
    with pytest.raises(ArgumentError, match="'nowhere' is unknown"):
        Export(stores=["nowhere"])


def test_a_preview_shows_the_picture_as_small_as_lists_do(image):
    page = preview(image)
    assert page.shape[1] > sum(SIDES_PX)
    small = np.asarray(
        PIL.Image.fromarray(image).resize((64, 64), PIL.Image.Resampling.LANCZOS)
    )
    difference = np.abs(page[16:80, 16:80].astype(int) - small).mean()
    assert difference < 1.0
    assert re.fullmatch(r"uint8", str(page.dtype))
