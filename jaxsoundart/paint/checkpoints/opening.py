"""From a checkpoint's files to a Stable Diffusion, whichever way they lie."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxsoundart.errors import ModelError
from jaxsoundart.paint.checkpoints import checkpoint, lora, single_file
from jaxsoundart.paint.checkpoints.folder import BUNDLED, PARTS, locate
from jaxsoundart.paint.checkpoints.layout import arrange
from jaxsoundart.paint.checkpoints.weights import Tensors, open_weights
from jaxsoundart.paint.model import Defaults, Reader, StableDiffusion, abstract_params
from jaxsoundart.paint.networks.compute import Compute
from jaxsoundart.paint.networks.config import (
    TextConfig,
    TinyVAEConfig,
    UNetConfig,
    VAEConfig,
)
from jaxsoundart.paint.networks.text import TextEncoder
from jaxsoundart.paint.networks.tiny_vae import TinyVAE
from jaxsoundart.paint.networks.unet import UNet
from jaxsoundart.paint.networks.vae import VAE
from jaxsoundart.paint.samplers import sampler_of
from jaxsoundart.paint.schedule import Schedule, ScheduleConfig
from jaxsoundart.paint.settings import PartConfig, parse
from jaxsoundart.paint.words.tokenizer import PromptTokenizer

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

_TOKENIZER = "openai/clip-vit-large-patch14"


@dataclass(frozen=True)
class _Contents:
    """What a checkpoint holds, as a folder does.

    Attributes:
        source: What messages call it.
        index: As in `model_index.json`.
        configs: Each part's settings, and the scheduler's.
        tensors: Each part's weights by published name, unread.
        tokenizers: For each text encoder, from its folder.
        files: Whose bytes decide what is painted.
        words: What a small painter knows.
    """

    source: str
    index: Mapping[str, Any]
    configs: Mapping[str, Mapping[str, Any]]
    tensors: Mapping[str, Tensors]
    tokenizers: Mapping[str, PromptTokenizer]
    files: tuple[Path, ...]
    words: frozenset[str] | None = None


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
        contents = _open_folder(place)
    else:
        contents = _open_file(place, prediction_type)
    if vae is not None:
        contents = _with_vae(contents, locate(vae, what="VAE"))
    readers = tuple(
        Reader(part, tokenizer, _text_encoder(contents, part, compute))
        for part, tokenizer in contents.tokenizers.items()
    )
    model = StableDiffusion(
        name=str(id),
        sha256=_digest(contents, loras),
        readers=readers,
        unet=UNet(_config(contents, "unet", UNetConfig), compute),
        vae=_vae(contents, compute),
        schedule=Schedule.create(_schedule(contents)),
        params={},
        defaults=_defaults(contents),
        silences_empty=bool(contents.index.get("force_zeros_for_empty_prompt", False)),
        words=contents.words,
        changes=_changes(vae, loras),
    )
    params = {
        part: arrange(contents.tensors[part], like, f"{contents.source}: {part}")
        for part, like in abstract_params(model.parts).items()
    }
    if loras:
        files = [(Path(file), weight) for file, weight in loras]
        params = lora.merge(params, files)
    return dataclasses.replace(model, params=params)


def _open_folder(folder: Path) -> _Contents:
    index = checkpoint.read_config(folder, "model_index.json")
    parts = [part for part in PARTS if index.get(part, [None])[0] is not None]
    if missing := {"text_encoder", "unet", "vae"} - set(parts):
        raise ModelError(
            f"{folder}: model_index.json names no {', '.join(sorted(missing))}; wanted "
            "a Stable Diffusion"
        )
    configs: dict[str, Mapping[str, Any]] = {
        part: checkpoint.read_config(folder / part, "config.json") for part in parts
    }
    scheduler = folder / "scheduler" / "scheduler_config.json"
    configs["scheduler"] = checkpoint.read_config(scheduler.parent, scheduler.name)
    files = {part: checkpoint.find_weights(folder / part) for part in parts}
    words = folder / "words.json"
    return _Contents(
        source=str(folder),
        index=index,
        configs=configs,
        tensors={part: _tensors(found) for part, found in files.items()},
        tokenizers={
            part: PromptTokenizer.load(
                folder / part.replace("text_encoder", "tokenizer"),
                length=_length(configs[part], str(folder)),
            )
            for part in parts
            if part.startswith("text_encoder")
        },
        files=(*(file for found in files.values() for file in found), scheduler),
        words=frozenset(checkpoint.read_words(words)) if words.exists() else None,
    )


def _open_file(file: Path, prediction_type: str | None) -> _Contents:
    """Reads the original layout; such files hold no tokenizer: all have CLIP's."""
    single = single_file.open_single_file(file, prediction_type)
    beside = file.parent / "tokenizer"
    folder = beside if beside.is_dir() else locate(_TOKENIZER, what="tokenizer")
    tokenizers = {}
    for part, config in single.configs.items():
        if not part.startswith("text_encoder"):
            continue
        tokenizer = PromptTokenizer.load(folder, length=_length(config, str(file)))
        pad = config.get("pad_token_id", tokenizer.end)
        tokenizers[part] = dataclasses.replace(tokenizer, pad=pad)
    return _Contents(
        source=str(file),
        index={"_class_name": single.pipeline},
        configs=single.configs,
        tensors=single.tensors,
        tokenizers=tokenizers,
        files=(file,),
    )


