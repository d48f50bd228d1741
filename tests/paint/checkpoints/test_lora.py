"""LoRA files: whatever program wrote them, W becomes W + s·up·down."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints.lora import Merged, merge

QUERY = ("unet", "down_blocks_0", "attentions_0", "transformer_blocks_0", "attn1")
WEIGHT = 0.5


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.fixture
def params():
    """A U-Net of one level with two layers, and a text encoder of one layer."""
    attention = {
        "to_q": {"kernel": drawn(6, 8), "bias": drawn(8)},
        "to_out_0": {"kernel": drawn(8, 6)},
    }
    residual = {"conv1": {"kernel": drawn(3, 3, 5, 6)}, "norm1": {"scale": drawn(5)}}
    block = {
        "resnets_0": residual,
        "resnets_1": residual,
        "attentions_0": {
            "transformer_blocks_0": {"attn1": attention},
            "proj_in": {"kernel": drawn(1, 1, 6, 6)},
        },
    }
    layer = {"self_attn": {"q_proj": {"kernel": drawn(4, 4)}}}
    return {
        "unet": {"down_blocks_0": block},
        "text_encoder": {"text_model": {"encoder": {"layers_0": layer}}},
    }


DOWN, UP = drawn(2, 6, seed=1), drawn(8, 2, seed=2)
TEXT_DOWN, TEXT_UP = drawn(2, 4, seed=3), drawn(4, 2, seed=4)
BLOCK = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"
SPELLINGS = {
    "kohya": (
        f"lora_unet_{BLOCK.replace('.', '_')}_to_q.lora_DOWN.weight",
        "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_DOWN.weight",
    ),
    "kohya, first files": (
        "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q.lora_DOWN.weight",
        "lora_te1_text_model_encoder_layers_0_self_attn_q_proj.lora_DOWN.weight",
    ),
    "diffusers": (
        f"unet.{BLOCK}.processor.to_q_lora.DOWN.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.to_q_lora.DOWN.weight",
    ),
    "diffusers 0.20": (
        f"unet.{BLOCK}.to_q.lora.DOWN.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj"
        ".lora_linear_layer.DOWN.weight",
    ),
    "first diffusers": (f"{BLOCK}.processor.to_q_lora.DOWN.weight", None),
    "PEFT": (
        f"unet.{BLOCK}.to_q.lora_DOWN.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_DOWN.weight",
    ),
    "PEFT itself": (
        f"base_model.model.{BLOCK}.to_q.lora_DOWN.default.weight",
        None,
    ),
}


def sides(name, down, up, spelling="kohya"):
    names = ("A", "B") if spelling.startswith("PEFT") else ("down", "up")
    return {name.replace("DOWN", names[0]): down, name.replace("DOWN", names[1]): up}


def query(params):
    leaf = params
    for key in QUERY:
        leaf = leaf[key]
    return leaf["to_q"]["kernel"]


def text_query(params):
    layer = params["text_encoder"]["text_model"]["encoder"]["layers_0"]
    return layer["self_attn"]["q_proj"]["kernel"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_says_the_same(params, tmp_path, spelling):
    unet, text = SPELLINGS[spelling]
    tensors = sides(unet, DOWN, UP, spelling)
    if text:
        tensors |= sides(text, TEXT_DOWN, TEXT_UP, spelling)
    save_file(tensors, tmp_path / "a.safetensors")
    merged = merge(params, [(tmp_path / "a.safetensors", WEIGHT)])
    wanted = query(params) + WEIGHT * (UP @ DOWN).T
    np.testing.assert_allclose(query(merged), wanted, atol=1e-6)
    if text:
        wanted = text_query(params) + WEIGHT * (TEXT_UP @ TEXT_DOWN).T
        np.testing.assert_allclose(text_query(merged), wanted, atol=1e-6)
    changed = [leaf for leaf in jax.tree.leaves(merged) if isinstance(leaf, Merged)]
    assert len(changed) == 1 + bool(text)
    assert jax.tree.map(np.shape, merged) == jax.tree.map(np.shape, params)


def written(folder, tensors, name="lora", metadata=None):
    file = folder / f"{name}.safetensors"
    save_file(tensors, file, metadata)
    return file


def for_query(down=DOWN, up=UP, **more):
    name = SPELLINGS["kohya"][0]
    stem = name.removesuffix(".lora_DOWN.weight")
    return sides(name, down, up) | {f"{stem}.{end}": v for end, v in more.items()}


def test_several_are_added_each_with_its_weight_and_alpha(params, tmp_path):
    first = written(tmp_path, for_query(alpha=np.array(1, np.int64)), "first")
    second = written(tmp_path, for_query(up=2 * UP), "second")
    merged = merge(params, [(first, 1.0), (second, -0.25)])
    # Alpha 1 of rank 2 halves the first; the second has none and is not scaled.
    wanted = query(params) + (0.5 - 0.5) * (UP @ DOWN).T
    np.testing.assert_allclose(query(merged), wanted, atol=1e-6)
    assert not isinstance(text_query(merged), Merged)


def test_settings_of_peft_give_alphas(params, tmp_path):
    name = SPELLINGS["PEFT"][0]
    for settings, scale in (
        ({"unet.lora_alpha": 4, "unet.r": 2}, 2.0),
        ({"unet.lora_alpha": 4, "unet.use_rslora": True}, 4 / np.sqrt(2)),
        ({"unet.lora_alpha": 4, "unet.alpha_pattern": {"attn1.to_q": 6.0}}, 3.0),
        ({"text_encoder.lora_alpha": 4}, 1.0),
    ):
        metadata = {"lora_adapter_metadata": json.dumps(settings)}
        tensors = sides(name, DOWN, UP, "PEFT")
        file = written(tmp_path, tensors, metadata=metadata)
        merged = merge(params, [(file, 1.0)])
        wanted = query(params) + scale * (UP @ DOWN).T
        np.testing.assert_allclose(query(merged), wanted, atol=1e-5)


def test_convolutions(params, tmp_path):
    down, up = drawn(2, 5, 3, 3), drawn(6, 2, 1, 1, seed=5)
    thin = drawn(2, 6, 1, 1), drawn(6, 2, 1, 1, seed=5)
    conv = "lora_unet_input_blocks_2_0_in_layers_2.lora_DOWN.weight"
    proj = "lora_unet_down_blocks_0_attentions_0_proj_in.lora_DOWN.weight"
    tensors = sides(conv, down, up) | sides(proj, *thin)
    merged = merge(params, [(written(tmp_path, tensors), 1.0)])
    block = merged["unet"]["down_blocks_0"]
    kernel = np.asarray(block["resnets_1"]["conv1"]["kernel"])
    change = np.einsum("or,rihw->hwio", up[:, :, 0, 0], down)
    np.testing.assert_allclose(kernel, drawn(3, 3, 5, 6) + change, atol=1e-5)
    kernel = np.asarray(block["attentions_0"]["proj_in"]["kernel"])
    change = (thin[1][:, :, 0, 0] @ thin[0][:, :, 0, 0]).T
    np.testing.assert_allclose(
        kernel[0, 0], drawn(1, 1, 6, 6)[0, 0] + change, atol=1e-5
    )


def test_sums_are_rounded_once(params, tmp_path):
    file = written(tmp_path, for_query())
    half = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.bfloat16), params)
    leaf = query(merge(half, [(file, 1.0)]))
    assert leaf.dtype == jnp.bfloat16
    wanted = np.asarray(query(half), np.float32) + (UP @ DOWN).T
    np.testing.assert_allclose(np.asarray(leaf, np.float32), wanted, atol=1e-6)
    np.testing.assert_array_equal(
        np.asarray(leaf), np.asarray(leaf, np.float32).astype(jnp.bfloat16)
    )


def test_nothing_is_read_before_it_is_asked_for(params, tmp_path):
    file = written(tmp_path, for_query(down=np.full_like(DOWN, np.nan)))
    leaf = query(merge(params, [(file, 1.0)]))
    with pytest.raises(ModelError, match=r"lora_down\.weight holds values that are"):
        np.asarray(leaf)


STRANGER = "lora_unet_up_blocks_7_attentions_0_proj_in.lora_DOWN.weight"


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (
            for_query() | sides(STRANGER, DOWN, UP),
            r"1 of its 2 layers are not in this painter: unet up_blocks_7_attentions_0_"
            r"proj_in; is it for another Stable Diffusion\?",
        ),
        (
            for_query(down=drawn(2, 9)),
            r"attn1_to_q has shape \(8, 6\) .* up \(8, 2\) times down \(2, 9\) cannot",
        ),
        (for_query(down=drawn(3, 6)), r"up \(8, 2\) times down \(3, 6\) cannot"),
        (for_query(hada_w1_a=DOWN), "is a LoHa; wanted a LoRA of pairs"),
        (for_query(lokr_w1=DOWN), "is a LoKr"),
        (for_query(dora_scale=DOWN), "is a DoRA"),
        (for_query(**{"lora_mid.weight": DOWN}), "is a LoCon in Tucker's form"),
        (for_query(what=DOWN), "what is lora_unet_.*what in a LoRA"),
        ({"fc.weight": DOWN}, r"is no LoRA; it holds fc\.weight"),
        (
            {SPELLINGS["kohya"][0].replace("DOWN", "up"): UP},
            "attn1_to_q has no down",
        ),
    ],
)
def test_what_does_not_fit_is_named(params, tmp_path, tensors, message):
    with pytest.raises(ModelError, match=message) as caught:
        merge(params, [(written(tmp_path, tensors), 1.0)])
    assert "\n" not in str(caught.value)


def test_other_files_are_refused(params, tmp_path):
    file = written(tmp_path, for_query())
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(ModelError, match="not readable as safetensors"):
        merge(params, [(file, 1.0)])
    (tmp_path / "lora.pt").touch()
    with pytest.raises(ModelError, match=r"lora\.pt is a pickle"):
        merge(params, [(tmp_path / "lora.pt", 1.0)])


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_diffusers_fuses_the_same(family):
    for library in ("torch", "diffusers", "transformers", "peft"):
        pytest.importorskip(library)
    from benchmarks.parity.lora import cases

    for case in cases():
        if family in case.name.split(", "):
            assert case.error() < case.tolerance, case.name
