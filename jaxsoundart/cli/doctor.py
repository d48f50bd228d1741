"""`jaxsoundart doctor`: what there is to work with, and whether it is whole."""

import platform
import shutil
import subprocess
from argparse import Namespace
from importlib import metadata
from pathlib import Path

import jax

from jaxsoundart.cli import terminal
from jaxsoundart.cli.progress import Progress
from jaxsoundart.errors import ModelError
from jaxsoundart.listen.opening import open_listener
from jaxsoundart.paint.checkpoints.opening import open_model
from jaxsoundart.runtime.compilation import cache_folder

_LIBRARIES = ("jaxsoundart", "jax", "jaxlib", "flax", "numpy", "librosa", "soundfile")


def run(options: Namespace, progress: Progress) -> int:
    """Shows devices, versions, models, cache and ffmpeg; returns the exit code.

    That is 1 where a bundled model is missing or damaged.
    """
    devices = [str(device) for device in jax.devices()]
    models = {"listener": _listener(), "painter": _painter()}
    report = {
        "devices": {"backend": jax.default_backend(), "list": devices},
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
        "models": models,
        "cache": _cache(),
        "ffmpeg": _ffmpeg(),
    }
    if options.json:
        terminal.document({**report, "seconds": progress.report()})
    else:
        for name, content in report.items():
            terminal.say(name)
            for line in _lines(content):
                terminal.say(f"  {line}")
    faults = [model["error"] for model in models.values() if "error" in model]
    for fault in faults:
        terminal.complain(fault)
    return 1 if faults else 0


def _lines(content: dict | str | None) -> list[str]:
    if not isinstance(content, dict):
        return [content or "not on the PATH: M4A, AAC and video files cannot be read"]
    lines = []
    for name, value in content.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {item}" for key, item in value.items())
        elif isinstance(value, list):
            value = ", ".join(value)
        lines.append(f"{name:12s} {value}")
    return lines


def _listener() -> dict:
    try:
        return {"id": open_listener().id}
    except ModelError as error:
        return {"error": str(error)}


def _painter() -> dict:
    try:
        model = open_model()
    except ModelError as error:
        return {"error": str(error)}
    return {
        "id": model.name,
        "sha256": model.sha256,
        "size_px": model.size_px,
        "words": None if model.words is None else len(model.words),
    }


def _cache() -> dict:
    folder = cache_folder()
    files = [path for path in folder.glob("*") if path.is_file()]
    return {
        "folder": str(folder),
        "programs": len(files),
        "megabytes": round(sum(_size(path) for path in files) / 1e6, 1),
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # another run may have removed it
        return 0


def _ffmpeg() -> str | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.partition("\n")[0] or None
