"""Two processes paint together what one paints alone, to the bit."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.painter import Painter
from tests.paint.two_processes import paint_anew, paint_over

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 600


@pytest.fixture(scope="module")
def alone(tiny_folder):
    painter = Painter.create(open_model(tiny_folder), jax.devices()[:1])
    return {**paint_anew(painter), **paint_over(painter)}


@pytest.fixture(scope="module")
def together(tiny_folder, tmp_path_factory):
    """What each of two processes with two devices returns."""
    output = tmp_path_factory.mktemp("together")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        address = f"localhost:{probe.getsockname()[1]}"
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    }
    command = [sys.executable, "-m", "tests.paint.two_processes", str(tiny_folder)]
    processes = [
        subprocess.Popen(
            [*command, str(output), address, "2", str(nth)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for nth in range(2)
    ]
    try:
        said = [process.communicate(timeout=TIMEOUT_S)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    codes = [process.returncode for process in processes]
    assert codes == [0, 0], "\n".join(said)
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
