"""The command that compares: its tables, its page, its exit code."""

import pytest

from benchmarks.parity import Case
from benchmarks.parity import __main__ as command


@pytest.fixture
def page(monkeypatch, tmp_path):
    monkeypatch.setattr(command, "prepare", lambda: None)
    monkeypatch.setattr(command, "PAGE", tmp_path / "parity.md")
    monkeypatch.setattr(command, "version", lambda name: "1.0")
    return tmp_path / "parity.md"


@pytest.mark.parametrize(
    ("error", "code"), [(1e-3, 0), (2e-3, 1), (float("nan"), 1), (float("inf"), 1)]
)
def test_what_is_too_far_or_no_number_fails(monkeypatch, page, capsys, error, code):
    cases = [Case("ddim, 4 steps", lambda: error, 1e-3)]
    monkeypatch.setattr(command, "found", lambda: [("Samplers", cases)])
    assert command.main([]) == code
    assert ("TOO FAR" in capsys.readouterr().out) == bool(code)
    assert not page.exists()


def test_the_page_has_one_row_a_sampler(monkeypatch, page):
    cases = [
        Case("ddim, 4 steps", lambda: 1e-6, 1e-3),
        Case("ddim for SDXL", lambda: 3e-6, 1e-3),
        Case("dpm++2m, 1 step", lambda: 2e-6, 1e-3),
    ]
    monkeypatch.setattr(command, "found", lambda: [("Samplers", cases)])
    assert command.main(["--write"]) == 0
    written = page.read_text("utf-8")
    assert "| ddim | 2 | 3.0e-06 | 1e-03 |" in written
    assert "| dpm++2m | 1 | 2.0e-06 | 1e-03 |" in written
    assert "python -m benchmarks.parity --write" in written
    assert "torch 1.0, diffusers 1.0" in written


def test_a_table_that_is_not_there_is_left_out(monkeypatch):
    monkeypatch.setattr(command, "FILES", {"nothing_of_the_kind": "Nothing"})
    assert list(command.found()) == []
