"""From a song to its file: what most visitors do."""

import io
import re

import pytest
from PIL import Image

from tests.serve.page import scripted

expect = pytest.importorskip("playwright.sync_api").expect


def test_upload_edit_paint_and_download(visit, server, song, phase):
    server.hold(hearing=0, steps=0)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "hearing")
    expect(page.locator("#wave")).to_be_visible()
    expect(page.locator("#work-title")).to_have_text("Listening")
    server.let(hearing=1)
    phase(page, "words")
    expect(page.locator("#heard")).to_contain_text("rock?")
    expect(page.locator("#heard")).to_contain_text("It could also be country or")

    page.get_by_role("button", name="slow swirls of liquid marble").click()
    expect(page.locator("#why")).to_contain_text("Nearest to rock, though unsure")
    page.locator("#phrase").fill("a lighthouse, heavy rain")
    page.keyboard.press("Enter")
    page.locator("#words-0-negative-0").click()
    page.locator("#phrase-remove").click()
    page.get_by_role("button", name="Leave out picture 4").click()
    expect(page.locator("#paint")).to_have_text("Paint 3 pictures")
    page.locator("#paint").click()

    server.let(steps=scripted.STEPS + 2)
    phase(page, "painting")
    expect(page.locator("#work-title")).to_have_text("Painting 2 of 3")
    expect(page.locator("#work-detail")).to_have_text("Step 2 of 4")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "50")
    expect(page.locator("#large img")).to_have_attribute("src", _is("data:image/jpeg"))
    (job,) = server.jobs.values()
    first = job["briefs"][0]
    assert first["prompt"].startswith("a lighthouse, heavy rain, inky deep blue")
    assert first["negative_prompt"] == "city skyline, film grain"
    assert len(job["briefs"]) == 3

    server.let(steps=100)
    phase(page, "done")
    expect(page.locator("#thumbs img[src^='blob:']")).to_have_count(3)
    page.get_by_label("Picture 2: ").check(force=True)
    expect(page.locator("#caption")).to_contain_text("tumbling geometric shapes")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Midnight Drive")
    page.get_by_label("For", exact=True).select_option("spotify")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "Midnight Drive-spotify.png"
    shown = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert shown.getpixel((48, 48)) == scripted.picture(2).getpixel((48, 48))


def test_pictures_that_are_painted_at_once(visit, server, song, phase):
    server.at_once = 3
    server.hold(steps=2)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.locator("#paint").click()
    expect(page.locator("#work-title")).to_have_text("Painting 1, 2, and 3 of 4")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "38")
    expect(page.locator("#thumbs img:visible")).to_have_count(3)
    expect(page.get_by_label("Picture 1: ")).to_be_checked()
    # Who looks at one goes on looking at it.
    page.get_by_label("Picture 3: ").check(force=True)
    server.let(steps=3)
    expect(page.locator("#work-title")).to_have_text("Painting 4 of 4")
    expect(page.locator("#live")).to_have_text("Painting 4 of 4")
    expect(page.get_by_label("Picture 3: ")).to_be_checked()
    server.let(steps=100)
    phase(page, "done")
    expect(page.get_by_label("Picture 3: ")).to_be_checked()


def test_cancel_goes_back_to_the_words(visit, server, song, phase):
    server.hold(steps=2)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.get_by_role("button", name="smooth gradients").press("Delete")
    page.locator("#paint").click()
    expect(page.locator("#work-detail")).to_have_text("Step 2 of 4")
    page.get_by_role("button", name="Cancel").click()

    phase(page, "words")
    expect(page.locator("#live")).to_contain_text("Cancelled")
    expect(page.locator("#paint")).to_be_focused()
    _until(page, lambda: not server.jobs)
    # The words are still as they were changed, and painting sends the song along.
    server.let(steps=100)
    page.locator("#paint").click()
    phase(page, "done")
    (job,) = server.jobs.values()
    assert "smooth gradients" not in job["briefs"][0]["prompt"]
    assert len(server.uploads) == 2


def test_cancel_while_it_listens_begins_anew(visit, server, song, phase):
    server.hold(hearing=0)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "hearing")
    page.get_by_role("button", name="Cancel").click()
    phase(page, "empty")
    expect(page.locator("#choose")).to_be_focused()
    _until(page, lambda: not server.jobs)


