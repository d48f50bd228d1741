"""The page in a real Chromium, at a scripted server."""

import re
import shutil
from pathlib import Path

import pytest

from tests.serve.page.fake_server import FakeServer

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
# Until something must have happened on the slowest machine.
WAIT_MS = 120_000
# What browsers say of every answer that is no good one, whatever the page makes of it.
UNANSWERED = re.compile("Failed to load resource")


# Its event loop runs as long as Playwright does, and no other test could have one then.
@pytest.fixture(scope="module")
def browser():
    """Chromium; without it, or without Playwright, there is nothing to test."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    playwright.expect.set_options(timeout=WAIT_MS)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def server():
    """A server that does what a test says."""
    started = FakeServer()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def visit(browser, server):
    """Opens the page as somebody would; fails where the console complains.

    `refused=True` lets the browser complain that the server did not answer well.
    """
    contexts, complaints = [], []

    def open_page(*, path="", refused=False, url=None, **how):
        how = {"locale": "en-GB", "reduced_motion": "reduce", **how}
        context = browser.new_context(**how)
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (event) =>"
            " console.error('policy', event.violatedDirective, event.blockedURI))"
        )

        def heard(message):
            expected = refused and UNANSWERED.search(message.text)
            if message.type in ("error", "warning") and not expected:
                complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((url or server.url) + path)
        page.locator("html[data-ready]").wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    """A sound file that browsers play, a tenth of a second long."""
    from tests import tiny_song

    folder = tmp_path_factory.mktemp("page")
    return tiny_song.write(folder / "night_bus.wav", duration_s=0.5)


@pytest.fixture
def phase():
    """Waits until the page is in a phase."""

    def wait(page, name, timeout=WAIT_MS):
        page.locator(f"body[data-phase={name}]").wait_for(timeout=timeout)

    return wait


@pytest.fixture
def finished(visit, song, phase):
    """Opens the page and has a song painted."""

    def paint(**how):
        page = visit(**how)
        page.locator("#file").set_input_files(song)
        phase(page, "words")
        page.locator("#paint").click()
        phase(page, "done")
        return page

    return paint


PAGE = Path(__file__).parents[3] / "jaxsoundart" / "serve" / "page"