def _with_vae(contents: _Contents, folder: Path) -> _Contents:
    folder = folder / "vae" if (folder / "vae").is_dir() else folder
    files = checkpoint.find_weights(folder)
    config = checkpoint.read_config(folder, "config.json")
    return dataclasses.replace(
        contents,
        configs={**contents.configs, "vae": config},
        tensors={**contents.tensors, "vae": _tensors(files)},
        files=(*contents.files, *files),
    )


def _tensors(files: Sequence[Path]) -> Tensors:
    tensors: Tensors = {}
    for file in files:
        tensors |= open_weights(file)
    return tensors


def _length(config: Mapping[str, Any], source: str) -> int:
    return parse(TextConfig, config, source).max_position_embeddings


def _config(contents: _Contents, part: str, kind: type[PartConfig]) -> Any:
    return parse(kind, contents.configs[part], f"{contents.source}: {part}")


def _schedule(contents: _Contents) -> ScheduleConfig:
    config = _config(contents, "scheduler", ScheduleConfig)
    if contents.index.get("_class_name") not in _FROM_ONE:
        return config
    return dataclasses.replace(config, steps_offset=1)


def _text_encoder(contents: _Contents, part: str, compute: Compute) -> TextEncoder:
    config = _config(contents, part, TextConfig)
    kinds = contents.configs[part].get("architectures") or []
    if "CLIPTextModelWithProjection" not in kinds:
        config = dataclasses.replace(config, projection_dim=0)
    return TextEncoder(config, compute)


def _vae(contents: _Contents, compute: Compute) -> VAE | TinyVAE:
    match kind := contents.configs["vae"].get("_class_name"):
        case "AutoencoderKL":
            return VAE(_config(contents, "vae", VAEConfig), compute)
        case "AutoencoderTiny":
            return TinyVAE(_config(contents, "vae", TinyVAEConfig), compute)
    raise ModelError(
        f"{contents.source}: vae is {kind}; supported: AutoencoderKL, AutoencoderTiny"
    )


def _defaults(contents: _Contents) -> Defaults:
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


def _digest(contents: _Contents, loras: Sequence[tuple[str | Path, float]]) -> str:
    digest = hashlib.sha256()
    changes = [Path(file) for file, _ in loras]
    for path in (*contents.files, *changes):
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ModelError(f"{path}: not readable ({error.strerror})") from None
    for _, weight in loras:
        digest.update(repr(float(weight)).encode())
    return digest.hexdigest()
