"""Hearing a song: windows, averages, calibration, and what is refused."""

import numpy as np
import pytest
import soundfile

import jaxsoundart
from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.listen import bundle as bundles
from jaxsoundart.listen import features
from jaxsoundart.listen.listener import Listener
from jaxsoundart.listen.parts import parse
from jaxsoundart.listen.windows import windows
from jaxsoundart.sound.waveform import Excerpt, Part, Waveform


def excerpt(start_s, end_s, part=Part.DROP):
    return Excerpt(part=part, start_s=float(start_s), end_s=float(end_s), why="as told")


@pytest.fixture
def listener(bundle):
    return Listener(bundle, "0" * 8)


def test_probabilities_are_softmax_of_the_tempered_network(listener, bundle):
    rng = np.random.default_rng(1)
    rows = rng.lognormal(0, 2, (6, len(features.COLUMNS)))
    t = bundle.tensors
    x = features.standardise(rows, t["features.mean"], t["features.std"])
    for layer in ("hidden_0", "hidden_1"):
        x = 1 / (1 + np.exp(-(x @ t[f"{layer}.kernel"] + t[f"{layer}.bias"])))
    z = (x @ t["output.kernel"] + t["output.bias"]) / t["temperature"]
    wanted = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(listener.judge(rows), wanted, rtol=1e-4)


def test_a_hearing_is_the_mean_over_the_windows(listener, song, traits):
    hearing = listener.hear(song, [excerpt(0, 30), excerpt(35, 65)], traits)
    each = listener.probabilities([song.cut(0.0, 30.0), song.cut(35.0, 65.0)])
    heard = hearing.labels["genre"]
    wanted = dict(zip(listener.bundle.labels, each.mean(axis=0), strict=True))
    assert heard == pytest.approx(wanted)
    assert sum(heard.values()) == pytest.approx(1)
    assert list(heard.values()) == sorted(heard.values(), reverse=True)
    assert hearing.listener == "random@00000000"
    assert hearing.traits == traits


def test_order_and_repetition_of_excerpts_make_no_difference(listener, song, traits):
    intro, drop = excerpt(0, 12, Part.INTRO), excerpt(40, 62)
    one = listener.hear(song, [intro, drop], traits)
    other = listener.hear(song, [drop, intro, drop], traits)
    assert one.labels == other.labels
    assert other.excerpts == (drop, intro, drop)


def test_a_quieter_copy_is_heard_the_same(listener, song, traits):
    quiet = Waveform(samples=song.samples * np.float32(0.25), sample_rate_hz=22_050)
    loud = listener.hear(song, [excerpt(10, 40)], traits)
    assert listener.hear(quiet, [excerpt(10, 40)], traits).labels == loud.labels


@pytest.mark.parametrize(
    ("span", "wanted"),
    [
        ((20.0, 50.0), [(20, 50)]),
        ((0.0, 8.0), [(0, 30)]),  # an intro is heard on into the song
        ((40.0, 42.0), [(26, 56)]),  # a bar in the middle of its window
        ((65.0, 70.0), [(40, 70)]),  # an ending from before it
        ((0.0, 70.0), [(0, 30), (20, 50), (40, 70)]),
        ((0.0, 45.0), [(0, 30), (15, 45)]),
    ],
)
def test_windows_are_30_s_inside_the_song_about_the_excerpt(song, span, wanted):
    assert np.asarray(windows(song, [excerpt(*span)], 30.0)) == pytest.approx(
        np.asarray(wanted)
    )


def test_a_song_shorter_than_a_window_is_heard_whole(music):
    assert windows(music, [excerpt(3.0, 5.0)], 30.0) == [(0, music.duration_s)]


def test_another_sample_rate_and_no_excerpt_are_refused(listener, music, traits):
    wrong = Waveform(samples=music.samples, sample_rate_hz=44_100)
    with pytest.raises(ArgumentError, match="22050 Hz, not 44100 Hz"):
        listener.hear(wrong, [excerpt(0, 5)], traits)
    with pytest.raises(ArgumentError, match="no excerpt"):
        listener.hear(music, [], traits)


