import numpy as np
import pytest

from jaxsoundart.sound import arrangement


def test_means_are_taken_from_line_to_line_and_to_the_end():
    values = np.repeat([1.0, 5.0, 2.0], [10, 20, 30])
    means = arrangement.means_between(
        values, np.array([0.0, 1.0, 3.0]), frame_rate_hz=10.0
    )
    # Two frames before a line already hear what comes after it.
    np.testing.assert_allclose(means, [1.0, (2 * 1 + 18 * 5) / 20, (2 * 5 + 60) / 32])


def test_a_window_that_reaches_over_a_line_counts_behind_it():
    values = np.zeros((40, 2))
    values[18:22] = 1.0
    means = arrangement.means_between(values, np.array([0.0, 1.0]), frame_rate_hz=20.0)
    np.testing.assert_allclose(means, [[0, 0], [4 / 22, 4 / 22]])


def test_mels_are_summed_into_their_octaves():
    mel_hz = np.array([80.0, 149.0, 150.0, 2000.0, 9000.0])
    octaves = arrangement.octaves(np.array([[1.0, 2.0, 4.0, 8.0, 16.0]]), mel_hz)
    np.testing.assert_array_equal(octaves, [[3, 4, 0, 0, 8, 0, 16]])


def test_levels_are_measured_against_the_loud_level_within_30_db():
    power = np.array([1.0] * 8 + [100.0, 0.1, 1e-3, 0.0])
    below_db = arrangement.below_loud_db(power)
    np.testing.assert_allclose(below_db[:8], 0.0, atol=1e-6)
    np.testing.assert_allclose(below_db[8:], [0.0, -10.0, -30.0, -30.0], atol=1e-6)


def test_each_band_weighs_the_same_and_empty_ones_nothing():
    bands = np.ones((10, 3)) * np.array([1.0, 1e-4, 0.0])
    bands[0, 1] = 1e-6  # 20 dB less of the weak band
    fullness_db = arrangement.fullness_db(bands)
    np.testing.assert_allclose(fullness_db[1:], 0.0, atol=1e-6)
    assert fullness_db[0] == pytest.approx(-10.0, abs=1e-6)
    np.testing.assert_array_equal(arrangement.fullness_db(np.zeros((4, 3))), 0.0)


@pytest.mark.parametrize("reach", [1, 2, 4])
def test_a_step_is_steepest_at_its_line(reach):
    values = np.repeat([0.0, 6.0, 2.0], 6)
    steps = arrangement.steps_up(values, reach=reach)
    assert steps.argmax() == 6
    assert steps.argmin() == 12
    assert steps[6] == pytest.approx(6.0)
    assert steps[12] == pytest.approx(-4.0)
    assert steps[0] == 0.0


def test_the_mean_ahead_shortens_at_the_end():
    ahead = arrangement.mean_ahead(np.array([1.0, 2.0, 6.0]), reach=2)
    np.testing.assert_allclose(ahead, [1.5, 4.0, 6.0])


def test_peaks_are_largest_within_reach():
    values = np.array([3.0, 1.0, 2.0, 1.0, 1.5, 5.0])
    peaks = arrangement.is_peak(values, reach=2)
    np.testing.assert_array_equal(np.flatnonzero(peaks), [0, 5])
    peaks = arrangement.is_peak(values, reach=1)
    np.testing.assert_array_equal(np.flatnonzero(peaks), [0, 2, 5])
