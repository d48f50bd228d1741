"""A studio that stops where a test wants to look at a job."""

import threading

from jaxsoundart.studio import Studio


class Gate:
    """Holds the workshop at "hear" or "step" until it is opened."""

    def __init__(self):
        self.at = None
        self.reached = threading.Event()
        self.steps = []
        self.calls = []
        self._open = threading.Event()
        self._given_up = lambda: False

    def close(self, at):
        # What waits already waits for another opening.
        self._open = threading.Event()
        self.reached.clear()
        self.at = at

    def open(self):
        self.at = None
        self._open.set()

    def give_up_with(self, given_up):
        """Opens by itself once `given_up()` is true."""
        self._given_up = given_up

    def wait(self, at):
        opened = self._open
        if self.at != at:
            return
        self.reached.set()
        while not opened.wait(0.005):
            if self._given_up():
                return


class GatedStudio(Studio):
    """A loaded studio behind a gate."""

    def __init__(self, studio, gate):
        vars(self).update(vars(studio))
        self.gate = gate

    def on(self, commission):
        return GatedStudio(super().on(commission), self.gate)

    def draft(self, song, *, stage=lambda name: None):
        self.gate.wait("hear")
        return super().draft(song, stage=stage)

    def paint(self, drafts, *, watch, every_step, **more):
        self.gate.calls.append(len(drafts))

        def watched(glimpse):
            self.gate.steps.append(glimpse.step)
            self.gate.wait("step")
            watch(glimpse)

        return super().paint(drafts, watch=watched, every_step=every_step, **more)
