"""The names that tensors had before diffusers named them."""

import pytest

from jaxsoundart.paint.checkpoints.original import unet_name
from jaxsoundart.paint.model import abstract_params
from jaxsoundart.paint.networks.config import UNetConfig
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.settings import parse
from jaxsoundart.runtime.layout import paths, published_name, published_order
from tests.paint.checkpoints import families


@pytest.mark.parametrize(
    ("name", "shape", "published"),
    [
        (
            "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight",
            (320, 768),
            "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight",
        ),
        ("input_blocks.3.0.op.weight", (320, 320, 3, 3), None),
        (
            "input_blocks.4.0.skip_connection.weight",
            (640, 320, 1, 1),
            "down_blocks.1.resnets.0.conv_shortcut.weight",
        ),
        (
            "input_blocks.8.1.transformer_blocks.0.ff.net.0.proj.weight",
            (10240, 1280),
            "down_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.weight",
        ),
        (
            "middle_block.2.in_layers.2.weight",
            (1280, 1280, 3, 3),
            "mid_block.resnets.1.conv1.weight",
        ),
        (
            "output_blocks.2.1.conv.weight",
            (1280, 1280, 3, 3),
            "up_blocks.0.upsamplers.0.conv.weight",
        ),
        (
            "output_blocks.8.2.conv.weight",
            (640, 640, 3, 3),
            "up_blocks.2.upsamplers.0.conv.weight",
        ),
        (
            "output_blocks.11.0.in_layers.0.weight",
            (640,),
            "up_blocks.3.resnets.2.norm1.weight",
        ),
        (
            "output_blocks.11.1.proj_in.weight",
            (320, 320, 1, 1),
            "up_blocks.3.attentions.2.proj_in.weight",
        ),
        ("time_embed.2.weight", (1280, 1280), "time_embedding.linear_2.weight"),
        ("out.2.weight", (4, 320, 3, 3), "conv_out.weight"),
    ],
)
def test_names_of_stable_diffusion_1_5(full_size, name, shape, published):
    published = published or "down_blocks.0.downsamplers.0.conv.weight"
    assert unet_name(name, 2) == published
    assert full_size[published] == shape
    # LoRA files say the same with another separator, and without what follows.
    module = name.removesuffix(".weight").replace(".", "_")
    wanted = published.removesuffix(".weight").replace(".", "_")
    assert unet_name(module, 2, "_") == wanted


@pytest.fixture(scope="module")
def full_size():
    """The shapes of Stable Diffusion 1.5's U-Net, in PyTorch's order."""
    channels = [320, 640, 1280, 1280]
    settings = families.UNETS["SD 1"] | {
        "block_out_channels": channels,
        "cross_attention_dim": 768,
    }
    unet = UNet(parse(UNetConfig, families.EVERY_UNET | settings, "unet"))
    shapes = {}
    for path, leaf in paths(abstract_params({"unet": unet})["unet"]):
        order = published_order(path, len(leaf.shape))
        shapes[published_name(path)] = tuple(leaf.shape[axis] for axis in order)
    assert len(shapes) == 686
    return shapes
