"""The network that hears: a multilayer perceptron of logistic sigmoid units.

Second in the room: a row of features in, one logit for each label out. The softmax is
left to whoever needs probabilities, because the loss and the calibration want logits.
"""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jaxtyping import Array, Float

Params = Mapping[str, Mapping[str, Array]]


class SigmoidClassifier(nn.Module):
    """Layers of h(u) = 1 / (1 + exp(-u)), then a linear layer of logits.

    Attributes:
        hidden: Units of each hidden layer, first to last.
        labels: How many labels are told apart.
    """

    hidden: tuple[int, ...]
    labels: int

    @nn.compact
    def __call__(
        self, features: Float[Array, "*batch features"]
    ) -> Float[Array, "*batch labels"]:
        """Returns the logit of each label, from standardised features."""
        x = features
        for i, units in enumerate(self.hidden):
            x = jax.nn.sigmoid(nn.Dense(units, name=f"hidden_{i}")(x))
        return nn.Dense(self.labels, name="output")(x)


def logits(
    params: Params, features: Float[Array, "*batch features"]
) -> Float[Array, "*batch labels"]:
    """Returns the answer of the network that `params` are of."""
    hidden = tuple(params[f"hidden_{i}"]["bias"].size for i in range(len(params) - 1))
    network = SigmoidClassifier(hidden, params["output"]["bias"].size)
    answer = network.apply({"params": params}, features)
    assert isinstance(answer, jax.Array)  # only a mutable collection adds a second
    return answer


def cross_entropy(
    logits: Float[Array, "*batch labels"], one_hot: Float[Array, "*batch labels"]
) -> Float[Array, "*batch"]:
    """Returns L = -Σ t log softmax(logits) of each example, in nats.

    Its gradient by the logits is softmax(logits) - t.
    """
    return -jnp.sum(one_hot * jax.nn.log_softmax(logits), axis=-1)


def join(members: Params) -> Params:
    """Lays networks side by side as one wider network that gives their mean logits.

    The first layer's units stand next to one another, further hidden layers connect
    only within a member, and the output layer averages. What comes out is again the
    parameters of a `SigmoidClassifier`, with `members` times as many hidden units.

    Args:
        members: Parameters with a leading axis of members on every leaf; at least one
            hidden layer.
    """
    layers = sorted((name for name in members if name != "output"), key=_layer_number)
    joined: dict[str, dict[str, np.ndarray]] = {}
    for i, name in enumerate(layers):
        kernels = np.asarray(members[name]["kernel"])
        joined[name] = {
            "kernel": np.concatenate(kernels, axis=1) if i == 0 else _blocks(kernels),
            "bias": np.concatenate(np.asarray(members[name]["bias"])),
        }
    output = {k: np.asarray(v) for k, v in members["output"].items()}
    kernels = output["kernel"]
    joined["output"] = {
        "kernel": np.concatenate(kernels) / len(kernels),
        "bias": output["bias"].mean(0),
    }
    return jax.tree.map(jnp.asarray, joined)


def _layer_number(name: str) -> int:
    return int(name.rsplit("_", 1)[1])


def _blocks(kernels: Float[np.ndarray, "members inputs units"]) -> np.ndarray:
    """Returns the kernels along the diagonal, zeros elsewhere."""
    members, inputs, units = kernels.shape
    out = np.zeros((members, inputs, members, units), kernels.dtype)
    out[np.arange(members), :, np.arange(members)] = kernels
    return out.reshape(members * inputs, members * units)
