import dataclasses
import errno
import io
import os
import struct
import zlib

import numpy as np
import PIL.Image
import pytest
from PIL.PngImagePlugin import PngInfo

from jaxsoundart.errors import PictureError
from jaxsoundart.picture import png
from jaxsoundart.picture.record import Record, from_json


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)


def with_prompt(record: Record, prompt: str) -> Record:
    return dataclasses.replace(
        record, brief=dataclasses.replace(record.brief, prompt=prompt)
    )


def chunks_of(content: bytes) -> list[tuple[bytes, bytes]]:
    """Reads a PNG's chunks by the specification, without Pillow."""
    chunks, at = [], 8
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        (crc,) = struct.unpack_from(">I", content, at + 8 + length)
        assert crc == zlib.crc32(kind + data)
        chunks.append((kind, data))
        at += length + 12
    return chunks


@pytest.mark.parametrize("length", [10, 3000, 200_000])
def test_pixels_and_record_come_back_as_they_went(tmp_path, image, record, length):
    record = with_prompt(record, "ü" * length)
    png.write(tmp_path / "cover.png", image, record)
    pixels, again = png.read(tmp_path / "cover.png")
    np.testing.assert_array_equal(pixels, image)
    assert pixels.dtype == np.uint8
    assert again == record


def test_the_json_beside_is_the_record_inside(tmp_path, image, record):
    png.write(tmp_path / "cover.png", image, record)
    assert sorted(os.listdir(tmp_path)) == ["cover.json", "cover.png"]
    assert from_json((tmp_path / "cover.json").read_text("utf-8")) == record


