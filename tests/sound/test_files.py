import hashlib
import os
import shutil
import subprocess

import librosa
import numpy as np
import pytest
import soundfile

from jaxsoundart.errors import SoundFileError
from jaxsoundart.sound import ffmpeg, files

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"
)


def tone(rate_hz, duration_s=1.0, hz=440.0):
    """A tone that swells and fades, so that a shift in time would be seen."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    swell = np.sin(np.pi * time_s / duration_s)
    return (0.5 * swell * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


def difference(waveform, expected):
    """Largest distance from what was encoded, at most 30 ms shifted by a codec."""
    samples = waveform.samples
    shared = min(len(samples), len(expected))
    best = np.inf
    for shift in range(-660, 661):
        a = samples[max(shift, 0) : shared + min(shift, 0)]
        b = expected[max(-shift, 0) : shared - max(shift, 0)]
        best = min(best, float(np.abs(a - b).max()))
    return best


@pytest.mark.parametrize(
    ("name", "subtype", "rate_hz", "tolerance"),
    [
        ("a.wav", "PCM_16", 22_050, 1e-4),
        ("a.wav", "FLOAT", 22_050, 1e-7),
        ("a.flac", "PCM_24", 22_050, 1e-6),
        ("a.aiff", "PCM_16", 22_050, 1e-4),
        ("a.ogg", "VORBIS", 22_050, 0.02),
        ("a.mp3", None, 44_100, 0.02),
        ("a.opus", "OPUS", 48_000, 0.02),
    ],
)
def test_what_was_written_is_read_back(tmp_path, name, subtype, rate_hz, tolerance):
    kind = "OGG" if name.endswith("opus") else None
    soundfile.write(
        tmp_path / name, tone(rate_hz), rate_hz, format=kind, subtype=subtype
    )
    waveform = files.read(tmp_path / name)
    assert waveform.sample_rate_hz == 22_050
    assert waveform.samples.dtype == np.float32
    assert waveform.duration_s == pytest.approx(1.0, abs=0.05)
    assert difference(waveform, tone(22_050)) < tolerance


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.aac", "a.mp4", "a.mka", "a.wma"])
def test_containers_are_read_through_ffmpeg_as_loud_as_they_are(tmp_path, name):
    stereo = np.stack([tone(22_050), tone(22_050)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 22_050)
    convert = ["ffmpeg", "-v", "error", "-i", tmp_path / "a.wav", "-b:a", "192k"]
    if name.endswith("mka"):
        convert += ["-c:a", "aac"]
    subprocess.run([*convert, tmp_path / name], check=True)
    waveform = files.read(tmp_path / name)
    assert waveform.duration_s == pytest.approx(1.0, abs=0.11)  # the codec's padding
    assert np.sqrt(np.mean(waveform.samples**2)) == pytest.approx(0.25, rel=0.06)


@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_channels_are_averaged(tmp_path, channels):
    weights = np.arange(1, channels + 1) / channels
    soundfile.write(
        tmp_path / "a.wav", tone(22_050)[:, None] * weights, 22_050, subtype="FLOAT"
    )
    samples = files.read(tmp_path / "a.wav").samples
    np.testing.assert_allclose(samples, tone(22_050) * weights.mean(), atol=1e-6)


# librosa.load imports audioread, which imports what Python 3.13 no longer has.
@pytest.mark.filterwarnings("ignore:.*slated for removal:DeprecationWarning")
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_the_rate_is_converted_as_librosa_does(tmp_path, rate_hz):
    rng = np.random.default_rng(0)
    sound = np.stack([tone(rate_hz, 3.0), 0.1 * rng.standard_normal(3 * rate_hz)], 1)
    soundfile.write(tmp_path / "a.wav", sound, rate_hz, subtype="FLOAT")
    ours = files.read(tmp_path / "a.wav")
    theirs, _ = librosa.load(tmp_path / "a.wav", sr=22_050)
    assert len(ours.samples) == len(theirs)
    np.testing.assert_allclose(ours.samples, theirs, atol=1e-5)


def test_the_asked_rate_is_given(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(22_050), 22_050)
    waveform = files.read(tmp_path / "a.wav", sample_rate_hz=16_000)
    assert waveform.sample_rate_hz == 16_000
    assert len(waveform.samples) == 16_000


def test_eight_channels_at_192_khz_are_read_in_blocks(tmp_path, monkeypatch):
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.repeat(tone(192_000, 2.0)[:, None], 8, 1), 192_000)
    asked = []
    read = soundfile.SoundFile.read

    def counting_read(self, frames=-1, **options):
        asked.append(frames * self.channels)
        return read(self, frames, **options)

    monkeypatch.setattr(soundfile.SoundFile, "read", counting_read)
    assert difference(files.read(path), tone(22_050, 2.0)) < 1e-3
    assert max(asked) <= 1 << 18


def refusal(path):
    with pytest.raises(SoundFileError) as caught:
        files.read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message


def test_a_missing_file_is_refused(tmp_path):
    assert "does not exist" in refusal(tmp_path / "missing.ogg")
    with pytest.raises(SoundFileError, match="does not exist"):
        files.content_hash(tmp_path / "missing.ogg")


def test_a_directory_is_refused(tmp_path):
    assert "is a directory" in refusal(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "not a regular file" in refusal(tmp_path / "pipe.wav")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.wav").touch()
    assert "is empty" in refusal(tmp_path / "empty.wav")


@pytest.mark.parametrize("text", ["no music here\n" * 400, "#EXTM3U\nhttp://a/b.ts\n"])
def test_text_renamed_is_refused_without_a_word_from_the_decoder(tmp_path, text, capfd):
    (tmp_path / "song.mp3").write_text(text)
    assert "is text" in refusal(tmp_path / "song.mp3")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["noise.wav", "noise.flac", "picture.mp3"])
def test_bytes_that_are_no_sound_are_refused(tmp_path, name):
    noise = np.random.default_rng(0).bytes(5000)
    (tmp_path / name).write_bytes(b"\xff\xd8\xff\xe0" + noise)
    assert "is not sound" in refusal(tmp_path / name)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_flac_is_refused(tmp_path, kept):
    noise = 0.1 * np.random.default_rng(0).standard_normal(20 * 22_050)
    soundfile.write(tmp_path / "whole.flac", noise, 22_050)
    whole = (tmp_path / "whole.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: round(kept * len(whole))])
    assert "cut off after" in refusal(tmp_path / "cut.flac")


def test_a_truncated_mp3_is_refused(tmp_path):
    soundfile.write(tmp_path / "whole.mp3", tone(44_100, 10.0), 44_100)
    whole = (tmp_path / "whole.mp3").read_bytes()
    (tmp_path / "cut.mp3").write_bytes(whole[: len(whole) // 2])
    assert "promises 10.0 s" in refusal(tmp_path / "cut.mp3")


def test_a_fifth_of_a_second_is_refused(tmp_path):
    soundfile.write(tmp_path / "short.wav", tone(22_050, 0.2), 22_050)
    assert "holds 0.20 s of sound; at least 0.5 s" in refusal(tmp_path / "short.wav")


@pytest.mark.parametrize(("peak", "heard"), [(0.0, False), (9e-5, False), (2e-4, True)])
def test_silence_is_refused_below_80_db(tmp_path, peak, heard):
    sound = peak * np.sin(np.arange(22_050) / 5.0)
    soundfile.write(tmp_path / "a.wav", sound, 22_050, subtype="FLOAT")
    if heard:
        assert files.read(tmp_path / "a.wav").duration_s == 1.0
    else:
        assert "is silent" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate_hz", [22_050, 44_100])
def test_samples_that_are_no_numbers_are_refused(tmp_path, value, rate_hz):
    sound = tone(rate_hz)
    sound[rate_hz // 2] = value
    soundfile.write(tmp_path / "a.wav", sound, rate_hz, subtype="FLOAT")
    assert "NaN or infinity" in refusal(tmp_path / "a.wav")


def test_samples_scaled_like_integers_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", 32768 * tone(22_050), 22_050, subtype="FLOAT")
    assert "between -1 and 1" in refusal(tmp_path / "a.wav")


def test_what_is_too_long_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_DURATION_S", 1.5)
    soundfile.write(tmp_path / "a.flac", tone(22_050, 2.0), 22_050)
    monkeypatch.setattr(soundfile.SoundFile, "read", None)
    assert "the longest that is heard" in refusal(tmp_path / "a.flac")


def m4a_head():
    return b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + bytes(5000)


def test_without_ffmpeg_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.m4a").write_bytes(m4a_head())
    assert "is MP4/M4A; install ffmpeg to read it" in refusal(tmp_path / "a.m4a")


@needs_ffmpeg
def test_a_broken_container_is_refused_in_one_line(tmp_path):
    (tmp_path / "a.m4a").write_bytes(m4a_head())
    assert "cannot be read by ffmpeg" in refusal(tmp_path / "a.m4a")


def test_a_hanging_ffmpeg_is_given_up(tmp_path, monkeypatch):
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(ffmpeg, "TIMEOUT_S", 0.2)
    (tmp_path / "a.m4a").write_bytes(m4a_head())
    assert "not done after" in refusal(tmp_path / "a.m4a")


def test_the_hash_is_that_of_the_bytes(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"\0abc")
    assert (
        files.content_hash(tmp_path / "a.wav") == hashlib.sha256(b"\0abc").hexdigest()
    )
