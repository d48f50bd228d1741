"""The commands that pack sets: of files, of the studio, of what is no music."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jaxsoundart.sound.waveform import Waveform
from train.ear import batches, record, record_other, record_studio, records
from train.ear.records import Sound
from train.readers import tfds
from train.studio import noise, speech
from train.studio.score import Note, Part, Piece, Section


def test_a_table_of_files_becomes_records(tmp_path, capsys):
    rows = ["path,label,split"]
    for number, part in enumerate(("train", "train", "valid", "test")):
        samples = 0.1 * np.sin(np.arange(30_000) / (9 + number))
        soundfile.write(tmp_path / f"{number}.wav", samples, 22_050)
        rows.append(f"{number}.wav,{'ab'[number % 2]},{part}")
    (tmp_path / "set.csv").write_text("\n".join(rows))
    folder = tmp_path / "records"
    told = [str(folder), str(tmp_path / "set.csv"), "letter=label", "--longest", "0.5"]
    assert record.main([*told, "--also", "kind=tone"]) == 0
    assert records.tally([folder], "train") == {
        "letter": {"a": 2, "b": 2},
        "kind": {"tone": 4},
    }
    first = Sound.unpacked(batches.sounds(folder, "valid")[0])
    assert first.labels == {"letter": ("a",), "kind": ("tone",)}
    assert len(first.samples) == 11_025
    assert record.main(told) != 0
    assert "already holds records" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (["none.csv"], "say which columns"),
        (["none.csv", "a=b"], "cannot be read"),
        (["."], "one HEAD"),
        (["tfds:gtzan"], "say what its labels are"),
    ],
)
def test_what_cannot_be_packed_is_told_in_a_line(tmp_path, capsys, told, complaint):
    assert record.main([str(tmp_path / "records"), *told]) != 0
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


def test_midi_without_a_soundfont_is_told(tmp_path, capsys):
    (tmp_path / "a.mid").write_bytes(b"MThd")
    (tmp_path / "set.csv").write_text("path,mood,split\na.mid,calm,train\n")
    told = [str(tmp_path / "records"), str(tmp_path / "set.csv"), "mood"]
    assert record.main(told) != 0
    assert "name a soundfont" in capsys.readouterr().err


def test_parts_of_the_studio_share_no_seed_and_the_test_no_soundfont():
    fonts, other = [Path("a.sf2"), Path("b.sf2")], Path("c.sf2")
    planned = list(record_studio.tasks(20, fonts, other))
    seeds = {
        part: {task.seed for task in planned if task.part == part}
        for part in ("train", "valid", "test")
    }
    assert len(seeds["train"] | seeds["valid"] | seeds["test"]) == 20 + 3 + 3
    for task in planned:
        assert (task.font == other) == (task.part == "test")
    styles = [task.style for task in planned if task.seed == 0]
    assert len(styles) == len(set(styles)) == 27


def test_instruments_are_heard_where_they_sound_long_enough():
    notes = {
        "flute": (Note(0.0, 4.0, 72, 0.9),),
        "piano": (Note(0.0, 0.5, 60, 0.9),),
        "drums": tuple(Note(beat, 0.1, 36, 0.9) for beat in range(8)),
    }
    piece = Piece(
        style="folk",
        tempo_bpm=60.0,
        tonic=0,
        mode="major",
        swing=0.0,
        swing_beats=1.0,
        sections=(Section("verse", 0, 2, 0.5),),
        parts=tuple(Part(name, name, some) for name, some in notes.items()),
    )
    assert record_studio.heard(piece, 0.0, 4.0) == ("drums", "flute")
    assert record_studio.heard(piece, 5.0, 8.0) == ("drums",)


def test_noise_is_a_function_of_its_seed_and_below_full_scale():
    one, same, other = (
        noise.make(np.random.default_rng(seed), 2.0, 22_050).samples
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0
    assert 0 < np.abs(one).max() <= 0.51


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not there")
def test_speech_is_heard():
    said = speech.speak(np.random.default_rng(0), 22_050)
    assert 2.0 < said.duration_s < 60.0
    assert np.abs(said.samples).max() > 0.05


def test_what_is_no_music_is_packed_in_parts(tmp_path, monkeypatch):
    def spoken(generator, rate_hz):
        samples = generator.standard_normal(9 * rate_hz).astype(np.float32)
        return Waveform(samples=samples, sample_rate_hz=rate_hz)

    monkeypatch.setattr(speech, "speak", spoken)
    assert record_other.main([str(tmp_path / "other"), "--count", "10"]) == 0
    counts = [
        records.tally([tmp_path / "other"], part)["kind"]
        for part in ("train", "valid", "test")
    ]
    assert counts == [{"speech": n, "noise": n} for n in (8, 1, 1)]


def test_a_set_that_needs_tensorflow_says_so():
    pytest.importorskip("tensorflow_datasets")
    with pytest.raises(tfds.DataError, match="tensorflow"):
        list(tfds.read("gtzan"))


def test_a_set_of_tensors_is_read_without_tensorflow(tmp_path):
    builders = pytest.importorskip("tensorflow_datasets")
    pytest.importorskip("importlib_resources")

    class Tones(builders.core.GeneratorBasedBuilder):
        """Two tones."""

        VERSION = builders.core.Version("1.0.0")

        def _info(self):
            features = {
                "audio": builders.features.Tensor(shape=(None,), dtype=np.int16),
                "label": builders.features.ClassLabel(names=["low", "high"]),
            }
            return self.dataset_info_from_configs(
                features=builders.features.FeaturesDict(features)
            )

        def _split_generators(self, dl_manager):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for number, label in enumerate(("low", "high", "low")):
                audio = np.full(1000, 16_384 * number // 2, np.int16)
                yield number, {"audio": audio, "label": label}

    Tones(data_dir=tmp_path, file_format="array_record").download_and_prepare()
    read = list(tfds.read("tones", data_dir=tmp_path))
    assert sorted(label for _, label, _ in read) == ["high", "low", "low"]
    assert {part for part, _, _ in read} == {"train"}
    peaks = sorted(float(np.abs(one.samples).max()) for _, _, one in read)
    assert peaks == [0.0, 0.25, 0.5]
