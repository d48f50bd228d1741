"""Training: what is learnt, what is chosen, and that a stopped run goes on bitwise."""

import csv
import json
import os
import runpy
from functools import partial
from pathlib import Path

import jax
import numpy as np
import optax
import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.listen.features import COLUMNS, table_row_to_standard_level
from jaxsoundart.listen.listener import Listener
from train import gtzan_table, listener, listener_fit
from train.folds import artist_folds
from train.gtzan_table import Rows
from train.listener_config import ListenerConfig
from train.whitening import clip_weights, within_labels

CONFIGS = Path(__file__).parents[2] / "configs"
LABELS = ("blues", "jazz", "rock")


def make_rows(count, seed=0, spread=1.0):
    """Three well separated kinds, by several artists each."""
    rng = np.random.default_rng(seed)
    targets = np.arange(count) % 3
    centres = np.random.default_rng(99).standard_normal((3, len(COLUMNS)))
    logs = centres[targets] + spread * rng.standard_normal((count, len(COLUMNS)))
    return Rows(
        features=np.exp(0.3 * logs),
        targets=targets,
        groups=np.array([f"artist {i % 12}" for i in range(count)]),
    )


def config(**changes):
    settings = {
        "name": "tiny",
        "hidden": (6,),
        "members": 2,
        "columns_share": 0.8,
        "optimiser": partial(optax.sgd, learning_rate=0.3),
        "jitter_std": 0.1,
        "batch_size": 16,
        "steps": 40,
        "save_every": 10,
    }
    return ListenerConfig(**settings | changes)


