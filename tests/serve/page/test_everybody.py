"""Keyboard, screen reader, phone, dark, Japanese."""

from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

FAIR = Path(__file__).with_name("fair.js").read_text("utf-8")
CONTRAST = 4.5
TOUCH_PX, MOUSE_PX = 44, 24

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


def fair(page):
    """Asserts what is true of every state of the page."""
    target = TOUCH_PX if page.viewport_size == PHONE else MOUSE_PX
    found = page.evaluate(FAIR, {"contrast": CONTRAST, "target": target})
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("locale", "viewport"), [("en", DESK), ("ja", PHONE)])
def test_every_state_can_be_read_and_hit(
    visit, server, song, phase, scheme, locale, viewport
):
    server.hold(hearing=0, steps=0)
    server.song = {"title": "A song with quite a long title, " * 3, "artist": None}
    page = visit(color_scheme=scheme, locale=locale, viewport=viewport)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("#foot")).not_to_be_empty()
    page.locator("#options summary").click()
    fair(page)
    page.locator("#file").set_input_files(song)
    phase(page, "hearing")
    fair(page)
    server.let(hearing=1)
    phase(page, "words")
    page.locator("#heard summary").click()
    page.locator("#words-0-prompt-1").click()
    fair(page)
    page.locator("#paint").click()
    server.let(steps=6)
    expect(page.locator("#large img")).to_be_visible()
    fair(page)
    server.let(steps=100)
    phase(page, "done")
    expect(page.locator("#thumbs img[src^='blob:']")).to_have_count(4)
    page.locator("#again > summary").click()
    fair(page)


def test_by_keyboard_alone(visit, server, song, phase):
    page = visit()
    choosers = []
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    _tab_to(page, "#choose")
    page.keyboard.press("Enter")
    while not choosers:
        page.wait_for_timeout(20)
    choosers[0].set_files(song)
    phase(page, "words")
    expect(page.locator("#live")).to_contain_text("The words are ready")
    _tab_to(page, "#words-0-prompt-0")
    page.keyboard.press("Enter")
    expect(page.locator("#phrase")).to_be_focused()
    page.keyboard.type("a quiet harbour")
    page.keyboard.press("Enter")
    expect(page.locator("#words-0-prompt-0")).to_be_focused()
    expect(page.locator("#words-0-prompt-0")).to_have_text("a quiet harbour")
    page.keyboard.press("Enter")
    page.keyboard.type("thrown away")
    page.keyboard.press("Escape")
    expect(page.locator("#words-0-prompt-0")).to_have_text("a quiet harbour")
    page.keyboard.press("Delete")
    expect(page.locator("#live")).to_have_text("Removed: a quiet harbour.")
    expect(page.locator("#words-0-prompt-0")).to_be_focused()
    _tab_to(page, "#paint")
    page.keyboard.press("Enter")
    phase(page, "done")
    first = page.locator("#thumbs input").first
    expect(first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#thumbs input").nth(1)).to_be_checked()
    page.keyboard.press("Shift+Tab")
    _tab_to(page, "#large", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-place")).to_have_text("2 / 4")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-place")).to_have_text("3 / 4")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    expect(page.locator("#large")).to_be_focused()
    _tab_to(page, "#download")
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_language_can_be_changed_at_any_time(visit, server, song, phase):
    page = visit()
    page.locator("#file").set_input_files(song)
    phase(page, "words")
    page.locator("#words-0-prompt-0").press("Delete")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("#heard")).to_contain_text("ロック？")
    expect(page.locator("#paint")).to_have_text("4 枚を描く")
    expect(page.get_by_role("button", name="イントロを再生")).to_be_visible()
    # What was changed stays changed.
    expect(page.locator("#words-0-prompt-0")).to_have_text("inky deep blue palette")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ja")


def test_no_english_is_left_in_japanese(finished):
    page = finished(locale="ja")
    page.locator("#again > summary").click()
    left = page.evaluate(
        r"""() => {
          const found = [];
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const e = texts.currentNode.parentElement;
            const words = texts.currentNode.textContent.trim();
            const own = "#caption, .phrase, .mark, .languages, #store, .sleeve-title, "
              + ".shelf, noscript";
            if (/[a-z]{3}/.test(words) && e.checkVisibility() && !e.closest(own))
              found.push(words);
          }
          return found;
        }"""
    )
    assert left == []


def test_nothing_moves_without_need(visit):
    page = visit(reduced_motion="reduce")
    moving = "() => document.getAnimations().length"
    assert page.evaluate(moving) == 0


def _tab_to(page, selector, key="Tab"):
    """Presses Tab until an element has the focus."""
    for _ in range(60):
        if page.locator(selector).evaluate("(e) => e === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} cannot be reached by {key}")
