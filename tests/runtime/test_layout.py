"""Names and orders of axes: what other programs wrote, now and long ago."""

import jax
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.layout import (
    arrange,
    paths,
    published_name,
    to_published,
)
from jaxsoundart.runtime.stored import open_weights


def test_paths_are_published_names():
    named = {
        (
            "down_blocks_0",
            "attentions_1",
            "attn1",
            "to_out_0",
            "kernel",
        ): "down_blocks.0.attentions.1.attn1.to_out.0.weight",
        ("time_embedding", "linear_1", "bias"): "time_embedding.linear_1.bias",
        (
            "up_blocks_2",
            "resnets_0",
            "norm1",
            "scale",
        ): "up_blocks.2.resnets.0.norm1.weight",
        (
            "text_model",
            "encoder",
            "layers_11",
            "layer_norm1",
            "scale",
        ): "text_model.encoder.layers.11.layer_norm1.weight",
        ("embeddings", "cls_token"): "embeddings.cls_token",
        (
            "decoder",
            "layers_3",
            "conv_2",
            "kernel",
        ): "decoder.layers.3.conv.2.weight",
    }
    assert {path: published_name(path) for path in named} == named


def arranged(folder, tensors, like):
    file = folder / "part.safetensors"
    save_file(tensors, file)
    return arrange(open_weights(file), like, "part")


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.fixture
def tree():
    """One of each kind of parameter."""
    return {
        "conv_in": {"kernel": drawn(3, 3, 4, 5), "bias": drawn(5)},
        "norm1": {"scale": drawn(4)},
        "fc1": {"kernel": drawn(4, 6)},
        "token_embedding": {"embedding": drawn(7, 4)},
    }


def test_what_is_published_is_arranged(tmp_path, tree):
    published = to_published(tree, np.dtype(np.float32))
    assert published["conv_in.weight"].shape == (5, 4, 3, 3)
    assert published["fc1.weight"].shape == (6, 4)
    got = arranged(tmp_path, published, tree)
    assert [path for path, _ in paths(got)] == [path for path, _ in paths(tree)]
    jax.tree.map(np.testing.assert_array_equal, got, tree)
    assert jax.tree.map(lambda leaf: leaf.shape, got) == jax.tree.map(np.shape, tree)


def test_shapes_are_told_in_the_files_order(tmp_path, tree):
    published = to_published(tree, np.dtype(np.float32))
    published |= {"conv_in.weight": drawn(5, 9, 3, 3), "fc1.weight": drawn(4, 6)}
    with pytest.raises(ModelError) as caught:
        arranged(tmp_path, published, tree)
    assert str(caught.value) == (
        "part does not fit its config: conv_in.weight has shape (5, 9, 3, 3), "
        "wanted (5, 4, 3, 3); fc1.weight has shape (4, 6), wanted (6, 4) "
        "(in PyTorch's order of axes)"
    )


def test_whole_numbers_are_no_weights(tmp_path):
    with pytest.raises(ModelError, match=r"a\.bias is stored as I32"):
        arranged(tmp_path, {"a.bias": np.ones(2, np.int32)}, {"a": {"bias": drawn(2)}})
