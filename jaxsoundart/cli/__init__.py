"""The command line, `jaxsoundart`: arguments and printing, nothing else.

Results go to stdout, all else to stderr. Exit codes: 0 done, 1 something failed, 2
wrong arguments, 130 interrupted. JAX is imported by the commands, not for `--help`.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from jaxsoundart.cli import interrupt, terminal
from jaxsoundart.cli.parser import parser
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import SoundArtError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    return exit_code_of(parser(), arguments, _run)


def exit_code_of(
    parser: ArgumentParser,
    arguments: Sequence[str] | None,
    run: Callable[[Namespace, Progress], int],
) -> int:
    """Returns the exit code of a program, which never ends in a traceback.

    Args:
        parser: Of its arguments.
        arguments: Those of the process, unless given.
        run: What it does; returns the exit code.
    """
    with terminal.ready():
        try:
            code = _parsed_and_run(parser, arguments, run)
            sys.stdout.flush()
            return code
        except BrokenPipeError:
            terminal.hang_up()
            return 1
        except KeyboardInterrupt:
            terminal.complain("interrupted")
            return INTERRUPTED


def _parsed_and_run(
    parser: ArgumentParser,
    arguments: Sequence[str] | None,
    run: Callable[[Namespace, Progress], int],
) -> int:
    try:
        options = parser.parse_args(arguments)
    except SystemExit as exit:  # argparse has printed help, version or an error
        return int(exit.code or 0)
    try:
        with interrupt.heeded():
            return run(options, Progress())
    except SoundArtError as error:
        terminal.complain(str(error))
        if getattr(options, "json", False):
            terminal.document({"error": str(error)})
        return error.exit_code


def _run(options: Namespace, progress: Progress) -> int:
    progress.stage("import")
    match options.command:
        case "cover" | "compose":
            from jaxsoundart.cli import cover as command
        case "catalogue":
            from jaxsoundart.cli import catalogue as command
        case "listen":
            from jaxsoundart.cli import listen as command
        case "paint":
            from jaxsoundart.cli import paint as command
        case "compile":
            from jaxsoundart.cli import compile as command
        case "replay":
            from jaxsoundart.cli import replay as command
        case "export":
            from jaxsoundart.cli import export as command
        case "check":
            from jaxsoundart.cli import check as command
        case "soundcloud":
            from jaxsoundart.cli.soundcloud import command
        case "serve":
            from jaxsoundart.cli import serve as command
        case _:
            from jaxsoundart.cli import doctor as command
    from jaxsoundart.runtime.compilation import keep_compiled_programs

    keep_compiled_programs()
    return command.run(options, progress)
