"""What a server takes from its clients, and how long it keeps what it made."""

import dataclasses
from dataclasses import dataclass

from jaxsoundart.errors import ArgumentError

Number = int | float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits, all above zero.

    Attributes:
        upload_bytes: The largest song file.
        duration_s: The longest song.
        pictures: The most pictures of a song.
        waiting: Jobs that wait or are worked on, and uploads under way.
        kept: Jobs kept, finished ones too.
        keep_s: How long a job is kept after the last change of its state.
        jobs_per_minute: Uploads, new words and exports that one client may ask for.
        calls_per_minute: Calls of any kind from one client.
        decoders: Songs decoded at once.
        decode_s: How long decoding one may take, by the clock and of processor time.
        decode_bytes: Memory that decoding may take beside the samples themselves.
        idle_s: How long a client may be silent while it should be sending.
        upload_s: How long an upload may take.
        connections: Open at once.

    Raises:
        ArgumentError: A limit is not above zero.
    """

    upload_bytes: int = 200_000_000
    duration_s: float = 1800.0
    pictures: int = 8
    waiting: int = 16
    kept: int = 1000
    keep_s: float = 86_400.0
    jobs_per_minute: int = 20
    calls_per_minute: int = 600
    decoders: int = 2
    decode_s: float = 60.0
    decode_bytes: int = 1 << 30
    idle_s: float = 15.0
    upload_s: float = 300.0
    connections: int = 256

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value: Number = getattr(self, field.name)
            if not value > 0:
                name = field.name.replace("_", " ")
                raise ArgumentError(f"the limit of {name} is {value}; use more than 0")
