"""How well the listener hears: accuracy, calibration, robustness, speed.

    python -m benchmarks.listen --table DIR --songs DIR
    python -m benchmarks.listen --table DIR --songs DIR --write   # into docs/

`--table` is the folder of the GTZAN feature table: its part `test` gives accuracy,
confusion matrix and calibration. `--songs` is a folder of sound files: each is heard as
it is, 12 dB quieter, as an MP3 of 128 kbit/s, and as only 10 s, by the whole chain of
`jaxsoundart.listen`; it is counted how often the most probable label stays. `--write`
puts the figures between the marks of `docs/listening.md` and draws its two pictures
(needs the extra `train`). MP3 needs ffmpeg.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import put
from jaxsoundart.errors import SoundArtError
from jaxsoundart.listen import calibration, features
from jaxsoundart.listen.hearing import Hearing
from jaxsoundart.listen.listener import Listener
from jaxsoundart.sound import analysis, files, sections, traits
from jaxsoundart.sound.waveform import Excerpt, Part, Waveform
from train import gtzan_table

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "listening.md"
IMAGES = ROOT / "docs" / "images"
QUIETER_DB, MP3_KBITS, CUT_S = -12.0, 128, 10.0

Pair = tuple[Hearing, Hearing]


def hear(ear: Listener, waveform: Waveform) -> Hearing:
    """Listens to intro and drop, as `jaxsoundart.listen` does."""
    analysed = analysis.analyse(waveform)
    parts = (Part.INTRO, Part.DROP)
    excerpts = sections.find_excerpts(analysed, parts, seed=0)
    return ear.hear(waveform, excerpts, traits.measure(analysed))


def variants(path: Path, heard: Hearing) -> Iterator[tuple[str, Waveform]]:
    """Yields the names and sounds of a song's perturbed copies."""
    song = files.read(path)
    quieter = song.samples * np.float32(10 ** (QUIETER_DB / 20))
    yield (
        "12 dB quieter",
        Waveform(samples=quieter, sample_rate_hz=song.sample_rate_hz),
    )
    with tempfile.TemporaryDirectory() as folder:
        mp3 = Path(folder) / "song.mp3"
        # As records are sold: at 22,050 Hz, 128 kbit/s would be more than MP3 allows.
        options = ("-map", "0:a", "-ar", "44100", "-ac", "2", "-b:a", f"{MP3_KBITS}k")
        command = ["ffmpeg", "-v", "error", "-i", str(path), *options, str(mp3)]
        subprocess.run(command, check=True)
        yield "MP3, 128 kbit/s", files.read(mp3)
    if song.duration_s > CUT_S:
        drop: Excerpt = heard.excerpts[-1]
        middle_s = (drop.start_s + drop.end_s) / 2
        start_s = min(max(middle_s - CUT_S / 2, 0.0), song.duration_s - CUT_S)
        yield "10 s of the drop", song.cut(start_s, start_s + CUT_S)
        start_s = (song.duration_s - CUT_S) / 2
        yield "10 s of the middle", song.cut(start_s, start_s + CUT_S)


def robustness(ear: Listener, songs: Path) -> dict[str, list[Pair]]:
    """Returns what was heard of each song and of its copies, by kind of copy."""
    pairs: dict[str, list[Pair]] = {}
    for path in sorted(songs.iterdir()):
        try:
            whole = hear(ear, files.read(path))
        except SoundArtError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        said = []
        for kind, copy in variants(path, whole):
            heard = hear(ear, copy)
            pairs.setdefault(kind, []).append((whole, heard))
            said.append(f"{kind}: {_say(heard)}")
        print(f"{path.name}: {_say(whole)} | {', '.join(said)}", file=sys.stderr)
    return pairs


def _say(heard: Hearing) -> str:
    label, probability = next(iter(heard.labels["genre"].items()))
    return f"{label} {probability:.2f}"


def kept(pairs: list[Pair], *, at_least: float = 0.0) -> tuple[int, int]:
    """Returns how many songs keep their label, of how many.

    Args:
        pairs: What was heard of each song and of its copy.
        at_least: Songs whose label is less probable than this are left out.
    """
    genres = [(a.labels["genre"], b.labels["genre"]) for a, b in pairs]
    sure = [(a, b) for a, b in genres if max(a.values()) >= at_least]
    return sum(max(a, key=a.get) == max(b, key=b.get) for a, b in sure), len(sure)


def speed(ear: Listener) -> dict[str, float]:
    """Returns what hearing the excerpts of a song of 4 minutes takes.

    In seconds of processor time, all cores together, so that a busy machine tells the
    same.
    """
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(240 * features.SAMPLE_RATE_HZ).astype(np.float32)
    song = Waveform(samples=0.1 * noise, sample_rate_hz=features.SAMPLE_RATE_HZ)
    excerpts = [
        Excerpt(part=Part.INTRO, start_s=0.0, end_s=15.0, why="fixed"),
        Excerpt(part=Part.DROP, start_s=90.0, end_s=120.0, why="fixed"),
    ]
    facts = traits.Traits(
        tempo_bpm=0.0,
        key="C major",
        loudness_db=0.0,
        brightness_hz=0.0,
        dynamics_db=0.0,
    )
    times_s = []
    for _ in range(6):
        start_s = time.process_time()
        ear.hear(song, excerpts, facts)
        times_s.append(time.process_time() - start_s)
    return {"first_cpu_s": times_s[0], "warm_cpu_s": min(times_s[1:])}


