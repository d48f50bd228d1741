"""Every benchmark can be started; what it measures is not measured here."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
OTHERS = {"torch", "diffusers", "transformers", "peft", "matplotlib"}
PROGRAMS = sorted(
    file.stem
    for file in FOLDER.glob("*.py")
    if "ArgumentParser" in file.read_text("utf-8")
) + sorted(file.parent.name for file in FOLDER.glob("*/__main__.py"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_benchmark_can_be_started(name, monkeypatch, capsys):
    folder = FOLDER / name / "__main__.py"
    module = f"benchmarks.{name}.__main__" if folder.exists() else f"benchmarks.{name}"
    try:
        main = importlib.import_module(module).main
    except ModuleNotFoundError as error:
        if error.name in OTHERS:
            pytest.skip(f"{error.name} is not installed")
        raise
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert "usage" in capsys.readouterr().out
