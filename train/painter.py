"""Trains a small Stable Diffusion on the gallery: autoencoder, upscaler, words, U-Net.

    python -m train.painter --config=configs/painter_small.py --workdir=runs/painter

Each stage resumes where it was stopped; `--export DIR` writes the bundle.
"""

import argparse
import runpy
from pathlib import Path

from jaxsoundart.runtime.compilation import keep_compiled_programs
from train import autoencoder, denoiser, reader, upscaler
from train.bundle import export


def main(arguments: list[str] | None = None) -> None:
    """Parses the command line and runs the stages in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--workdir", type=Path, required=True)
    parser.add_argument(
        "--export", type=Path, help="write the bundle here, train no more"
    )
    options = parser.parse_args(arguments)
    # The gallery's forty programs take minutes to compile; a run is resumed often.
    keep_compiled_programs()
    config = runpy.run_path(str(options.config))["get_config"]()
    if options.export:
        export(config, options.workdir, options.export)
        return
    for stage in (autoencoder, upscaler, reader, denoiser):
        stage.train(config, options.workdir)


if __name__ == "__main__":
    main()
