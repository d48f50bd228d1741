"""The page at the real server, with the tiny painter."""

import io

import pytest
from PIL import Image

from tests.serve.page.conftest import WAIT_MS

expect = pytest.importorskip("playwright.sync_api").expect

# Listening and painting are compiled first.
COMPILED_MS = 10 * WAIT_MS


def test_from_a_song_to_a_file_for_a_store(visit, served, song, phase):
    page = visit(url=served.url)
    expect(page.locator("#foot")).to_contain_text("deleted from the server")
    page.locator("#options summary").click()
    page.get_by_label("How many pictures").select_option("2")
    page.locator("#file").set_input_files(song)
    phase(page, "words", timeout=COMPILED_MS)
    expect(page.locator("#sleeve-title strong")).to_have_text("night_bus")
    expect(page.locator(".wave-bars path").first).to_be_attached()
    page.locator("#words-0-prompt-0").click()
    expect(page.locator("#why")).not_to_be_empty()
    page.locator("#phrase").fill("moon over a flat sea")
    page.keyboard.press("Enter")
    page.locator("#paint").click()
    phase(page, "done", timeout=COMPILED_MS)
    expect(page.locator("#thumbs img[src^='blob:']")).to_have_count(2)
    expect(page.locator("#caption")).to_contain_text("moon over a flat sea")

    page.get_by_label("Title", exact=True).fill("Night Bus")
    page.get_by_label("Set title and artist on the cover").check()
    page.get_by_label("For", exact=True).select_option("youtube")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    image = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert (image.format, image.size) == ("JPEG", (1280, 720))
    page.reload()
    phase(page, "done")
    page.get_by_role("button", name="Start over with another song").click()
    phase(page, "empty")
