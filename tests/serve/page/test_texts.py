"""The page's own words: the same in both languages, and all there are."""

import json
import re

import pytest

from jaxsoundart.compose import lexicon
from jaxsoundart.picture.stores.store import stores
from tests.serve.page.conftest import PAGE

TEXTS = {
    name: json.loads((PAGE / f"{name}.json").read_text("utf-8"))
    for name in ("en", "ja")
}
SOURCES = {
    path: path.read_text("utf-8") for path in (*PAGE.glob("*.js"), PAGE / "index.html")
}
PLACES = re.compile(r"\{(\w+)\}")


def forms(text):
    return list(text.values()) if isinstance(text, dict) else [text]


def test_both_languages_say_the_same_things():
    assert list(TEXTS["en"]) == list(TEXTS["ja"])


@pytest.mark.parametrize("language", TEXTS)
def test_every_text_fills_the_same_places(language):
    for key, text in TEXTS["en"].items():
        wanted = set(PLACES.findall(forms(text)[-1]))
        for form in forms(TEXTS[language][key]):
            # "One song" need not say the count.
            said = set(PLACES.findall(form))
            assert said | {"count"} == wanted | {"count"}, key
            assert form.strip() == form != ""


def test_every_text_that_is_used_exists():
    used = set()
    for source in SOURCES.values():
        used |= set(re.findall(r"""\bsay\(\s*"([\w. ]+)\"""", source))
        used |= set(re.findall(r'data-say(?:-label)?="([\w. ]+)"', source))
        used |= set(re.findall(r'key: "([\w.]+)"', source))
        used |= set(
            re.findall(
                r'"((?:why|sure|pace|problem|heard|work|release)\.[\w.]+)"', source
            )
        )
    assert len(used) > 80
    assert used - set(TEXTS["en"]) == set()


def test_every_text_is_used():
    all_sources = "\n".join(SOURCES.values())
    # Keys that are put together: "genre." + what was heard.
    made = set(re.findall(r"""named\(\s*["`](\w+\.)["`]""", all_sources))
    made |= set(re.findall(r"""say\(`(\w+\.)\$""", all_sources))
    made |= {"instruments.", "mood.", "vocals.", "problem.", "words.", "why.", "heard."}
    unused = [
        key
        for key in TEXTS["en"]
        if f'"{key}"' not in all_sources and not key.startswith(tuple(made))
    ]
    assert unused == []


def test_everything_that_can_be_heard_has_a_name():
    known = lexicon.load()
    wanted = {f"genre.{name}" for name in known.genres}
    wanted |= {f"atmosphere.{name}" for name in (*known.atmospheres, lexicon.AS_HEARD)}
    wanted |= {
        f"{head}.{label}" for head, labels in known.heads.items() for label in labels
    }
    wanted |= {f"store.{id}" for id in stores()}
    assert wanted - set(TEXTS["en"]) == set()


def test_nothing_is_inline_and_nothing_is_elsewhere():
    page = SOURCES[PAGE / "index.html"]
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page) == []
    for path in PAGE.iterdir():
        if path.suffix in (".js", ".css", ".html"):
            outside = re.findall(
                r"https?://(?!www\.w3\.org/2000/svg)[^\s\"')]+", path.read_text("utf-8")
            )
            assert outside == [], path.name


def test_modules_are_small():
    long = {
        path.name: text.count("\n")
        for path, text in SOURCES.items()
        if text.count("\n") > 320
    }
    assert long == {}
