"""The interface's own description: that it is whole, and that calls made up from it
are answered as it says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = shutil.which("schemathesis", path=str(Path(sys.executable).parent))


def test_the_description_is_of_the_kind_that_was_promised(served):
    said = served.client.get("/api/v1/openapi.json").json()
    assert said["openapi"].startswith("3.1.")
    calls = {(path, method) for path, item in said["paths"].items() for method in item}
    assert calls == {
        ("/healthz", "get"),
        ("/api/v1/options", "get"),
        ("/api/v1/jobs", "post"),
        ("/api/v1/jobs/{id}", "get"),
        ("/api/v1/jobs/{id}", "delete"),
        ("/api/v1/jobs/{id}/words", "put"),
        ("/api/v1/jobs/{id}/events", "get"),
        ("/api/v1/jobs/{id}/pictures/{n}", "get"),
        ("/api/v1/jobs/{id}/pictures/{n}/export", "get"),
    }
    for item in said["paths"].values():
        for call in item.values():
            assert call["summary"]
            assert "application/problem+json" in call["responses"]["429"]["content"]


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="schemathesis is not installed")
def test_calls_made_up_from_it_are_answered_as_it_says(served, tmp_path):
    done = subprocess.run(
        [
            *(PROGRAM, "run", f"{served.url}api/v1/openapi.json"),
            # No schema can say what is sound.
            *("--exclude-checks", "positive_data_acceptance", "--max-examples", "30"),
            *("--seed", "1", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
