"""Records and batches: what goes in comes out, in an order that a number gives."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import soundfile

from jaxsoundart.sound.waveform import Waveform
from train.ear import batches, records
from train.ear.config import Question
from train.ear.record import decode
from train.ear.records import SAMPLE_RATE_HZ, Sound, Writer
from train.readers.clip import Clip, DataError

WHOLE = partial(decode, font=None)


@pytest.fixture
def waveform():
    samples = np.linspace(-0.9, 0.9, 3 * SAMPLE_RATE_HZ, dtype=np.float32)
    return Waveform(samples=samples, sample_rate_hz=SAMPLE_RATE_HZ)


def test_a_sound_is_unpacked_as_it_was_packed(waveform):
    sound = Sound.of(
        waveform, {"style": ("new\nwave",), "none": ()}, "a.wav", "someone"
    )
    again = Sound.unpacked(sound.packed())
    np.testing.assert_array_equal(again.samples, sound.samples)
    assert (again.labels, again.source, again.group) == (
        sound.labels,
        "a.wav",
        "someone",
    )
    assert np.abs(again.samples / 32767 - waveform.samples).max() < 2e-5


def test_pieces_are_equally_long_and_a_short_sound_is_one(waveform):
    assert [len(p.samples) for p in records.pieces(waveform, 1.4)] == [30870, 30870]
    (whole,) = records.pieces(waveform, 10.0)
    assert len(whole.samples) == len(waveform.samples)


def test_damaged_files_are_named_and_left_out(tmp_path, waveform):
    said, clips = [], []
    for number in range(12):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, waveform.samples, SAMPLE_RATE_HZ)
        clips.append(Clip(path, {"kind": ("ramp",)}, "train"))
    (tmp_path / "7.wav").write_bytes(b"no sound at all")
    with Writer(tmp_path / "records") as writer:
        records.record(clips, writer, decode=WHOLE, longest_s=5.0, progress=said.append)
    assert writer.counts == {"train": 11}
    assert len(said) == 1
    assert "7.wav" in said[0]
    assert records.tally([tmp_path / "records"], "train") == {"kind": {"ramp": 11}}


def test_many_damaged_files_end_it(tmp_path):
    clips = []
    for number in range(3):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(b"nothing")
        clips.append(Clip(path, {"kind": ("x",)}, "train"))
    with (
        pytest.raises(DataError, match=r"3 of 3 files are damaged, the first .*0\.wav"),
        Writer(tmp_path / "records") as writer,
    ):
        records.record(
            clips, writer, decode=WHOLE, longest_s=5.0, progress=lambda line: None
        )
    with pytest.raises(DataError, match="holds no whole set"):
        records.tally([tmp_path / "records"], "train")


def test_a_clip_in_no_part_is_refused(tmp_path):
    clips = [Clip(tmp_path / p, {"kind": ("x",)}, p) for p in ("", "test")]
    with pytest.raises(DataError, match="in no part"), Writer(tmp_path / "r") as writer:
        records.record(clips, writer, decode=WHOLE, longest_s=5.0)


def test_records_are_not_written_over(tones):
    with pytest.raises(DataError, match="already holds records"):
        Writer(tones)


def test_heads_are_the_labels_that_occur(config, tones):
    pitch, extras = batches.find_heads(config, [tones])
    assert (pitch.labels, pitch.exclusive) == (("high", "low"), True)
    assert (extras.labels, extras.exclusive) == (("clicks", "tone"), False)


def test_a_question_without_labels_is_refused(config, tones):
    asked = dataclasses.replace(config, questions=(Question("mood"),))
    with pytest.raises(DataError, match="mood: 0 labels"):
        batches.find_heads(asked, [tones])


def test_the_same_step_has_the_same_batch_and_every_round_all_sounds(config, tones):
    heads = batches.find_heads(config, [tones])
    data = batches.training(config, heads, [tones])
    again = batches.training(config, heads, [tones])
    assert data[5]["samples"].shape == (8, config.window_samples)
    np.testing.assert_array_equal(data[5]["samples"], again[5]["samples"])
    assert np.abs(data[5]["samples"] - data[11]["samples"]).max() > 0.01
    # 48 sounds are 6 batches: half are high in every round.
    highs = sum(data[step]["target:pitch"][:, 0].sum() for step in range(6))
    assert highs == 24


def test_processes_together_see_what_one_would(config, tones):
    heads = batches.find_heads(config, [tones])
    whole = batches.training(config, heads, [tones])[3]["samples"]
    parts = [
        batches.training(config, heads, [tones], process=n, processes=2)[3]["samples"]
        for n in range(2)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_batch_that_does_not_divide_is_refused(config, tones):
    heads = batches.find_heads(config, [tones])
    with pytest.raises(DataError, match="batch 8 does not divide over 3 processes"):
        batches.training(config, heads, [tones], processes=3)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ({"pitch": ("middle",)}, r"x\.wav: 'middle' is no pitch"),
        ({"pitch": ("low", "high")}, r"x\.wav: 2 labels of pitch"),
    ],
)
def test_labels_that_do_not_fit_are_named(config, tones, waveform, labels, complaint):
    heads = batches.find_heads(config, [tones])
    with pytest.raises(DataError, match=complaint):
        batches.targets_of(heads, Sound.of(waveform, labels, "x.wav"))


def test_heads_without_an_answer_are_not_asked(config, tones, waveform):
    heads = batches.find_heads(config, [tones])
    told = batches.targets_of(heads, Sound.of(waveform, {"extras": ()}, "x.wav"))
    assert (told["asked:pitch"], told["asked:extras"]) == (0, 1)
    assert told["target:extras"].tolist() == [0, 0]


def test_windows_are_faster_or_slower_and_filled_up():
    generator = np.random.default_rng(0)
    wave = (20_000 * np.sin(2 * np.pi * 441 * np.arange(22_050) / 22_050)).astype("i2")
    cut = batches.window(wave, 11_025, generator, speed=0.0)
    assert np.argmax(np.abs(np.fft.rfft(cut))) * 2 == pytest.approx(441, abs=2)
    worn = batches.window(wave, 11_025, np.random.default_rng(0), speed=0.3)
    faster = 1.0 + np.random.default_rng(0).uniform(-0.3, 0.3)
    heard_hz = np.argmax(np.abs(np.fft.rfft(worn))) * 2
    assert heard_hz == pytest.approx(441 * faster, abs=2)
    assert abs(faster - 1.0) > 0.05
    short = batches.window(wave[:1000], 4000, generator, speed=0.0)
    assert np.abs(short[1000:]).max() == 0 < np.abs(short[:1000]).max()