def assert_bitwise(got, wanted):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_tiny_set_is_learnt_by_heart(tmp_path):
    rows = make_rows(24, spread=3.0)
    run = config(steps=300, save_every=300, jitter_std=0.0)
    fit = listener_fit.fit(run, rows, labels=3, steps=300, workdir=tmp_path)
    assert (fit.logits(rows).argmax(axis=1) == rows.targets).all()
    last = json.loads((tmp_path / "logbook.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 300
    assert last["loss"] < 0.1


def test_a_run_stopped_and_resumed_equals_one_uninterrupted(tmp_path, monkeypatch):
    fit = partial(listener_fit.fit, config(), make_rows(50), labels=3, steps=40)
    whole = fit(workdir=tmp_path / "whole")

    draw = listener_fit.batch_rows

    def stop_at_27(**place):
        if place["step"] == 27:
            raise KeyboardInterrupt
        return draw(**place)

    monkeypatch.setattr(listener_fit, "batch_rows", stop_at_27)
    with pytest.raises(KeyboardInterrupt):
        fit(workdir=tmp_path / "stopped")
    steps = []
    monkeypatch.setattr(
        listener_fit,
        "batch_rows",
        lambda **place: steps.append(place["step"]) or draw(**place),
    )
    resumed = fit(workdir=tmp_path / "stopped")
    assert steps == list(range(20, 40))
    assert_bitwise(resumed.params, whole.params)


def test_a_longer_run_is_not_cut_short_in_silence(tmp_path):
    fit = partial(listener_fit.fit, config(), make_rows(50), labels=3, workdir=tmp_path)
    fit(steps=20)
    with pytest.raises(ArgumentError, match="20 steps, more than the 10 asked"):
        fit(steps=10)


def test_every_member_sees_every_row_once_an_epoch_in_an_order_of_its_own():
    drawn = np.concatenate(
        [
            listener_fit.batch_rows(
                seed=3, step=step, members=2, count=50, batch_size=16
            )
            for step in range(25)
        ],
        axis=1,
    ).reshape(2, 8, 50)
    assert (np.sort(drawn, axis=2) == np.arange(50)).all()
    assert len({tuple(epoch) for member in drawn for epoch in member}) == 16


def test_folds_share_no_artist_and_are_about_as_large():
    rng = np.random.default_rng(0)
    artists = rng.integers(0, 40, 600)
    targets, groups = artists % 3, np.array([f"artist {a}" for a in artists])
    folds = list(artist_folds(targets, groups, count=4))
    np.testing.assert_array_equal(np.sum(folds, axis=0), np.ones(600))
    for fold in folds:
        assert not set(groups[fold]) & set(groups[~fold])
        for label in range(3):
            share = (fold & (targets == label)).sum() / (targets == label).sum()
            assert 0.15 < share < 0.35


def test_one_step_of_plain_descent_is_w_less_rate_times_gradient():
    run = config(members=1, weight_decay=0.1, jitter_std=0.0)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1, 8, 4)).astype(np.float32)
    t = np.eye(3, dtype=np.float32)[rng.integers(0, 3, (1, 8))]
    w1, b1 = rng.standard_normal((4, 6)), rng.standard_normal(6)
    w2, b2 = rng.standard_normal((6, 3)), rng.standard_normal(3)
    params = {
        "hidden_0": {"kernel": w1[None], "bias": b1[None]},
        "output": {"kernel": w2[None], "bias": b2[None]},
    }
    params = jax.tree.map(lambda w: jax.numpy.asarray(w, "float32"), params)
    state = listener_fit.TrainState.create(params, run.optimiser())
    step = listener_fit.make_step(run, np.eye(4, dtype=np.float32)[None])
    after, _ = step(state, x, t, jax.random.key(0))

    h = 1 / (1 + np.exp(-(x[0] @ w1 + b1)))
    z = h @ w2 + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    dz = (p - t[0]) / 8
    du = dz @ w2.T * h * (1 - h)
    wanted = {
        "hidden_0": (w1 - 0.3 * (x[0].T @ du + 0.1 * w1), b1 - 0.3 * du.sum(0)),
        "output": (w2 - 0.3 * (h.T @ dz + 0.1 * w2), b2 - 0.3 * dz.sum(0)),
    }
    for layer, (kernel, bias) in wanted.items():
        got = after.params[layer]
        np.testing.assert_allclose(got["kernel"][0], kernel, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(got["bias"][0], bias, rtol=1e-4, atol=1e-6)
    assert int(after.step) == 1


def test_the_joined_network_gives_the_members_mean_logits(tmp_path):
    rows = make_rows(50)
    fit = listener_fit.fit(config(), rows, labels=3, steps=10, workdir=tmp_path)
    joined = listener_fit.classifier.logits(
        fit.network(), jax.numpy.asarray(fit.scale.standardise(rows))
    )
    np.testing.assert_allclose(joined, fit.logits(rows), rtol=1e-4, atol=1e-5)
    # Each member saw 42 of the 53 columns and is deaf to the others.
    deaf = (np.asarray(fit.scale.whitening) == 0).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(deaf, [11, 11])


def test_whitening_makes_the_scatter_within_labels_the_same_in_all_directions():
    rng = np.random.default_rng(0)
    targets = np.arange(3000) % 3
    mixing = rng.standard_normal((4, 4))
    inputs = rng.standard_normal((3000, 4)) @ mixing + 5 * np.eye(3, 4)[targets]
    whitened = inputs @ within_labels(inputs, targets, np.ones(3000), shrinkage=0.0)
    within = [np.cov(whitened[targets == k].T, bias=True) for k in range(3)]
    scatter = np.mean(within, axis=0)
    np.testing.assert_allclose(scatter, scatter[0, 0] * np.eye(4), atol=1e-6)
    assert whitened.var(axis=0).mean() == pytest.approx(1)
    as_it_is = within_labels(inputs, targets, np.ones(3000), shrinkage=1.0)
    np.testing.assert_allclose(as_it_is, as_it_is[0, 0] * np.eye(4), atol=1e-9)


def test_clips_weigh_by_the_root_of_their_artists_number_and_labels_all_the_same():
    targets = np.array([0, 0, 0, 0, 0, 1, 1])
    groups = np.array(["a", "a", "a", "a", "b", "c", "d"])
    weights = clip_weights(targets, groups)
    assert weights.mean() == pytest.approx(1)
    assert weights[4] / weights[0] == pytest.approx(2)
    assert weights[targets == 0].sum() == pytest.approx(weights[targets == 1].sum())


@pytest.fixture
def table(tmp_path):
    """A folder like the GTZAN table's, small and made up."""
    folder = tmp_path / "table"
    folder.mkdir()
    rng = np.random.default_rng(5)
    clips, index = [], []
    for i, part in enumerate(
        ["train"] * 45 + ["valid"] * 15 + ["test"] * 15 + ["unlisted"]
    ):
        label, name = i % 3, f"{LABELS[i % 3]}.{i:05d}.wav"
        row = dict(
            zip(COLUMNS, np.exp(0.3 * rng.standard_normal(53) + label), strict=True)
        )
        clips.append({"filename": name, "rms_mean": 0.1, **row})
        artist = f"{part} artist {i % 9}"
        index.append(
            {"filename": name, "label": LABELS[label], "split": part, "group": artist}
        )
    for name, rows in (("features_30_sec.csv", clips), ("index.csv", index)):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_the_table_is_read_at_standard_level_by_part(table):
    got = gtzan_table.read(table)
    assert got.labels == LABELS
    assert {part: len(rows.targets) for part, rows in got.parts.items()} == {
        "train": 45,
        "valid": 15,
        "test": 15,
    }
    with (table / "features_30_sec.csv").open() as file:
        first = next(csv.DictReader(file))
    numbers = {name: float(first[name]) for name in ("rms_mean", *COLUMNS)}
    wanted = table_row_to_standard_level(numbers)
    np.testing.assert_allclose(
        got.parts["train"].features[0], [wanted[column] for column in COLUMNS]
    )
    assert not set(got.parts["train"].groups) & set(got.parts["test"].groups)


def test_a_folder_that_is_no_table_is_one_clear_line(tmp_path, table):
    with pytest.raises(ArgumentError, match=r"features_30_sec.csv cannot be read"):
        gtzan_table.read(tmp_path)
    (table / "index.csv").write_text("filename,split\na,train\n")
    with pytest.raises(ArgumentError, match="'label' is missing"):
        gtzan_table.read(table)


def test_the_program_exports_a_listener_that_scores_what_it_says(
    tmp_path, table, capsys
):
    (tmp_path / "tiny.py").write_text(
        "from train.listener_config import ListenerConfig\n"
        "def get_config():\n"
        "    return ListenerConfig(name='tiny', hidden=(6,), members=2, steps=60)\n"
    )
    export = tmp_path / "bundle"
    status = listener.main(
        [
            f"--config={tmp_path / 'tiny.py'}",
            f"--table={table}",
            f"--workdir={tmp_path / 'run'}",
            f"--export={export}",
        ]
    )
    assert status == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["cross_validation"]["accuracy"] > 0.9
    said = printed["test"]
    rows = gtzan_table.read(table).parts["test"]
    ear = Listener.load(export)
    heard = ear.judge(rows.features)
    assert said["accuracy"] == (heard.argmax(axis=1) == rows.targets).mean() == 1.0
    assert ear.bundle.hidden == (12,)
    assert listener.main(["--config=x", "--table=x", f"--workdir={tmp_path}"]) == 2


@pytest.mark.parametrize("name", ["listener_sigmoid", "listener_adam"])
def test_the_configs_build(name):
    run = runpy.run_path(str(CONFIGS / f"{name}.py"))["get_config"]()
    assert isinstance(run, ListenerConfig)
    state = run.optimiser().init({"w": np.zeros(2)})
    plain = not any(leaf.size == 2 for leaf in jax.tree.leaves(state))
    assert plain == (name == "listener_sigmoid")


@pytest.fixture(scope="module")
def bundled_scores():
    """Of the bundled listener, on artists it never heard."""
    if "JAXSOUNDART_DATA" not in os.environ:
        pytest.skip("JAXSOUNDART_DATA is not set")
    folder = Path(os.environ["JAXSOUNDART_DATA"]) / "gtzan_features"
    test = gtzan_table.read(folder).parts["test"]
    return listener.scores(Listener.load().judge(test.features), test.targets)


def test_the_bundled_listener_is_as_good_as_its_card_says(bundled_scores):
    assert bundled_scores["accuracy"] == pytest.approx(0.549, abs=5e-4)
    assert bundled_scores["cross_entropy"] == pytest.approx(1.239, abs=5e-4)
    assert bundled_scores["calibration_error"] <= 0.10


@pytest.mark.xfail(reason="0.549: the aim is missed, see the listener's card")
def test_the_bundled_listener_reaches_the_accuracy_aimed_at(bundled_scores):
    assert bundled_scores["accuracy"] >= 0.58
