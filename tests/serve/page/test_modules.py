"""The page's modules one by one, run where they run: in the browser."""

import io
import math
import re

import numpy as np
import pytest
import soundfile

from jaxsoundart.compose import lexicon
from jaxsoundart.compose.prompt import compose
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.sound.waveform import Traits

pytest.importorskip("playwright.sync_api")


BECAUSE = """async (reasons) => {
  const { because } = await import("/page/evidence.js");
  return reasons.map(because);
}"""


def traits(*values):
    """Tempo, key, loudness, brightness, dynamics."""
    names = ("tempo_bpm", "key", "loudness_db", "brightness_hz", "dynamics_db")
    return Traits(**dict(zip(names, values, strict=True)))


TRAITS = (
    traits(84.0, "A minor", -26.0, 1200.0, 4.0),
    traits(118.0, "F# major", -18.0, 2100.0, 9.0),
    traits(174.0, "Bb minor", -9.0, 4000.0, 18.0),
    traits(0.0, "C major", -14.0, 1800.0, 7.0),
)


@pytest.fixture(scope="module")
def reasons():
    """Every kind of reason that `compose` gives: of sure and unsure hearings."""
    known = lexicon.load()
    genres = list(known.genres)
    found = {"your words"}
    for n, name in enumerate(genres):
        share = (0.9, 0.5, 0.2)[n % 3]
        second = genres[(n + 5) % len(genres)]
        genre = {name: share, second: 0.95 - share, genres[n - 1]: 0.01}
        heads = {head: {some[n % len(some)]: 0.8} for head, some in known.heads.items()}
        hearing = Hearing(
            labels={"genre": genre, **(heads if n % 2 else {})},
            traits=TRAITS[n % len(TRAITS)],
            excerpts=(),
            listener="test",
        )
        for brief in compose(hearing, count=3, style="linocut", negative="people"):
            found |= {reason.evidence for reason in brief.reasons}
    return sorted(found)


@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_reason_is_a_sentence(visit, reasons, locale):
    page = visit(locale=locale)
    assert len(reasons) > 100
    said = page.evaluate(BECAUSE, reasons)
    for evidence, sentence in zip(reasons, said, strict=True):
        # No figures, no option's name, nothing left as the server wrote it.
        assert re.search(r"\d\.\d|\d\d|--|why\.", sentence) is None, (
            evidence,
            sentence,
        )
        assert sentence.endswith("." if locale == "en" else "。"), (evidence, sentence)


def test_unknown_reasons_are_shown_as_they_are(visit):
    (said,) = visit().evaluate(BECAUSE, ["a dream of the server"])
    assert said == "a dream of the server"


def test_recordings_keep_their_samples(visit):
    rate_hz, seconds = 8000, 0.25
    page = visit()
    octets = page.evaluate(
        """async ([rate, seconds]) => {
          const { wav } = await import("/page/wav.js");
          const sound = new AudioBuffer({
            numberOfChannels: 2, length: rate * seconds, sampleRate: rate,
          });
          for (const channel of [0, 1]) {
            const samples = sound.getChannelData(channel);
            for (let n = 0; n < samples.length; n += 1)
              samples[n] = (channel ? 2 : 0.5) * Math.sin(n / 9);
          }
          return [...new Uint8Array(await wav(sound, "a.wav").arrayBuffer())];
        }""",
        [rate_hz, seconds],
    )
    samples, rate = soundfile.read(io.BytesIO(bytes(octets)))
    wave = np.sin(np.arange(rate_hz * seconds) / 9)
    wanted = np.stack([0.5 * wave, np.clip(2 * wave, -1, 1)], axis=1)
    assert rate == rate_hz
    np.testing.assert_allclose(samples, wanted, atol=1e-4)


