"""Two processes paint together what one paints alone, to the bit."""

import jax
import numpy as np
import pytest

from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.painter import Painter
from tests.paint.two_processes import paint_anew, paint_over
from tests.processes import run_two


@pytest.fixture(scope="module")
def alone(tiny_folder):
    painter = Painter.create(open_model(tiny_folder), jax.devices()[:1])
    return {**paint_anew(painter), **paint_over(painter)}


@pytest.fixture(scope="module")
def together(tiny_folder, tmp_path_factory):
    """What each of two processes with two devices returns."""
    output = tmp_path_factory.mktemp("together")
    run_two("tests.paint.two_processes", tiny_folder, output)
    return [dict(np.load(output / f"{nth}.npz")) for nth in range(2)]


def test_every_process_is_given_all_pictures_as_one_device_paints_them(alone, together):
    assert alone["anew"].shape == (3, 8, 8, 3)
    assert alone["over"].shape == (1, 16, 16, 3)
    for painted in together:
        for name, pictures in alone.items():
            np.testing.assert_array_equal(painted[name], pictures, name)


def test_weights_split_over_processes_paint_the_same(alone, together):
    for painted in together:
        np.testing.assert_array_equal(painted["split"], alone["anew"])
