"""How far a stage of training is, for whoever watches."""

import sys
import time

import jax


class Progress:
    """Says on stderr how far a stage is and how long it will take; on one process."""

    def __init__(self, stage: str, start: int, steps: int):
        """Begins to measure.

        Args:
            stage: Its name.
            start: Steps done before.
            steps: Steps in all.
        """
        self._stage, self._start, self._steps = stage, start, steps
        self._begun_s = time.monotonic()

    def say(self, done: int, news: str) -> None:
        """Says a line after `done` steps."""
        if jax.process_index():
            return
        spent_s = time.monotonic() - self._begun_s
        left_s = spent_s / (done - self._start) * (self._steps - done)
        print(
            f"{self._stage}: step {done} of {self._steps}, {news}, "
            f"{left_s / 60:.0f} min left",
            file=sys.stderr,
        )