def report(ear: Listener, rows: gtzan_table.Rows, songs: Path) -> tuple[dict, dict]:
    """Returns the figures, and the arrays that the pictures are drawn from."""
    heard = ear.judge(rows.features)
    said, labels = heard.argmax(axis=1), len(ear.bundle.labels)
    confusion = np.zeros((labels, labels), int)
    np.add.at(confusion, (rows.targets, said), 1)
    right = said == rows.targets
    in_two = np.argsort(heard, axis=1)[:, -2:] == rows.targets[:, None]
    recalls = np.diag(confusion) / confusion.sum(axis=1)
    figures = {
        "listener": ear.id,
        "clips": len(right),
        "accuracy": right.mean(),
        "standard_error": np.sqrt(right.mean() * (1 - right.mean()) / len(right)),
        "balanced_accuracy": recalls.mean(),
        "in_first_two": in_two.any(axis=1).mean(),
        "calibration_error": calibration.expected_calibration_error(
            heard, rows.targets
        ),
        "mean_confidence": heard.max(axis=1).mean(),
        "cross_entropy": -np.log(heard[np.arange(len(right)), rows.targets]).mean(),
        **speed(ear),
        "robustness": {
            kind: {"all": kept(pairs), "sure": kept(pairs, at_least=0.5)}
            for kind, pairs in robustness(ear, songs).items()
        },
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    arrays = {
        "confusion": confusion,
        "reliability": calibration.reliability(heard, rows.targets),
    }
    return figures, arrays


def as_text(figures: dict) -> str:
    """Returns the figures as the tables of the document."""
    f = figures
    accuracy = f"{f['accuracy']:.3f} ± {f['standard_error']:.3f}"
    lines = [
        f"Listener `{f['listener']}`, on the {f['clips']} clips of the part `test`:",
        "",
        "| figure | value |",
        "|---|---|",
        f"| accuracy (± one standard error) | {accuracy} |",
        f"| mean of the ten genres' accuracies | {f['balanced_accuracy']:.3f} |",
        f"| right genre among the first two | {f['in_first_two']:.3f} |",
        f"| calibration error (ECE, 15 bins) | {f['calibration_error']:.3f} |",
        f"| mean confidence | {f['mean_confidence']:.3f} |",
        f"| cross-entropy, nats | {f['cross_entropy']:.3f} |",
        f"| hearing 4 minutes, first time | {f['first_cpu_s']:.1f} processor seconds |",
        f"| hearing 4 minutes, again | {f['warm_cpu_s']:.1f} processor seconds |",
        "",
        "| the same song | keeps its first label | where that had at least 0.5 |",
        "|---|---|---|",
    ]
    lines += [
        f"| {kind} | {_share(*counts['all'])} | {_share(*counts['sure'])} |"
        for kind, counts in f["robustness"].items()
    ]
    return "\n".join(lines)


def _share(same: int, count: int) -> str:
    return f"{same} of {count} ({same / max(count, 1):.0%})"


def draw(labels: tuple[str, ...], arrays: dict[str, np.ndarray]) -> None:
    """Draws the confusion matrix and the calibration into `docs/images`."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    IMAGES.mkdir(parents=True, exist_ok=True)
    confusion = arrays["confusion"]
    share = confusion / confusion.sum(axis=1, keepdims=True)
    figure, axes = pyplot.subplots(figsize=(6.4, 5.8), layout="constrained")
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(confusion):
        if count:
            colour = "white" if share[row, column] > 0.55 else "black"
            axes.text(column, row, count, ha="center", va="center", color=colour)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=45, ha="right")
    axes.set_yticks(places, labels)
    axes.set(xlabel="heard", ylabel="is", title="Clips of artists never heard")
    figure.savefig(IMAGES / "listening-confusion.png", dpi=110)

    table = arrays["reliability"]
    filled = table[table[:, 0] > 0]
    figure, axes = pyplot.subplots(figsize=(5.6, 5.0), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="as it should be")
    axes.scatter(
        filled[:, 1],
        filled[:, 2],
        s=1500 * filled[:, 0],
        alpha=0.7,
        clip_on=False,
        label="clips (area: how many)",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", title="Calibration")
    axes.set(xlabel="probability of the first label", ylabel="share that is right")
    legend = axes.legend(loc="upper left")
    legend.legend_handles[1].set_sizes([60])
    figure.savefig(IMAGES / "listening-calibration.png", dpi=110)


def main() -> int:
    """Parses the command line, measures, prints or writes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", type=Path, required=True, metavar="DIR")
    parser.add_argument("--songs", type=Path, required=True, metavar="DIR")
    parser.add_argument("--listener", default="bundled", metavar="ID")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into docs/")
    options = parser.parse_args()
    try:
        ear = Listener.load(options.listener)
        rows = gtzan_table.read(options.table).parts["test"]
    except SoundArtError as error:
        print(f"listen.py: {error}", file=sys.stderr)
        return error.exit_code
    figures, arrays = report(ear, rows, options.songs)
    text = as_text(figures)
    print(json.dumps(figures, default=float) if options.json else text)
    if options.write:
        put(DOCUMENT, text)
        draw(ear.bundle.labels, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
