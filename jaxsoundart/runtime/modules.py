"""Linen modules as pure functions of their parameters."""

from collections.abc import Callable
from typing import Any

import flax.linen as nn


def run(
    module: nn.Module,
    params: Any,
    *args: Any,
    method: Callable[..., Any] | None = None,
) -> Any:
    """Returns what `module` makes of `args` with `params`, and nothing besides.

    Flax's `apply` may also return changed variables; here nothing changes any.
    """
    return module.apply({"params": params}, *args, method=method)
