"""The best weights of a run, kept beside the newest, and when to stop looking."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError
from jaxsoundart.runtime.checkpoint import Checkpoints


@dataclass(frozen=True)
class Judge:
    """How a run is judged.

    Attributes:
        score: From averaged parameters to figures; the higher `headline`, the better.
        headline: Which of them decides.
        every: Steps from one judgement to the next.
        patience: Judgements in a row without a better one, after which a run ends.
    """

    score: Callable[[Any], Mapping[str, float]]
    headline: str
    every: int
    patience: int


class Best:
    """What was best so far. A run that goes on knows it from its logbook."""

    def __init__(self, folder: Path, judge: Judge, start: int):
        """Reads what the run's logbook says of the steps up to `start`."""
        self.judge = judge
        self._kept = _checkpoints(folder)
        self._score, self._step = float("-inf"), 0
        for step, scores in _judged(folder / "logbook.jsonl"):
            if step <= start and scores[judge.headline] > self._score:
                self._score, self._step = scores[judge.headline], step

    def past(self, step: int) -> bool:
        """Returns whether too long ago a better one was found."""
        return step - self._step > self.judge.patience * self.judge.every

    def consider(self, step: int, params: Any) -> Mapping[str, float]:
        """Returns the scores of parameters, and keeps them if they are the best."""
        scores = self.judge.score(params)
        if scores[self.judge.headline] > self._score:
            self._score, self._step = scores[self.judge.headline], step
            self._kept.save(step, params)
        return scores


def restore(folder: Path, like_params: Any) -> Any:
    """Returns the best parameters of a run.

    Raises:
        ModelError: None have been judged yet.
    """
    kept = _checkpoints(folder)
    step = kept.latest_step()
    if step is None:
        raise ModelError(f"{folder} holds no judged weights; train longer")
    return kept.restore(step, like_params)


def _checkpoints(folder: Path) -> Checkpoints:
    return Checkpoints(folder.with_name(f"{folder.name}_best"), keep=1)


def _judged(logbook: Path) -> list[tuple[int, Mapping[str, float]]]:
    if not logbook.is_file():
        return []
    lines = [json.loads(line) for line in logbook.read_text("utf-8").splitlines()]
    return [(line["step"], line["judged"]) for line in lines if "judged" in line]