def test_a_bundle_comes_back_as_it_was_written(bundle, tmp_path):
    bundles.write(tmp_path, bundle)
    listener = Listener.load(tmp_path)
    assert listener.bundle.labels == bundle.labels
    assert listener.bundle.hidden == bundle.hidden
    for name, tensor in bundle.tensors.items():
        np.testing.assert_array_equal(listener.bundle.tensors[name], tensor)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "config.json",
        "weights.safetensors",
    ]


def test_the_id_changes_with_any_weight(bundle, tmp_path):
    bundles.write(tmp_path / "a", bundle)
    bundle.tensors["temperature"] = np.asarray(np.float32(1.6))
    bundles.write(tmp_path / "b", bundle)
    ids = [Listener.load(tmp_path / folder).id for folder in "ab"]
    assert ids[0] != ids[1]
    assert all(identity.startswith("random@") for identity in ids)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("output.bias"), "missing output.bias"),
        (lambda t: t.update(extra=np.zeros(2, "f4")), "unexpected extra"),
        (
            lambda t: t.update({"output.bias": np.zeros(4, "f4")}),
            r"output.bias is \[4\], wanted \[3\]",
        ),
        (
            lambda t: t.update({"output.bias": np.full(3, np.nan, "f4")}),
            "output.bias holds values that are no numbers",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_named(bundle, tmp_path, change, message):
    change(bundle.tensors)
    bundles.write(tmp_path, bundle)
    with pytest.raises(ModelError, match=message) as caught:
        Listener.load(tmp_path)
    assert "\n" not in str(caught.value)


def test_damaged_files_are_one_clear_line(bundle, tmp_path):
    bundles.write(tmp_path, bundle)
    weights, config = tmp_path / "weights.safetensors", tmp_path / "config.json"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="damaged or no safetensors"):
        Listener.load(tmp_path)
    weights.write_bytes(whole)
    text = config.read_text()
    for wrong, message in (
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "no listener's config"),
        (text.replace('"head"', '"tail"'), "lacks name, head"),
        (text.replace('"rms_var",', ""), "52 columns, here 53"),
    ):
        config.write_text(wrong)
        with pytest.raises(ModelError, match=message) as caught:
            Listener.load(tmp_path)
        assert "\n" not in str(caught.value)
    config.unlink()
    with pytest.raises(ModelError, match=r"config.json is missing; wanted a listener"):
        Listener.load(tmp_path)


def test_an_unknown_listener_is_one_clear_line(monkeypatch):
    with pytest.raises(ModelError, match="neither 'bundled', a folder, nor"):
        Listener.load("no such place")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="cannot be had from the hub") as caught:
        Listener.load("nobody/nothing-of-the-kind")
    assert "\n" not in str(caught.value)


def test_excerpts_are_named_in_words():
    assert parse("intro+drop") == (Part.INTRO, Part.DROP)
    assert parse(" Bar ") == (Part.BAR,)
    assert parse("whole+whole") == (Part.WHOLE,)
    with pytest.raises(ArgumentError, match="'chorus' is no part of a song; use intro"):
        parse("intro+chorus")
    with pytest.raises(ArgumentError, match="'' is no part"):
        parse("")


def test_the_bundled_listener_hears_a_file(song, tmp_path):
    path = tmp_path / "song.wav"
    soundfile.write(path, song.samples, song.sample_rate_hz)
    hearing = jaxsoundart.listen(path)
    assert set(hearing.labels) == {"genre"}
    assert len(hearing.labels["genre"]) == 10
    assert sum(hearing.labels["genre"].values()) == pytest.approx(1, abs=1e-5)
    assert [e.part for e in hearing.excerpts] == [Part.INTRO, Part.DROP]
    assert hearing == jaxsoundart.listen(path)