def test_paint_again_with_other_words(finished, server, phase):
    page = finished()
    server.hold(steps=0)
    page.locator("#again > summary").click()
    page.get_by_role("button", name="Add words to picture 1").click()
    page.locator("#phrase").fill("one red boat")
    page.locator("#paint").click()
    phase(page, "painting")
    expect(page.locator("#thumbs img:visible")).to_have_count(0)
    server.let(steps=100)
    phase(page, "done")
    (job,) = server.jobs.values()
    assert job["briefs"][0]["prompt"].endswith(", one red boat")


def test_options_travel_with_the_song(visit, server, song, phase):
    page = visit()
    page.locator("#options summary").click()
    page.get_by_label("How many pictures").select_option("2")
    page.get_by_label("Atmosphere").select_option("dreamy")
    page.get_by_label("Add to the words").fill("warm light")
    page.get_by_label("Keep out of the pictures").fill("people")
    page.get_by_label("Show me the words before painting").uncheck()
    page.locator("#file").set_input_files(song)
    phase(page, "done")
    ((name, sound, order),) = server.uploads
    assert (name, sound) == (song.name, song.read_bytes())
    assert order == {
        "count": 2,
        "atmosphere": "dreamy",
        "style": "warm light",
        "negative": "people",
        "hold": False,
    }


def test_a_dropped_file_is_taken(visit, server, phase):
    page = visit()
    page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(["RIFF…"], "dropped.wav"));
          const how = { dataTransfer: files, cancelable: true };
          dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    phase(page, "words")
    assert server.uploads[0][0] == "dropped.wav"


def test_a_recording_is_sent_as_wav(visit, server, phase):
    page = visit(permissions=["microphone"])
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#recording-time")).not_to_have_text("0:00")
    page.get_by_role("button", name="Stop and listen").click()
    phase(page, "words")
    ((name, sound, _),) = server.uploads
    assert name.startswith("Recording ")
    assert name.endswith(".wav")
    assert (sound[:4], sound[8:16], sound[34:36]) == (b"RIFF", b"WAVEfmt ", b"\x10\0")
    assert int.from_bytes(sound[40:44], "little") == len(sound) - 44 > 8000


def test_sections_play_and_stop_at_their_ends(visit, server, song, phase, monkeypatch):
    monkeypatch.setattr(scripted, "DURATION_S", 0.5)
    section = {"name": "drop", "start_s": 0.1, "end_s": 0.3, "why": ""}
    monkeypatch.setattr(scripted, "SECTIONS", [section])
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    seek = page.get_by_label("Place in the song")
    page.get_by_role("button", name="Play the drop, 0:00 to 0:00").click()
    _until(page, lambda: 0.3 <= float(seek.input_value()) < 0.5)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_title_on_the_cover_is_seen_before_it_is_downloaded(finished):
    page = finished()
    plain = page.locator("#large img").get_attribute("src")
    page.get_by_label("Set title and artist on the cover").check()
    expect(page.locator("#large img")).not_to_have_attribute("src", plain)
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("#large img")).not_to_have_attribute("src", plain)
    page.get_by_role("button", name="English").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith("-titled.png")
    page.get_by_label("Set title and artist on the cover").uncheck()
    expect(page.locator("#large img")).to_have_attribute("src", plain)


def test_the_page_takes_the_colour_of_the_chosen_picture(finished):
    page = finished()
    button = page.locator("#download")
    expect(page.locator("html")).to_have_attribute("style", _is("--accent-light"))
    blue = button.evaluate("(e) => getComputedStyle(e).backgroundColor")
    page.get_by_label("Picture 3: ").check(force=True)
    expect(button).not_to_have_css("background-color", blue)


def test_start_over_deletes_the_song(finished, server, phase):
    page = finished()
    page.get_by_role("button", name="Start over with another song").click()
    phase(page, "empty")
    _until(page, lambda: not server.jobs)
    assert "#" not in page.url


def _is(beginning):
    return re.compile(re.escape(beginning))


def _until(page, happened):
    """Waits, while the page goes on, for what only the server sees."""
    for _ in range(500):
        if happened():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it never happened")
