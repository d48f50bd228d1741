"""From a checkpoint's files to a Stable Diffusion, whichever way they lie."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints import lora
from jaxsoundart.paint.checkpoints.contents import (
    Contents,
    digest,
    open_file,
    open_folder,
    with_vae,
)
from jaxsoundart.paint.checkpoints.folder import BUNDLED, UPSCALER, locate
from jaxsoundart.paint.checkpoints.spelling import arrange_part
from jaxsoundart.paint.model import Defaults, Reader, StableDiffusion, abstract_params
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import (
    TextConfig,
    TinyVAEConfig,
    UNetConfig,
    UpscalerConfig,
    VAEConfig,
)
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.tiny_vae import TinyVAE
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.upscaler import Upscaler
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.samplers import sampler_of
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig
from jaxsoundart.paint.settings import PartConfig, parse

# Steps and guidance of the published pipelines, which know no others than these kinds.
_PIPELINES = {
    "StableDiffusionPipeline": (50, 7.5),
    "StableDiffusionImg2ImgPipeline": (50, 7.5),
    "StableDiffusionInpaintPipeline": (50, 7.5),
    "StableDiffusionXLPipeline": (50, 5.0),
    "StableDiffusionXLImg2ImgPipeline": (50, 5.0),
    "StableDiffusionXLInpaintPipeline": (50, 7.5),
    "LatentConsistencyModelPipeline": (4, 8.5),
}

# These count "leading" steps from one, whatever their scheduler's file says.
_FROM_ONE = {
    "StableDiffusionPipeline",
    "StableDiffusionImg2ImgPipeline",
    "StableDiffusionInpaintPipeline",
}

OWN_DEFAULTS = "_jaxsoundart"
"""A key of `model_index.json` with a painter's own steps and guidance. Others pass
over keys that begin with an underscore."""


def open_model(
    id: str | Path = BUNDLED,
    *,
    compute: Compute | None = None,
    vae: str | Path | None = None,
    loras: Sequence[tuple[str | Path, float]] = (),
    prediction_type: str | None = None,
) -> StableDiffusion:
    """Opens a checkpoint; weights are checked by name and shape, and stay unread.

    Args:
        id: "bundled", a folder in the diffusers layout, a `.safetensors` file in the
            original layout, or a hub repository's id.
        compute: How its networks compute.
        vae: A folder or repository with a VAE in place of the checkpoint's own.
        loras: Files of low-rank changes to the weights, each with its weight.
        prediction_type: "epsilon" or "v_prediction", where a `.safetensors` checkpoint
            was trained otherwise than its family: no tensor shows it.

    Raises:
        ModelError: It is unknown, incomplete, damaged or of another kind.
    """
    compute = compute or Compute()
    place = locate(id)
    if place.is_dir():
        contents = open_folder(place)
    else:
        contents = open_file(place, prediction_type)
    if vae is not None:
        contents = with_vae(contents, locate(vae, what="VAE"))
    readers = tuple(
        Reader(part, tokenizer, _text_encoder(contents, part, compute))
        for part, tokenizer in contents.tokenizers.items()
    )
    files = [(Path(file), float(weight)) for file, weight in loras]
    model = StableDiffusion(
        name=str(id),
        sha256=digest(contents, files),
        readers=readers,
        unet=UNet(_config(contents, "unet", UNetConfig), compute),
        vae=_vae(contents, compute),
        schedule=Schedule.create(_schedule(contents)),
        params={},
        defaults=_defaults(contents),
        silences_empty=bool(contents.index.get("force_zeros_for_empty_prompt", False)),
        upscaler=_upscaler(contents, compute),
        words=contents.words,
        licence=contents.licence,
        changes=_changes(vae, loras),
    )
    params = {
        part: arrange_part(contents.tensors[part], like, f"{contents.source}: {part}")
        for part, like in abstract_params(model.parts).items()
    }
    if files:
        params = lora.merge(params, files)
    return dataclasses.replace(model, params=params)


def _config(contents: Contents, part: str, kind: type[PartConfig]) -> Any:
    return parse(kind, contents.configs[part], f"{contents.source}: {part}")


def _schedule(contents: Contents) -> ScheduleConfig:
    config = _config(contents, "scheduler", ScheduleConfig)
    if contents.index.get("_class_name") not in _FROM_ONE:
        return config
    return dataclasses.replace(config, steps_offset=1)


def _text_encoder(contents: Contents, part: str, compute: Compute) -> TextEncoder:
    config = _config(contents, part, TextConfig)
    kinds = contents.configs[part].get("architectures") or []
    if "CLIPTextModelWithProjection" not in kinds:
        config = dataclasses.replace(config, projection_dim=0)
    return TextEncoder(config, compute)


def _vae(contents: Contents, compute: Compute) -> VAE | TinyVAE:
    match kind := contents.configs["vae"].get("_class_name"):
        case "AutoencoderKL":
            return VAE(_config(contents, "vae", VAEConfig), compute)
        case "AutoencoderTiny":
            return TinyVAE(_config(contents, "vae", TinyVAEConfig), compute)
    raise ModelError(
        f"{contents.source}: vae is {kind}; supported: AutoencoderKL, AutoencoderTiny"
    )


def _upscaler(contents: Contents, compute: Compute) -> Upscaler | None:
    if UPSCALER not in contents.configs:
        return None
    return Upscaler(_config(contents, UPSCALER, UpscalerConfig), compute)


def _defaults(contents: Contents) -> Defaults:
    kind = contents.index.get("_class_name")
    if kind not in _PIPELINES:
        raise ModelError(
            f"{contents.source} is a {kind}; supported: {', '.join(_PIPELINES)}"
        )
    steps, guidance = _PIPELINES[kind]
    own = contents.index.get(OWN_DEFAULTS, {})
    scheduler = contents.configs["scheduler"]
    algorithm = scheduler.get("algorithm_type") or "dpmsolver++"
    return Defaults(
        sampler=sampler_of(str(scheduler.get("_class_name")), algorithm),
        steps=own.get("steps", steps),
        guidance=own.get("guidance", guidance),
    )


def _changes(
    vae: str | Path | None, loras: Sequence[tuple[str | Path, float]]
) -> tuple[str, ...]:
    """Returns names without folders: a published picture tells nobody's paths."""
    other = () if vae is None else (Path(vae).name,)
    return (*other, *(f"{Path(file).name}:{weight:g}" for file, weight in loras))
