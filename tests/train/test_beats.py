"""How beats, bars and drops are learnt: targets, batches, a run, what is kept."""

import dataclasses
import json
import runpy
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.modules import run
from jaxsoundart.sound import beat_network
from jaxsoundart.sound.beat_model import BeatModel
from jaxsoundart.sound.beat_network import BeatConfig, BeatNetwork
from jaxsoundart.sound.waveform import Waveform
from train.beats import __main__ as program
from train.beats import corpus, learning
from train.beats.corpus import Known
from train.optimiser import Optimisation

CONFIG = Path(__file__).parents[2] / "configs" / "beats.py"
RATE_HZ = 43.0


@pytest.fixture(scope="module")
def config():
    whole = runpy.run_path(str(CONFIG))["get_config"]()
    return dataclasses.replace(
        whole,
        network=BeatConfig(channels=8, blocks=3),
        optimisation=Optimisation(
            steps=40, batch=4, peak_rate=1e-2, warmup_steps=5, save_every=20
        ),
        pieces=1,
        valid_pieces=1,
        frames=256,
    )


def clicks(first_s, beat_s, frames=600):
    """A piece in which every beat is a burst, the first of four a louder one."""
    beats_s = np.arange(first_s, frames / RATE_HZ, beat_s)
    levels = np.zeros((frames, 40), np.float32)
    for number, at_s in enumerate(beats_s):
        levels[round(at_s * RATE_HZ)] = 0.6 if number % 4 else 1.0
    return Known(levels, (beats_s, beats_s[::4], beats_s[16:17]), RATE_HZ)


def test_targets_are_where_things_begin():
    known = clicks(0.5, 0.5)
    levels, targets = learning.excerpt(known, 0.0, 1.0, 300)
    np.testing.assert_array_equal(levels, known.levels[:300])
    at = known.events_s[0] * RATE_HZ
    away = np.abs(np.arange(300)[:, None] - at).min(axis=1)
    np.testing.assert_allclose(targets[:, 0], np.maximum(0, 1 - away / 1.5), atol=1e-6)
    assert targets.max() <= 1.0
    assert targets[:, 2].sum() == 0.0  # the drop comes later
    assert targets[:, 0].sum() > 3 * targets[:, 1].sum()


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_a_faster_piece_has_its_targets_nearer(speed):
    known = clicks(0.5, 0.5)
    levels, targets = learning.excerpt(known, 20.0, speed, 256)
    at = (known.events_s[0] * RATE_HZ - 20.0) / speed
    at = at[(at > 1) & (at < 250)]
    for frame in at:
        here = round(frame)
        assert targets[here, 0] > 0.6
        assert levels[here - 1 : here + 2].max() > 0.2


def test_after_the_end_there_is_silence():
    levels, targets = learning.excerpt(clicks(0.5, 0.5, 100), 0.0, 1.0, 256)
    assert levels[100:].max() == 0.0
    assert targets[102:].max() == 0.0


def test_batches_are_functions_of_the_step(config):
    pieces = [clicks(0.4, 0.5), clicks(0.3, 0.6)]
    first, again = (learning.batch(config, pieces, 7) for _ in range(2))
    other = learning.batch(config, pieces, 8)
    np.testing.assert_array_equal(first["levels"], again["levels"])
    assert (first["levels"] != other["levels"]).any()
    assert first["levels"].shape == (4, 256, 40)
    assert first["targets"].shape == (4, 256, 3)


def test_worn_levels_are_levels_and_keep_their_beats():
    known = clicks(0.5, 0.5)
    at = np.round(known.events_s[0] * RATE_HZ).astype(int)
    fewer = 0
    for seed in range(60):
        worn = learning.worn(np.random.default_rng(seed), known.levels)
        assert worn.dtype == np.float32
        assert 0.0 <= worn.min() <= worn.max() < 1.5
        assert worn[at].mean() > worn.mean()
        fewer += (worn.max(axis=0) == 0.0).any()
    assert 8 < fewer < 30  # bands are cut now and then


