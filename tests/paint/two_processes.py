"""One of several processes that paint together, for `test_two_processes`."""

import sys
from pathlib import Path

import jax
import numpy as np

from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter

ORDERS = tuple(
    Order(prompt=prompt, negative_prompt="dark", seed=seed, guidance=2.0 + seed)
    for seed, prompt in enumerate(("sun", "moon", "bright moon"))
)
ANEW = Settings(sampler="euler-a", steps=3)
OVER = Settings(sampler="ddim", steps=4, enlarge=2.0)
PICTURE = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)


def paint_anew(painter):
    """Pictures from noise, and glances at them."""
    looks = []
    pictures = painter.paint(
        ORDERS, ANEW, watch=lambda glimpse: looks.append(glimpse.look())
    )
    # A round shows as many pictures as there is room for.
    return {"anew": pictures, "look": looks[0][:1]}


def paint_over(painter):
    """One picture over another, enlarged."""
    return {"over": painter.paint(ORDERS[:1], OVER, over=PICTURE)}


def main(folder, output, address, count, nth):
    jax.distributed.initialize(address, int(count), int(nth))
    painter = Painter.create(open_model(folder))
    assert painter.mesh.size == 2 * int(count)
    painted = {**paint_anew(painter), **paint_over(painter)}
    splitting = Painter.create(painter.model, shard_weights=True)
    painted["split"] = splitting.paint(ORDERS, ANEW)
    np.savez(Path(output) / f"{nth}.npz", **painted)


if __name__ == "__main__":
    main(*sys.argv[1:])
