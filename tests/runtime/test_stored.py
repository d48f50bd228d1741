"""Tensors in files: read late, read whole, read within bounds."""

import json
import subprocess
import sys

import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.stored import open_weights, read_metadata

TYPES = [np.float64, np.float32, np.float16, jnp.bfloat16]


@pytest.fixture
def values():
    return np.random.default_rng(0).standard_normal((6, 4, 3, 2)).astype(np.float32)


@pytest.mark.parametrize("dtype", TYPES, ids=lambda dtype: np.dtype(dtype).name)
def test_values_are_those_written(tmp_path, values, dtype):
    file = tmp_path / "a.safetensors"
    kept = values.astype(dtype)
    save_file({"other": np.ones(3, np.float32), "kernel": kept}, file)
    tensor = open_weights(file)["kernel"]
    assert (tensor.shape, tensor.dtype) == (kept.shape, kept.dtype)
    np.testing.assert_array_equal(np.asarray(tensor), kept)
    turned = tensor.transpose(2, 3, 1, 0)
    assert turned.shape == (3, 2, 4, 6)
    wanted = kept.transpose(2, 3, 1, 0).astype(np.float32)
    got = np.asarray(turned, np.float32)
    assert got.flags.c_contiguous
    np.testing.assert_array_equal(got, wanted)


def test_rows_and_matrices_are_views_into_the_file(tmp_path, values):
    file = tmp_path / "a.safetensors"
    kernel = values[:, :, :1, :1].copy()
    save_file({"fused": values, "kernel": kernel}, file)
    tensors = open_weights(file)
    rows = tensors["fused"].rows(2, 5)
    np.testing.assert_array_equal(np.asarray(rows), values[2:5])
    matrix = tensors["kernel"].as_matrix().transpose(1, 0)
    np.testing.assert_array_equal(np.asarray(matrix), kernel[:, :, 0, 0].T)


def test_opening_reads_no_values(tmp_path):
    file = tmp_path / "a.safetensors"
    save_file({"bias": np.full(3, np.nan, np.float32)}, file, {"said": "so"})
    tensor = open_weights(file)["bias"]
    assert read_metadata(file) == {"said": "so"}
    with pytest.raises(ModelError, match="bias holds values that are not finite"):
        np.asarray(tensor)
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(ModelError, match="bias is cut short"):
        np.asarray(tensor)
    file.unlink()
    with pytest.raises(ModelError, match="not readable"):
        np.asarray(tensor)


def test_types_that_are_not_read_are_named(tmp_path):
    file = tmp_path / "a.safetensors"
    save_file({"small": np.ones(3, jnp.float8_e4m3fn)}, file)
    with pytest.raises(ModelError, match="small is stored as F8_E4M3; wanted F32"):
        np.asarray(open_weights(file)["small"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.safetensors", b"", "not readable as safetensors"),
        ("a.safetensors", b"<html>no</html>", "not readable as safetensors"),
        ("a.ckpt", b"PK", "is a pickle, which can run code when read"),
        ("a.pt", b"PK", "is a pickle"),
        ("a.safetensors", None, "no such file"),
    ],
)
def test_other_files_are_refused(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match=message) as caught:
        open_weights(tmp_path / name)
    assert "\n" not in str(caught.value)


MEASURE = """
import json, sys
from pathlib import Path
import jax, jax.numpy as jnp, numpy as np
from jaxsoundart.paint.checkpoints.checkpoint import load_params

def memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field))
    return 1024 * int(line.split()[1])

def load(file, layers, shape):
    kernel = jax.ShapeDtypeStruct(tuple(shape), dtype)
    like = {f"layers_{n}": {"kernel": kernel} for n in range(layers)}
    return load_params((Path(file),), like, dtype)

dtype = jnp.dtype(sys.argv[1])
small, large = map(json.loads, sys.argv[2:])
load(*small)  # so that the libraries' own memory is not counted
before = memory("VmRSS")
tree = load(*large)
print((memory("VmHWM") - before) / sum(leaf.nbytes for leaf in jax.tree.leaves(tree)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_loading_takes_a_tenth_more_memory_than_the_weights(tmp_path):
    def write(name, layers, shape):
        file = tmp_path / f"{name}.safetensors"
        kernel = np.ones((shape[3], shape[2], *shape[:2]), np.float16)
        save_file({f"layers.{n}.weight": kernel for n in range(layers)}, file)
        return json.dumps([str(file), layers, shape])

    files = [write("small", 2, (3, 3, 8, 8)), write("large", 50, (3, 3, 512, 640))]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, "float16", *files],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0.9 < float(done.stdout) < 1.1
