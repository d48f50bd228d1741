"""What a network makes of sounds: the contract that all networks of this room keep."""

from collections.abc import Mapping, Sequence

import flax.linen as nn
from flax import struct
from jaxtyping import Array, Float

from jaxsoundart.listen.heads import Head


class Heard(struct.PyTreeNode):
    """Sounds in, this out.

    Attributes:
        logits: For each head ("style", "instruments", …) one number a label: natural
            logarithms of odds, up to a constant where labels exclude each other.
        embedding: What the logits are made of; similar sounds lie close.
    """

    logits: Mapping[str, Float[Array, "batch labels"]]
    embedding: Float[Array, "batch width"]


class Answers(nn.Module):
    """The last layer of a network with several heads: one linear map each.

    Attributes:
        heads: The questions.
        dropout: Share of the embedding that is left out while it learns.
    """

    heads: Sequence[Head]
    dropout: float

    @nn.compact
    def __call__(
        self, embedding: Float[Array, "batch width"], *, learning: bool
    ) -> Heard:
        """Returns logits and the embedding; learning wants the stream "dropout"."""
        kept = nn.Dropout(self.dropout, deterministic=not learning)(nn.gelu(embedding))
        logits = {
            head.name: nn.Dense(len(head.labels), name=head.name)(kept)
            for head in self.heads
        }
        return Heard(logits=logits, embedding=embedding)
