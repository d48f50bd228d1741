"""Names that were spelt otherwise, long ago or by other programs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.paint.checkpoints.spelling import arrange_part
from jaxsoundart.runtime.stored import open_weights


def arranged(folder, tensors, like):
    file = folder / "part.safetensors"
    save_file(tensors, file)
    return arrange_part(open_weights(file), like, "part")


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("ones", [(), (1,), (1, 1)])
def test_attention_of_old_autoencoders(tmp_path, ones):
    old = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out_0"}
    kernels = {name: drawn(4, 4) + n for n, name in enumerate(old)}
    stem = "encoder.mid_block.attentions.0"
    tensors = {
        f"{stem}.{name}.weight": kernel.reshape(4, 4, *ones)
        for name, kernel in kernels.items()
    }
    like = {
        name: {"kernel": jax.ShapeDtypeStruct((4, 4), "f")} for name in old.values()
    }
    wrapped = {"encoder": {"mid_block": {"attentions_0": like}}}
    got = arranged(tmp_path, tensors, wrapped)["encoder"]["mid_block"]["attentions_0"]
    for name, kernel in kernels.items():
        np.testing.assert_array_equal(np.asarray(got[old[name]]["kernel"]), kernel.T)


@pytest.mark.parametrize("prefix", ["", "text_model."])
def test_text_encoders_with_and_without_prefix(tmp_path, prefix):
    layers = {"final_layer_norm": {"bias": drawn(4)}}
    tensors = {
        f"{prefix}final_layer_norm.bias": drawn(4),
        f"{prefix}embeddings.position_ids": np.arange(77)[None],
        "text_projection.weight": drawn(3, 4),
    }
    like = {"text_model": layers, "text_projection": {"kernel": drawn(4, 3)}}
    got = arranged(tmp_path, tensors, like)
    kernel = np.asarray(got["text_projection"]["kernel"], jnp.bfloat16)
    np.testing.assert_array_equal(kernel, drawn(3, 4).T.astype(jnp.bfloat16))
