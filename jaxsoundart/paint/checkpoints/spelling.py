"""Published names as they were and are spelt."""

import re

from jaxsoundart.runtime.layout import Tree, arrange, paths, published_name
from jaxsoundart.runtime.stored import Tensors

# Published text encoders have this prefix, some of those saved since do not.
_TEXT_PREFIX = "text_model."

# Buffers that old text encoders carry and nobody needs.
_IGNORED = {"embeddings.position_ids"}

# What the layers of the VAE's attention were called before diffusers 0.16.
_OLD_ATTENTION = re.compile(r"(attentions\.\d+)\.(query|key|value|proj_attn)\.")
_NEW_ATTENTION = {
    "query": "to_q",
    "key": "to_k",
    "value": "to_v",
    "proj_attn": "to_out.0",
}


def plain_name(name: str) -> str:
    """Returns a published name as it is spelt today, less a text encoder's prefix."""
    return _OLD_ATTENTION.sub(
        lambda found: f"{found[1]}.{_NEW_ATTENTION[found[2]]}.",
        name.removeprefix(_TEXT_PREFIX),
    )


def arrange_part(tensors: Tensors, like: Tree, source: str) -> Tree:
    """Returns a part's stored tensors as a tree shaped like `like`; none is read.

    As `layout.arrange`, but in any spelling.
    """
    names = (published_name(path) for path, _ in paths(like))
    wanted = {plain_name(name): name for name in names}
    spelt = ((plain_name(name), tensor) for name, tensor in tensors.items())
    known = {
        wanted.get(plain, plain): tensor
        for plain, tensor in spelt
        if plain not in _IGNORED
    }
    return arrange(known, like, source)
