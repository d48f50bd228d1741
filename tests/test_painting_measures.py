"""The measures of `benchmarks/paint`, where what they must give is known."""

import numpy as np
import pytest

from benchmarks.paint import few_steps, genres, held_out
from benchmarks.paint.judging import frechet, nearest, spread
from benchmarks.paint.kept import Kept
from benchmarks.paint.recogniser import HEADS, Recogniser
from train.gallery import vocabulary


def some_features(rows, seed=0):
    return np.random.default_rng(seed).standard_normal((rows, 6))


def test_the_frechet_distance_of_moved_and_widened_features():
    here = some_features(500)
    assert frechet(here, here) == pytest.approx(0.0, abs=1e-6)
    assert frechet(here, here + 2.0) == pytest.approx(6 * 4.0)
    # Of covariances C and 9 C: tr(C) (1 + 9 - 2·3).
    means = here.mean(0)
    wide = means + 3.0 * (here - means)
    assert frechet(here, wide) == pytest.approx(4.0 * np.trace(np.cov(here.T)))


def test_spread_is_within_groups_only():
    one, other = np.zeros(4), np.array([3.0, 4.0, 0.0, 0.0])
    assert spread(np.stack([one, other, one + 9, other + 9]), 2) == pytest.approx(5.0)
    assert spread(np.stack([one, one, other, other]), 2) == 0.0


def test_the_nearest_picture_is_found_and_how_far_it_is():
    images = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), np.uint8)
    which, apart = nearest(images[[3, 1]], images)
    assert which.tolist() == [3, 1]
    assert apart.tolist() == [0.0, 0.0]
    black = np.zeros((1, 32, 32, 3), np.uint8)
    _, apart = nearest(black, 255 + black)
    assert apart[0] == pytest.approx(1.0)


def test_a_made_up_hearing_is_of_its_genre():
    generator = np.random.default_rng(2)
    for genre in genres.GENRES:
        ranked = genres.imagine(generator, genre).labels["genre"]
        assert sum(ranked.values()) == pytest.approx(1.0)
        assert set(ranked) == set(genres.GENRES)
        assert ranked[genre] >= 0.45


def test_prompts_of_a_subject():
    subject = ("desert dunes", "earth", "soft light", "smooth", "", "calm")
    assert (
        held_out.plainly(subject, without=1) == "desert dunes, soft light, smooth, calm"
    )
    assert held_out.plainly(subject).split(", ")[1] == "earth palette"
    assert "palette" in held_out.worded(np.random.default_rng(0), subject, None)


def test_the_recogniser_learns_to_name():
    """Three flat colours, of which each has a name of its own in every head."""
    generator = np.random.default_rng(3)
    kinds = generator.integers(3, size=256)
    colours = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200]])
    images = colours[kinds][:, None, None] + generator.integers(
        -30, 30, (256, 32, 32, 3)
    )
    images = images.astype(np.uint8)
    names = dict.fromkeys(HEADS, kinds)
    features, seen = Recogniser.learn(
        images[:224], {h: n[:224] for h, n in names.items()}
    ).look(images[224:])
    assert len(features) == 32
    for head in HEADS:
        assert np.mean(seen[head] == kinds[224:]) > 0.9


def test_what_a_picture_is_to_be_named():
    subject = ("desert dunes", "earth", "soft light", "smooth", "", "calm")
    names = held_out.names_of([subject])
    assert vocabulary.FAMILIES[names["family"][0]] == "desert dunes"
    assert {head: HEADS[head][which[0]] for head, which in names.items()} == {
        "family": "desert dunes",
        "palette": "earth",
        "light": "soft light",
        "texture": "smooth",
    }


def test_what_was_measured_is_not_measured_again(tmp_path):
    said = []
    kept = Kept(tmp_path / "painter", said.append)
    made = {"numbers": np.arange(3.0), "names": np.array(["a", "b"])}
    first = kept.result("some", lambda: made)
    again = Kept(tmp_path / "painter", said.append).result("some", lambda: {})
    for result in (first, again):
        np.testing.assert_array_equal(result["numbers"], made["numbers"])
        assert result["names"].tolist() == ["a", "b"]
    assert said == ["some"]


def test_a_measurement_that_fails_keeps_nothing(tmp_path):
    kept = Kept(tmp_path, lambda what: None)
    with pytest.raises(ZeroDivisionError):
        kept.result("some", lambda: {"number": np.asarray(1 // 0)})
    assert not list(tmp_path.iterdir())


def test_ways_to_paint_are_kept_whole():
    ways = [
        few_steps.Quick(name, steps, 0.5, 0.25, 1.5, np.full((2, 4, 4, 3), steps, "u1"))
        for name, steps in (("dpm++2m", 30), ("euler", 4))
    ]
    for one, again in zip(
        ways, few_steps.from_arrays(few_steps.as_arrays(ways)), strict=True
    ):
        assert (one.sampler, one.steps, one.distance) == (
            again.sampler,
            again.steps,
            again.distance,
        )
        np.testing.assert_array_equal(one.pictures, again.pictures)
