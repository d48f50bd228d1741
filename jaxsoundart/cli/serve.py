"""`jaxsoundart serve`."""

import dataclasses
import os
from argparse import Namespace

from jaxsoundart import __version__, output
from jaxsoundart.cli import terminal, texts
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ArgumentError
from jaxsoundart.serve.limits import Limits

_VARIABLE = "JAXSOUNDART_TOKEN"
_NEEDED = ("fastapi", "h11", "pydantic", "python_multipart", "starlette", "uvicorn")


def run(options: Namespace, progress: Progress) -> int:
    """Serves until it is told to stop; returns the exit code."""
    try:
        from jaxsoundart.serve import guard, running
        from jaxsoundart.serve.desk import Desk
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        raise ArgumentError(
            'the server needs more packages: pip install "jaxsoundart[serve]"'
        ) from None
    access = guard.Access(
        token=_token(options), names=guard.names_for(options.host, options.names)
    )
    limits = Limits(
        **{
            field.name: getattr(options, f"limit_{field.name}")
            for field in dataclasses.fields(Limits)
        }
    )
    studio = texts.studio_of(options)
    output.check_writable(options.folder)
    with running.listening(options.host, options.port) as called:
        progress.stage("load")
        studio.load()
        _ = studio.vocabulary
        # What lies in the folder is for its owner alone.
        os.umask(0o077)
        desk = Desk(studio, options.folder, limits)
        server = running.server(desk, access, proxies=options.proxies)
        progress.end()
        _announce(running.address(called), options, access.token is not None)
        running.run(server, called)
    terminal.tell("stopped")
    return 0


def _announce(address: str, options: Namespace, has_token: bool) -> None:
    """Says where the server is, and what its owner should know."""
    from jaxsoundart.serve import guard

    if not guard.is_local(options.host) and not has_token:
        terminal.tell(
            "anybody who reaches this machine can use the server; ask for a token "
            "with --token-file"
        )
    if options.json:
        terminal.document(
            {
                "url": address,
                "folder": str(options.folder),
                "token": has_token,
                "version": __version__,
            }
        )
    else:
        terminal.say(address)
    terminal.flush()


def _token(options: Namespace) -> str | None:
    """Returns the token that clients must send, from wherever it is given."""
    if options.token is not None and options.token_file is not None:
        raise ArgumentError("--token and --token-file are given; leave one out")
    if options.token_file is not None:
        try:
            return options.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise ArgumentError(f"cannot read {options.token_file}: {reason}") from None
    return options.token or os.environ.get(_VARIABLE) or None
