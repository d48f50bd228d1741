"""The container and the job set name what is there, and arguments that exist."""

import re
import tomllib
from pathlib import Path

import pytest

from jaxsoundart.cli.parser import parser

ROOT = Path(__file__).parents[2]


def test_the_container_is_made_of_what_is_there():
    text = (ROOT / "infer" / "Dockerfile").read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    known = {"FROM", "ARG", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT", "CMD"}
    assert {line.split()[0] for line in lines} == known
    for line in lines:
        if line.startswith("COPY"):
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() for source in sources)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(re.findall(r"EXTRA=(\w+)", text))
    assert extras <= set(project["optional-dependencies"])
    assert {project["readme"], *project["license-files"]} <= set(text.split())
    assert parser().parse_args(["doctor"]).command == "doctor"


def test_the_job_set_runs_the_catalogue_on_every_host():
    yaml = pytest.importorskip("yaml")
    made = yaml.safe_load((ROOT / "infer" / "jobset.yaml").read_text())
    assert (made["apiVersion"], made["kind"]) == ("jobset.x-k8s.io/v1alpha2", "JobSet")
    (job,) = made["spec"]["replicatedJobs"]
    spec = job["template"]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    rows, columns = map(
        int, pod["nodeSelector"]["cloud.google.com/gke-tpu-topology"].split("x")
    )
    chips = container["resources"]["limits"]["google.com/tpu"]
    assert rows * columns == spec["parallelism"] * chips
    assert spec["completions"] == spec["parallelism"]
    options = parser().parse_args(container["args"])
    assert options.multihost
    assert options.command == "catalogue"
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {volume["name"] for volume in pod["volumes"]} == set(mounts)
    for place in (*options.places, str(options.output), container["env"][0]["value"]):
        assert place.startswith(f"{mounts['music']}/")
