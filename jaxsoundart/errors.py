"""Errors a user can act on: each message says what came, what was wanted, what to do.

Every one is a single line. The command line prints it and exits with `exit_code`;
anything else that escapes is a bug in this package.
"""


class SoundArtError(Exception):
    """The work failed (exit code 1)."""

    exit_code = 1


class ArgumentError(SoundArtError):
    """An option or an argument is wrong (exit code 2)."""

    exit_code = 2


class SoundFileError(SoundArtError):
    """A sound file is missing, unreadable, too short, silent or not sound at all."""


class TooLongError(SoundFileError):
    """A sound file is longer than what is heard."""


class ModelError(SoundArtError):
    """A model is unknown, incomplete, damaged, or not of the kind asked for."""


class PictureError(SoundArtError):
    """A picture cannot be written, or carries no record to read back."""


class SoundCloudError(SoundArtError):
    """SoundCloud refuses, cannot be reached, or says what is not understood."""