def test_events_are_read_however_they_are_cut(visit):
    stream = (
        ': still here\n\nid: 1\nevent: state\ndata: {"a":1}\n\n'
        'id: 2\nevent: preview\ndata: {"b":"é"}\n\n: still here\n\n'
    ).encode()
    page = visit()
    for size in (1, 2, 7, len(stream)):
        cut = [list(stream[n : n + size]) for n in range(0, len(stream), size)]
        read = page.evaluate(
            """async (pieces) => {
              const { events } = await import("/page/stream.js");
              const body = new ReadableStream({ start(controller) {
                for (const piece of pieces) controller.enqueue(new Uint8Array(piece));
                controller.close();
              } });
              const found = [];
              for await (const { name, data } of events(body)) found.push([name, data]);
              return found;
            }""",
            cut,
        )
        assert read == [["state", '{"a":1}'], ["preview", '{"b":"é"}']]


def test_words_come_back_as_they_went(visit):
    sent = [
        {
            "prompt": "misty hills, warm light",
            "negative_prompt": "flames",
            "atmosphere": "calm",
            "reasons": [
                {
                    "phrase": "warm light",
                    "side": "prompt",
                    "evidence": "atmosphere calm",
                }
            ],
        },
        {"prompt": "one boat", "negative_prompt": "", "atmosphere": "dark"},
    ]
    drafted, returned = visit().evaluate(
        """async (sent) => {
          const { drafts, briefs } = await import("/page/words.js");
          return [drafts(sent), briefs(drafts(sent))];
        }""",
        sent,
    )
    assert returned == [
        {name: brief[name] for name in ("prompt", "negative_prompt")} for brief in sent
    ]
    assert drafted[0]["prompt"] == [
        {"words": "misty hills", "evidence": "your words"},
        {"words": "warm light", "evidence": "atmosphere calm"},
    ]


def test_every_colour_can_be_read(visit):
    ratios = visit().evaluate(
        """async () => {
          const { colourBy, contrast } = await import("/page/colour.js");
          const canvas = document.createElement("canvas");
          const context = canvas.getContext("2d");
          const style = document.documentElement.style;
          const walls = { light: [233, 234, 234], dark: [15, 16, 17] };
          const found = [];
          for (let hue = 0; hue < 360; hue += 7)
            for (const light of [15, 50, 90]) {
              context.fillStyle = `hsl(${hue} 80% ${light}%)`;
              context.fillRect(0, 0, 300, 150);
              colourBy(canvas);
              for (const [scheme, wall] of Object.entries(walls)) {
                const colour = style.getPropertyValue(`--accent-${scheme}`);
                const rgb = colour.match(/\\d+/g);
                if (rgb) found.push(contrast(rgb.map(Number), wall));
              }
            }
          return found;
        }"""
    )
    assert len(ratios) > 200
    assert min(ratios) > 4.9


def test_a_grey_picture_leaves_the_page_grey(visit):
    accent = visit().evaluate(
        """async () => {
          const { colourBy } = await import("/page/colour.js");
          const canvas = document.createElement("canvas");
          canvas.getContext("2d").fillRect(0, 0, 300, 150);
          colourBy(canvas);
          return document.documentElement.style.getPropertyValue("--accent-light");
        }"""
    )
    assert accent == ""


@pytest.mark.parametrize(
    ("pictures", "reached", "share", "numbers"),
    [
        (0, {}, 0.0, []),
        (0, {1: (2, 4)}, 0.125, [1]),
        (0, {1: (2, 4), 2: (2, 4)}, 0.25, [1, 2]),
        (2, {1: (4, 4), 2: (4, 4), 3: (1, 4)}, 2.25 / 4, [3]),
        (4, {4: (4, 4)}, 1.0, []),
    ],
)
def test_progress_counts_pictures_painted_at_once(
    visit, pictures, reached, share, numbers
):
    found = visit().evaluate(
        """async ([painted, reached]) => {
          const { underWay } = await import("/page/progress.js");
          const pictures = Array.from({ length: painted }, (_, n) => ({ n: n + 1 }));
          const job = { briefs: [{}, {}, {}, {}], pictures };
          const at = reached.map(([n, step, steps]) => [n, { step, steps }]);
          return underWay(job, new Map(at));
        }""",
        [pictures, [[n, *at] for n, at in reached.items()]],
    )
    assert math.isclose(found["share"], share)
    assert found["numbers"] == numbers
