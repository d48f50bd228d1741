"""A catalogue on a Ray cluster of two nodes, here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny_song

pytest.importorskip("ray")

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
cluster.add_node(num_cpus=1)
cluster.connect()
import ray
assert len(ray.nodes()) == 2
from infer.ray_catalogue import main
code = main(sys.argv[1:])
ray.shutdown()
cluster.shutdown()
sys.exit(code)
"""


@pytest.mark.slow
def test_two_nodes_share_the_work_and_go_on(tiny_painter, tmp_path):
    for number in range(4):
        path = tmp_path / "songs" / f"{number}.wav"
        tiny_song.write(path, tonic_hz=200 + 40 * number, duration_s=2.0)
    (tmp_path / "songs" / "bad.mp3").write_text("no sound\n")

    def run():
        given = ("songs", "-o", "out", "--painter", tiny_painter, "--steps", 2)
        more = ("--count", 1, "--painters", 2, "--block", 2, "--processes", 0)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *map(str, (*given, *more))],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "XLA_FLAGS": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stderr
        assert "bad.mp3 is text, not sound" in done.stderr
        return done.stdout.splitlines()[-1]

    assert run() == "4 painted, 0 kept, 1 failed"
    manifests = list((tmp_path / "out").glob("manifest-*.jsonl"))
    lines = [json.loads(t) for m in manifests for t in m.read_text().splitlines()]
    done = sorted(Path(line["song"]).name for line in lines if "files" in line)
    assert done == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert run() == "0 painted, 4 kept, 1 failed"
