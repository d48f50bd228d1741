"""What goes wrong, and what the page says and does then."""

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


def test_too_large_is_said_before_it_is_sent(visit, server, tmp_path):
    server.limits["upload_bytes"] = 2_000_000
    large = tmp_path / "album.wav"
    large.write_bytes(b"RIFF" + bytes(2_000_000))
    page = visit()
    # The limits are known once the options are.
    expect(page.locator("#foot")).not_to_be_empty()
    page.locator("#file").set_input_files(large)
    said = page.get_by_role("alert").filter(has_text="too large or too long")
    expect(said).to_contain_text("Up to 2 MB and 30 minutes are taken")
    assert server.uploads == []
    expect(page.locator("#choose")).to_be_visible()


def test_too_long_is_what_the_server_says(visit, server, song):
    server.refusals.append((413, "the song is 3000 s long; send at most 1800 s", 0))
    page = visit(refused=True)
    page.locator("#file").set_input_files(song)
    expect(page.locator("#notice")).to_contain_text("too large or too long")
    expect(page.locator("#notice")).to_contain_text("3000 s long")


def test_not_audio(visit, server, tmp_path, song, phase):
    letter = tmp_path / "letter.mp3"
    letter.write_text("Dear listener,", "utf-8")
    page = visit(refused=True)
    page.locator("#file").set_input_files(letter)
    expect(page.locator("#notice")).to_contain_text("No sound could be read")
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    expect(page.locator("#notice")).to_be_hidden()


def test_a_full_queue_is_tried_again(visit, server, song, phase):
    server.refusals.append((503, "the queue is full; try again in 1 s", 1))
    page = visit(refused=True)
    page.locator("#file").set_input_files(song)
    expect(page.locator("#notice")).to_contain_text("as many songs as it can take")
    expect(page.locator("#notice .countdown")).to_contain_text(
        "Trying again in 1 second."
    )
    phase(page, "words")
    expect(page.locator("#notice")).to_be_hidden()
    assert len(server.uploads) == 1


def test_a_full_queue_when_the_words_are_painted_again(visit, server, song, phase):
    server.hold(steps=1)
    page = visit(refused=True)
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.locator("#paint").click()
    phase(page, "painting")
    page.get_by_role("button", name="Cancel").click()
    phase(page, "words")
    server.refusals.append((503, "the queue is full; try again in 500 s", 500))
    page.locator("#paint").click()
    # The words stay at hand while it waits for its turn.
    expect(page.locator("#notice .countdown")).to_contain_text("Trying again")
    phase(page, "words")
    server.let(steps=100)
    page.get_by_role("button", name="Try now").click()
    phase(page, "done")


def test_a_full_queue_need_not_be_waited_for(visit, server, song, phase):
    server.refusals.append((429, "too many songs; wait 500 s", 500))
    page = visit(refused=True)
    page.locator("#file").set_input_files(song)
    page.get_by_role("button", name="Stop trying").click()
    expect(page.locator("#notice")).to_be_hidden()
    phase(page, "empty")


def test_bad_words_are_told(visit, server, song, phase):
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    for _ in range(4):
        page.locator("#words-1-prompt-0").press("Delete")
    page.locator("#paint").click()
    expect(page.locator("#notice")).to_contain_text("One of the pictures has no words")
    phase(page, "words")


@pytest.mark.parametrize("when", ["words", "painting"])
def test_a_restart_of_the_server_is_survived(visit, server, song, phase, when):
    server.hold(steps=2)
    page = visit(refused=True)
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.get_by_role("button", name="smooth gradients").press("Delete")
    if when == "painting":
        page.locator("#paint").click()
        expect(page.locator("#work-detail")).to_have_text("Step 2 of 4")
    server.stop()
    expect(page.locator("#notice")).to_contain_text("goes on as soon as it is back")
    server.start()
    expect(page.locator("#notice")).to_be_hidden()
    phase(page, when)
    server.let(steps=100)
    if when == "words":
        page.locator("#paint").click()
    phase(page, "done")
    (job,) = server.jobs.values()
    assert "smooth gradients" not in job["briefs"][0]["prompt"]
    assert len(server.uploads) == 1


def test_a_reload_goes_on(visit, server, song, phase):
    server.hold(steps=0)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.get_by_role("button", name="smooth gradients").press("Delete")
    page.reload()
    phase(page, "words")
    expect(page.locator("#words-0-prompt-0")).to_be_visible()
    expect(page.locator("#words-0-prompt-3")).to_have_class("add")
    # The song is still here to be played.
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    page.locator("#paint").click()
    phase(page, "painting")
    page.reload()
    phase(page, "painting")
    server.let(steps=100)
    phase(page, "done")
    page.reload()
    phase(page, "done")
    expect(page.locator("#thumbs img[src^='blob:']")).to_have_count(4)


def test_an_expired_job_leaves_the_words(finished, server, phase):
    page = finished(refused=True)
    server.jobs.clear()
    page.locator("#again > summary").click()
    page.locator("#paint").click()
    phase(page, "done")
    assert len(server.uploads) == 2


def test_an_unknown_job_is_said(visit, phase):
    page = visit(path="#abcdefghijklmnopqrstuv", refused=True)
    expect(page.locator("#notice")).to_contain_text("Choose the song again")
    phase(page, "empty")
    assert "#" not in page.url


def test_a_failed_painting_says_why(visit, server, song, phase):
    server.hold(steps=1)
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.locator("#paint").click()
    phase(page, "painting")
    (job,) = server.jobs.values()
    server.turn(job, "failed", error="the disk is full; make room")
    expect(page.locator("#notice")).to_contain_text("the disk is full; make room")
    phase(page, "words")


def test_a_token_is_asked_for_once(visit, server, song, phase):
    server.token = "open sesame"
    page = visit(refused=True)
    page.locator("#token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#door-wrong")).to_have_text("That was not the right one.")
    page.locator("#token").fill("open sesame")
    page.keyboard.press("Enter")
    expect(page.locator("#door")).to_be_hidden()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.locator("#paint").click()
    phase(page, "done")
    expect(page.locator("#thumbs img[src^='blob:']")).to_have_count(4)
    page.reload()
    phase(page, "done")
    expect(page.locator("#door")).to_be_hidden()


def test_a_microphone_that_is_refused(visit):
    page = visit()
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#notice")).to_contain_text("The microphone was not given")
    expect(page.locator("#choose")).to_be_visible()


def test_nothing_is_asked_of_other_servers(finished, visit, server):
    asked = []
    page = visit()
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator("#foot")).not_to_be_empty()
    assert len(asked) > 10
    mine = re.compile(re.escape(server.url) + "|blob:|data:")
    assert [url for url in asked if not mine.match(url)] == []
