"""How well the ears answer, head by head, on the parts of their sets kept for testing.

    python -m benchmarks.ears runs/records/drums runs/records/notes
    python -m benchmarks.ears runs/records/* --ear my-ear --write

Reads folders of records (`train.ear.record`). A head is judged on every sound that has
an answer to it. `--write` puts figures between the marks of `docs/ears.md` and draws
confusion and calibration of every head into `docs/images` (needs the extra `train`).
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sklearn import metrics

from benchmarks.figures import put
from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen import calibration, ear_file
from jaxsoundart.listen.ear_file import EarFile
from train.ear import batches, judging
from train.ear.judging import Said

ROOT = Path(__file__).parents[1]
DOCUMENT, IMAGES = ROOT / "docs" / "ears.md", ROOT / "docs" / "images"


def measure(said: Said) -> dict[str, Any]:
    """Returns the figures of a head."""
    figures: dict[str, Any] = {"sounds": len(said.targets), **judging.scores(said)}
    given = said.probabilities
    if not said.head.exclusive:
        there = said.targets.any(axis=0)
        each = metrics.f1_score(said.targets, given > 0.5, average=None)
        named = zip(said.head.labels, each, there, strict=True)
        return {**figures, "f1": {name: float(one) for name, one, was in named if was}}
    targets = said.targets.argmax(axis=1)
    error = calibration.expected_calibration_error(given, targets)
    believed = given.max(axis=1) >= said.head.sure
    hits = given.argmax(axis=1) == targets
    return {
        **figures,
        "calibration_error": error,
        "believed": float(believed.mean()),
        "right_where_believed": float(hits[believed].mean()) if believed.any() else 0.0,
    }


def as_text(ears: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Returns the figures as the document has them."""
    lines = []
    for ear, heads in ears.items():
        lines += [f"### `{ear}`", "", "| head | sounds | figures |", "|---|---|---|"]
        for head, figures in heads.items():
            plain = {k: v for k, v in figures.items() if isinstance(v, float)}
            said = ", ".join(f"{k.replace('_', ' ')} {v:.3f}" for k, v in plain.items())
            lines.append(f"| {head} | {figures['sounds']} | {said} |")
        for head, figures in heads.items():
            if "f1" in figures:
                each = ", ".join(f"{name} {v:.2f}" for name, v in figures["f1"].items())
                lines += ["", f"F1 of {head}: {each}."]
            else:
                lines += ["", f"![{head}](images/ear-{_file(head)}.png)"]
        lines.append("")
    return "\n".join(lines).rstrip()


def _file(head: str) -> str:
    return head.replace(" ", "-")


def draw(said: Said) -> None:
    """Draws confusion and calibration of a head whose labels exclude each other."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    given, targets = said.probabilities, said.targets.argmax(axis=1)
    labels = said.head.labels
    places = range(len(labels))
    confusion = metrics.confusion_matrix(targets, given.argmax(axis=1), labels=places)
    share = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    side = 3.0 + 0.32 * len(labels)
    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(side + 4.5, side), width_ratios=(side, 4.5), layout="constrained"
    )
    left.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(confusion):
        if count:
            colour = "white" if share[row, column] > 0.55 else "black"
            left.text(column, row, count, ha="center", va="center", color=colour)
    left.set_xticks(places, labels, rotation=45, ha="right")
    left.set_yticks(places, labels)
    left.set(xlabel="heard", ylabel="is", title=said.head.name)
    table = calibration.reliability(given, targets)
    filled = table[table[:, 0] > 0]
    right.plot([0, 1], [0, 1], color="0.6", linestyle="--")
    right.scatter(filled[:, 1], filled[:, 2], s=900 * filled[:, 0], alpha=0.7)
    right.axvline(said.head.sure, color="0.6", linewidth=1)
    right.set(xlim=(0, 1.02), ylim=(0, 1.02), title="calibration; line: unsure below")
    right.set(xlabel="probability of the first label", ylabel="share that is right")
    IMAGES.mkdir(parents=True, exist_ok=True)
    figure.savefig(IMAGES / f"ear-{_file(said.head.name)}.png", dpi=100)
    pyplot.close(figure)


def ask(ear: EarFile, folders: list[Path]) -> dict[str, Said]:
    """Returns what an ear says of the sounds to test on."""
    records = (r for folder in folders for r in batches.sounds(folder, "test"))
    length = round(ear.window_s * ear.config.sample_rate_hz)
    return dict(judging.ask(ear.config, ear.heads, ear.params, records, length))


def main() -> int:
    """Parses the command line, measures, prints or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=Path, nargs="+")
    parser.add_argument("--ear", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/ears.md")
    options = parser.parse_args()
    ears: dict[str, dict[str, dict[str, Any]]] = {}
    try:
        for folder in options.ear:
            ear = ear_file.read(folder)
            said = ask(ear, options.records)
            ears[ear.name] = {name: measure(one) for name, one in said.items()}
            for one in said.values():
                if options.write and one.head.exclusive:
                    draw(one)
    except SoundArtError as error:
        print(f"ears: {error}", file=sys.stderr)
        return error.exit_code
    print(json.dumps(ears, indent=2) if options.json else as_text(ears))
    if options.write:
        put(DOCUMENT, as_text(ears))
    return 0


if __name__ == "__main__":
    sys.exit(main())
