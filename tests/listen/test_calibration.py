"""Calibration is measured and mended by the book."""

import numpy as np
import pytest

from jaxsoundart.listen import calibration


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_the_temperature_of_overconfident_logits_is_found():
    rng = np.random.default_rng(0)
    honest = rng.standard_normal((5000, 4)) * 1.5
    targets = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
    assert calibration.best_temperature(honest, targets) == pytest.approx(1, rel=0.08)
    assert calibration.best_temperature(2.5 * honest, targets) == pytest.approx(
        2.5, rel=0.08
    )
    overconfident = softmax(2.5 * honest)
    before = calibration.expected_calibration_error(overconfident, targets)
    after = calibration.expected_calibration_error(softmax(honest), targets)
    assert before > 0.1
    assert after < 0.03


def test_calibration_error_of_a_case_counted_by_hand():
    # Two answers at 0.9, one right; two at 0.6, both right:
    # 2/4 · |0.9 - 0.5| + 2/4 · |0.6 - 1| = 0.4.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.4, 0.6]])
    targets = np.array([0, 1, 0, 1])
    assert calibration.expected_calibration_error(
        probabilities, targets
    ) == pytest.approx(0.4)
    table = calibration.reliability(probabilities, targets)
    assert table.shape == (15, 3)
    assert table[:, 0].sum() == pytest.approx(1)
    np.testing.assert_allclose(table[13], [0.5, 0.9, 0.5])


def test_certain_answers_fall_in_the_last_bin():
    table = calibration.reliability(np.eye(3), np.arange(3), bins=10)
    np.testing.assert_allclose(table[-1], [1, 1, 1])


def test_mean_cross_entropy_equals_minus_mean_log_probability():
    logits = np.array([[1e3, 0.0], [0.0, np.log(3)]])
    wanted = (1e3 + np.log(4 / 3)) / 2
    assert calibration.mean_cross_entropy(logits, np.array([1, 1])) == pytest.approx(
        wanted
    )
