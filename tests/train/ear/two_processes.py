"""One of several processes that teach an ear together, for `test_two_processes`."""

import pickle
import sys
from pathlib import Path

import jax
import numpy as np
from flax.traverse_util import flatten_dict

from train.ear.__main__ import train, trained


def main(told, address, count, nth):
    jax.distributed.initialize(address, int(count), int(nth))
    config, folder, workdir = pickle.loads(Path(told).read_bytes())
    assert jax.device_count() == 2 * int(count)
    heads = train(config, (folder,), workdir)
    params = flatten_dict(trained(config, heads, workdir), sep=".")
    np.savez(f"{told}-{nth}.npz", **{k: np.asarray(v) for k, v in params.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
