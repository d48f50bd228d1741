"""Runs the command line in the tests' own process."""

import json
from dataclasses import dataclass

from jaxsoundart.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left behind: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def errors(self):
        return [line for line in self.err.splitlines() if "error: " in line]

    @property
    def json(self):
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """Calls `main` with arguments of any kind."""

    capsys: object

    def __call__(self, *arguments):
        self.capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        return Done(code, captured.out, captured.err)