def test_equal_pictures_are_equal_bytes(tmp_path, image, record):
    for name in ("a", "b"):
        png.write(tmp_path / f"{name}.png", image, record)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    png.write(tmp_path / "b.png", 255 - image, record)
    assert (tmp_path / "a.png").read_bytes() != (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(("length", "compressed"), [(10, 0), (5000, 1)])
def test_the_chunks_are_those_of_the_specification(
    tmp_path, image, record, length, compressed
):
    record = with_prompt(record, "ü" * length)
    png.write(tmp_path / "cover.png", image, record)
    chunks = chunks_of((tmp_path / "cover.png").read_bytes())
    kinds = [kind for kind, _ in chunks]
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    assert kinds.index(b"sRGB") < kinds.index(b"IDAT")
    assert dict(chunks)[b"sRGB"] == b"\x00"
    keyword, rest = dict(chunks)[b"iTXt"].split(b"\x00", 1)
    assert keyword == b"jaxsoundart"
    assert rest[:4] == bytes([compressed, 0, 0, 0])
    text = zlib.decompress(rest[4:]) if compressed else rest[4:]
    assert text.decode("utf-8") == record.to_json()


def test_a_new_file_takes_the_place_of_the_old(tmp_path, image, record):
    png.write(tmp_path / "cover.png", image, record)
    png.write(tmp_path / "cover.png", 255 - image, with_prompt(record, "other"))
    pixels, again = png.read(tmp_path / "cover.png")
    np.testing.assert_array_equal(pixels, 255 - image)
    assert again.brief.prompt == "other"
    assert len(os.listdir(tmp_path)) == 2


def full_disk(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def fails_at_call(number, function, failure=full_disk):
    """Returns `function`, failing at its call number `number`."""
    calls = iter(range(1, 1000))
    return lambda *a: failure() if next(calls) == number else function(*a)


@pytest.mark.parametrize("old", [False, True], ids=["new", "over an old one"])
@pytest.mark.parametrize(
    ("function", "call"),
    [("fsync", 1), ("fsync", 2), ("replace", 1), ("replace", 2)],
)
def test_a_full_disk_leaves_everything_as_it_was(
    tmp_path, monkeypatch, image, record, function, call, old
):
    if old:
        png.write(tmp_path / "cover.png", image, record)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    failing = fails_at_call(call, getattr(os, function))
    monkeypatch.setattr(os, function, failing)
    with pytest.raises(PictureError, match="No space left on device") as caught:
        png.write(tmp_path / "cover.png", 255 - image, with_prompt(record, "other"))
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_file_systems_without_hard_links_are_as_safe(
    tmp_path, monkeypatch, image, record
):
    def no_links(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    png.write(tmp_path / "cover.png", image, record)
    png.write(tmp_path / "cover.png", image, with_prompt(record, "second"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(before) == 2
    # Aside, JSON, aside, and then the picture itself.
    monkeypatch.setattr(os, "replace", fails_at_call(4, os.replace))
    with pytest.raises(PictureError, match="No space left"):
        png.write(tmp_path / "cover.png", image, record)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interruption_leaves_everything_as_it_was(
    tmp_path, monkeypatch, image, record
):
    def interrupt():
        raise KeyboardInterrupt

    png.write(tmp_path / "cover.png", image, record)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(os, "replace", fails_at_call(2, os.replace, interrupt))
    with pytest.raises(KeyboardInterrupt):
        png.write(tmp_path / "cover.png", image, with_prompt(record, "other"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["cover.png", "cover.json"])
def test_a_folder_in_the_way_is_told(tmp_path, image, record, name):
    (tmp_path / name).mkdir()
    with pytest.raises(PictureError, match=f"{name}: it is a folder"):
        png.write(tmp_path / "cover.png", image, record)
    assert os.listdir(tmp_path) == [name]


def test_a_folder_that_cannot_be_written_is_told(tmp_path, image, record):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PictureError, match="Not a directory"):
        png.write(tmp_path / "file" / "cover.png", image, record)
    with pytest.raises(PictureError, match="No such file or directory"):
        png.write(tmp_path / "missing" / "cover.png", image, record)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["cover.jpg", "cover.json", "cover"])
def test_a_cover_is_named_png(tmp_path, image, record, name):
    with pytest.raises(PictureError, match=r"ends in \.png"):
        png.write(tmp_path / name, image, record)


def test_a_record_no_reader_would_take_is_not_written(tmp_path, image, record):
    with pytest.raises(PictureError, match="shorter prompt"):
        png.write(tmp_path / "cover.png", image, with_prompt(record, "x" * 2**20))
    assert os.listdir(tmp_path) == []


def foreign_png(tmp_path, text=None, keyword="jaxsoundart", size=(4, 4), zip=True):
    info = PngInfo()
    if text is not None:
        info.add_itxt(keyword, text, zip=zip)
    PIL.Image.new("RGB", size).save(tmp_path / "foreign.png", pnginfo=info)
    return tmp_path / "foreign.png"


@pytest.mark.parametrize(
    ("text", "keyword", "message"),
    [
        (None, "", "carries no record"),
        ("a cat", "Comment", "carries no record"),
        ("a cat", "jaxsoundart", "the record is damaged"),
        ('{"schema": 9}', "jaxsoundart", "schema 9"),
        ("x" * 2**21, "jaxsoundart", "too large"),
    ],
)
def test_a_foreign_png_is_told(tmp_path, text, keyword, message):
    path = foreign_png(tmp_path, text, keyword)
    with pytest.raises(PictureError, match=message) as caught:
        png.read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_png_is_told(tmp_path):
    for name, save in {
        "photo.jpg": lambda f: PIL.Image.new("RGB", (4, 4)).save(f, format="JPEG"),
        "text.png": lambda f: f.write(b"hello"),
        "empty.png": lambda f: None,
    }.items():
        with open(tmp_path / name, "wb") as file:
            save(file)
        with pytest.raises(PictureError, match="not a PNG"):
            png.read(tmp_path / name)
    with pytest.raises(PictureError, match="No such file"):
        png.read(tmp_path / "missing.png")
    with pytest.raises(PictureError, match="directory"):
        png.read(tmp_path)


def test_a_picture_too_large_to_be_a_cover_is_told(tmp_path):
    content = foreign_png(tmp_path).read_bytes()
    header = b"IHDR" + struct.pack(">II", 30_000, 30_000) + content[24:29]
    (tmp_path / "bomb.png").write_bytes(
        content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]
    )
    with pytest.raises(PictureError, match="damaged"):
        png.read(tmp_path / "bomb.png")


def test_no_truncation_goes_unnoticed(tmp_path, image, record):
    png.write(tmp_path / "cover.png", image, record)
    content = (tmp_path / "cover.png").read_bytes()
    for length in range(0, len(content), 97):
        (tmp_path / "part.png").write_bytes(content[:length])
        with pytest.raises(PictureError):
            png.read(tmp_path / "part.png")


def test_damage_gives_a_clear_error_or_the_same_picture(tmp_path, image, record):
    png.write(tmp_path / "cover.png", image, with_prompt(record, "x" * 3000))
    content = (tmp_path / "cover.png").read_bytes()
    path = tmp_path / "damaged.png"
    noticed = 0
    places = np.random.default_rng(1).integers(0, len(content), 300)
    for at in [*range(60), *places.tolist()]:
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            pixels, _ = png.read(path)
        except PictureError as error:
            assert "\n" not in str(error)  # noqa: PT017 - some damage may pass
            noticed += 1
        else:
            np.testing.assert_array_equal(pixels, image)
    assert noticed > 300


def test_plain_pictures_have_no_record(tmp_path, image):
    png.write_plain(tmp_path / "plain.png", image)
    assert os.listdir(tmp_path) == ["plain.png"]
    with PIL.Image.open(io.BytesIO((tmp_path / "plain.png").read_bytes())) as file:
        np.testing.assert_array_equal(np.array(file), image)
    with pytest.raises(PictureError, match="carries no record"):
        png.read(tmp_path / "plain.png")