def fake_render(piece, font, *, seed):
    """Four bars of clicks: FluidSynth is not everywhere."""
    rate_hz = 22_050
    samples = np.zeros(round(piece.seconds(16) * rate_hz) + 2000, np.float32)
    for beat in range(16):
        at = round(piece.seconds(beat) * rate_hz)
        samples[at : at + 500] = 0.5 * np.exp(-np.arange(500) / 80)
    return Waveform(samples=samples, sample_rate_hz=rate_hz)


@pytest.fixture
def few_styles(monkeypatch):
    monkeypatch.setattr(corpus, "render", fake_render)
    styles = {name: corpus.STYLES[name] for name in ("house", "jazz")}
    monkeypatch.setattr(corpus, "STYLES", styles)

    class InThisProcess:
        def __init__(self, workers, context):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def map(self, work, tasks):
            return map(work, tasks)

    monkeypatch.setattr(corpus, "ProcessPoolExecutor", InThisProcess)


def test_pieces_are_made_once(few_styles, tmp_path, capsys):
    fonts = [Path("a.sf2")]
    made = corpus.collect("train", 2, fonts, tmp_path, workers=1)
    assert len(made) == 4
    assert "pieces for train" in capsys.readouterr().err
    for known in made:
        beats_s, bars_s, _ = known.events_s
        np.testing.assert_array_equal(bars_s, beats_s[::4])
        assert known.frame_rate_hz == pytest.approx(43.07, abs=0.01)
        assert 0.0 <= known.levels.min() < known.levels.max() <= 1.3
    again = corpus.collect("train", 2, fonts, tmp_path, workers=1)
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(again[3].levels, made[3].levels.astype(np.float16))
    assert not list(tmp_path.glob("*.part"))


def test_a_run_learns_stops_goes_on_and_is_kept(
    config, few_styles, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(
        program.runpy, "run_path", lambda _: {"get_config": lambda: config}
    )
    common = ["--config", str(CONFIG), "--fonts", "a.sf2"]

    def teach(name, *more):
        workdir = ["--workdir", str(tmp_path / name)]
        assert program.main([*common, *workdir, *more]) == 0
        return json.loads(capsys.readouterr().out)

    whole = teach("whole", "--export", str(tmp_path / "kept"))
    lines = (tmp_path / "whole/network/logbook.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["loss"] < 0.7 * json.loads(lines[0])["loss"]
    assert set(whole) == set(beat_network.EVENTS)

    half = dataclasses.replace(
        config, optimisation=dataclasses.replace(config.optimisation, decay_share=0.0)
    )
    for steps in (20, 40):
        config = dataclasses.replace(
            half, optimisation=dataclasses.replace(half.optimisation, steps=steps)
        )
        stopped = teach("stopped")
    config = half
    assert stopped == teach("unstopped")

    model = BeatModel.load(tmp_path / "kept")
    mels = np.abs(np.random.default_rng(0).normal(size=(3000, 40)))
    events = model.events(mels)
    assert events.shape == (3000, 3)
    # The silence it is filled up with is not heard but at the end.
    alone = run(
        BeatNetwork(model.config),
        model.params,
        jnp.asarray(beat_network.features(mels))[None],
    )
    np.testing.assert_allclose(events[:2900], alone[0, :2900], atol=1e-4)


def test_damaged_weights_are_one_clear_line(config, tmp_path):
    params = learning.create(config).mean
    BeatModel(config.network, params).save(tmp_path)
    opened = BeatModel.load(tmp_path)
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, atol=2e-3), opened.params, params
    )
    path = tmp_path / "config.json"
    text = path.read_text()
    for wrong, message in (
        ("{}", "not as it is to be"),
        (text.replace('"taps"', '"tabs"'), "not as it is to be"),
        (text.replace('"channels": 8', '"channels": 9'), "does not fit its config"),
    ):
        path.write_text(wrong)
        with pytest.raises(ModelError, match=message) as caught:
            BeatModel.load(tmp_path)
        assert "\n" not in str(caught.value)


def test_a_missing_config_is_one_clear_line(tmp_path, capsys):
    arguments = ["--config", "none.py", "--workdir", str(tmp_path), "--fonts", "a"]
    assert program.main(arguments) == 2
    assert "none.py is no file" in capsys.readouterr().err
