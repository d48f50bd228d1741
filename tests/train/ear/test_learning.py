"""An ear learns tones; stopped it goes on to the bit; judged, it stops in time."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import softmax

from jaxsoundart.errors import ArgumentError, ModelError
from jaxsoundart.listen import ear_file
from jaxsoundart.listen.heads import Head
from jaxsoundart.runtime.checkpoint import Checkpoints
from train import best, stage
from train.ear import batches, judging, learning
from train.ear.__main__ import ask, main, train, trained
from train.ear.judging import Said
from train.optimiser import Optimisation, adamw

PITCH = Head(name="pitch", labels=("high", "low"), exclusive=True)
EXTRAS = Head(name="extras", labels=("clicks", "tone"), exclusive=False)


def test_cross_entropy_is_that_of_the_books():
    logits = jnp.array([[2.0, -1.0]])
    right = jnp.array([[0.0, 1.0]])
    one = learning.cross_entropy(PITCH, logits, right, 0.1)
    wanted = -(0.05 * np.log(softmax([2.0, -1.0])) @ [1, 0]) - 0.95 * np.log(
        softmax([2.0, -1.0])[1]
    )
    np.testing.assert_allclose(one, [wanted], rtol=1e-5)
    several = learning.cross_entropy(EXTRAS, logits, right, 0.1)
    wanted = (np.log1p(np.exp(2.0)) + np.log1p(np.exp(1.0))) / 2
    np.testing.assert_allclose(several, [wanted], rtol=1e-5)


def test_noise_is_as_loud_as_told(config):
    wear = dataclasses.replace(config.wear, noise_db=(-20.0, -20.0))
    sounds = jnp.sin(jnp.arange(20_000) / 10.0)[None] * 0.01
    worn = learning.worn(jax.random.key(0), sounds, wear)
    clean = sounds / jnp.sqrt(jnp.mean(sounds**2))
    assert float(jnp.std(worn - clean)) == pytest.approx(0.1, rel=0.02)


def step_of(config, heads, data, **changes):
    state = learning.create(config, heads)
    batch = {name: jnp.asarray(values) for name, values in data[0].items()} | changes
    optimiser = adamw(config.optimisation)
    return learning.train_step(
        config, heads, optimiser, state, batch, jax.random.key(0)
    )


def test_what_is_not_asked_teaches_nothing(config, tones):
    heads = batches.find_heads(config, [tones])
    data = batches.training(config, heads, [tones])
    config = dataclasses.replace(
        config,
        optimisation=dataclasses.replace(
            config.optimisation, warmup_steps=0, weight_decay=0.0
        ),
    )
    before = learning.create(config, heads).train.params["answers"]
    state, metrics = step_of(config, heads, data, **{"asked:pitch": jnp.zeros(8)})
    after = state.train.params["answers"]
    np.testing.assert_array_equal(after["pitch"]["kernel"], before["pitch"]["kernel"])
    assert np.abs(after["extras"]["kernel"] - before["extras"]["kernel"]).max() > 0
    assert float(metrics["loss pitch"]) == 0 < float(metrics["loss extras"])


@pytest.fixture(scope="module")
def run(config, tones, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    return train(config, (tones,), workdir), workdir


def test_it_learns(config, tones, run):
    heads, workdir = run
    params = trained(config, heads, workdir)
    said = ask(config, heads, params, batches.sounds(tones, "test"))
    assert judging.scores(said["pitch"])["accuracy"] == 1.0
    assert judging.scores(said["extras"])["mean_precision"] > 0.9


def test_stopped_it_goes_on_to_the_bit(config, tones, run, tmp_path):
    heads, _ = run
    short = dataclasses.replace(config.optimisation, steps=30, decay_share=0.0)
    whole = dataclasses.replace(config.optimisation, decay_share=0.0)
    for name, parts in (("once", (whole,)), ("twice", (short, whole))):
        for part in parts:
            train(
                dataclasses.replace(config, optimisation=part),
                (tones,),
                tmp_path / name,
            )
    like = stage.abstract(lambda: learning.create(config, heads))
    once, twice = (
        Checkpoints(tmp_path / name / "ear").restore(60, like)
        for name in ("once", "twice")
    )
    jax.tree.map(np.testing.assert_array_equal, once, twice)


def test_the_command_exports_and_reports(config, tones, tmp_path, capsys):
    recipe = tmp_path / "ear_tones.py"
    recipe.write_text(
        "from jaxsoundart.listen.mel_network import MelConfig\n"
        "from train.ear.config import EarConfig, Question\n"
        "from train.optimiser import Optimisation\n"
        "def get_config():\n"
        "    return EarConfig(name='tones', questions=(Question('pitch'),),\n"
        "        network=MelConfig(num_mels=16, channels=(8, 8), norm_groups=2),\n"
        "        window_s=0.5, evaluate_every=5,\n"
        "        optimisation=Optimisation(steps=10, batch=8, peak_rate=1e-2))\n"
    )
    told = ["--config", recipe, "--records", tones, "--workdir", tmp_path / "run"]
    assert main([*map(str, told), "--export", str(tmp_path / "ear")]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["pitch"].keys() == {"accuracy", "balanced", "cross_entropy"}
    ear = ear_file.read(tmp_path / "ear")
    assert ear.heads[0].labels == ("high", "low")
    assert ear.window_s == 0.5


def test_what_is_missing_is_told_in_a_line(tmp_path, capsys):
    told = ["--config", "none.py", "--records", "x", "--workdir", str(tmp_path)]
    assert main(told) == ArgumentError.exit_code
    assert "none.py is no file" in capsys.readouterr().err


def counting(scores):
    """Returns a judge who gives these scores in turn."""
    given = iter(scores)
    return best.Judge(lambda params: {"mean": next(given)}, "mean", 1, 2)


def counted(folder, scores, *, steps=9):
    """Runs a stage of steps that only count; returns the updates it did."""
    done = []
    settings = Optimisation(steps=steps, batch=1, peak_rate=0.1, save_every=1)

    def update(state, given):
        done.append(given)
        params = {"w": state.train.params["w"] + 1.0}
        train_state = state.train.replace(params=params)
        return state.replace(train=train_state, mean=params), {"loss": jnp.ones(())}

    stage.run(
        folder / "count",
        settings,
        lambda: learning.Averaged.create({"w": jnp.zeros(())}, adamw(settings)),
        lambda step: step,
        update,
        judge=counting(scores),
    )
    return done


def test_a_run_ends_when_it_has_not_been_bettered_for_long(tmp_path):
    done = counted(tmp_path, [0.1, 0.5, 0.4, 0.3, 0.2, 0.9])
    assert done == [0, 1, 2, 3, 4]
    like = stage.abstract(lambda: {"w": jnp.zeros(())})
    assert best.restore(tmp_path / "count", like)["w"] == 2.0


def test_a_run_that_goes_on_remembers_its_judgements(tmp_path):
    assert counted(tmp_path, [0.1, 0.5, 0.4], steps=3) == [0, 1, 2]
    assert counted(tmp_path, [0.3, 0.2, 0.9]) == [3, 4]
    assert counted(tmp_path, []) == []


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    settings = Optimisation(steps=30, batch=1, peak_rate=0.1, log_every=10)
    with pytest.raises(ModelError, match=r"loss is nan at step 10; .* from step 0"):
        stage.run(
            tmp_path / "bad",
            settings,
            lambda: learning.Averaged.create({"w": jnp.zeros(())}, adamw(settings)),
            lambda step: step,
            lambda state, given: (state, {"loss": jnp.float32(jnp.nan)}),
        )


def test_calibration_finds_temperature_and_threshold():
    generator = np.random.default_rng(0)
    truth = generator.normal(size=(8000, 2))
    targets = truth + generator.gumbel(size=truth.shape)
    right = targets == targets.max(axis=1, keepdims=True)
    head = judging.calibrated(Said(PITCH, 3.0 * truth, right))
    assert head.temperature == pytest.approx(3.0, rel=0.1)
    given = head.probabilities(3.0 * truth)
    believed = given.max(axis=1) >= head.sure
    hits = given.argmax(axis=1) == right.argmax(axis=1)
    assert hits[believed].mean() == pytest.approx(0.8, abs=0.02)


def test_scores_of_several_labels_leave_out_what_never_occurs():
    head = Head(name="extras", labels=("a", "b", "c"), exclusive=False)
    logits = np.array([[3.0, -2.0, 5.0], [-3.0, -1.0, 4.0], [2.0, 1.0, 3.0]])
    targets = np.array([[1, 0, 0], [0, 1, 0], [1, 0, 0]], bool)
    figures = judging.scores(Said(head, logits, targets))
    # Label a is always right; b is said once, wrongly, and missed once.
    assert figures["macro_f1"] == pytest.approx(0.5)
    assert figures["mean_precision"] == pytest.approx((1.0 + 0.5) / 2)
