"""A Stable Diffusion in memory: its parts' settings, weights and tokenizer."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from jaxsoundart.errors import ModelError
from jaxsoundart.paint import checkpoint
from jaxsoundart.paint.compute import Compute
from jaxsoundart.paint.config import (
    Part,
    ScheduleConfig,
    TextConfig,
    UNetConfig,
    VAEConfig,
    parse,
)
from jaxsoundart.paint.folder import BUNDLED, WEIGHTS, locate
from jaxsoundart.paint.schedule import Schedule
from jaxsoundart.paint.text import TextEncoder
from jaxsoundart.paint.tokenizer import PromptTokenizer
from jaxsoundart.paint.unet import UNet
from jaxsoundart.paint.vae import VAE


@dataclass(frozen=True)
class StableDiffusion:
    """The parts of a checkpoint.

    Attributes:
        name: "bundled", or the folder or repository it came from.
        sha256: Of its weights and its schedule: all that decides what it paints.
        text_encoder: Words to states.
        unet: The denoiser.
        vae: Pictures to latents and back.
        schedule: The forward process.
        tokenizer: Prompts to ids.
        params: Weights by part: text_encoder, unet, vae.
        words: What a small painter knows, or None for one that knows the language.
    """

    name: str
    sha256: str
    text_encoder: TextEncoder
    unet: UNet
    vae: VAE
    schedule: Schedule
    tokenizer: PromptTokenizer
    params: dict[str, Any]
    words: frozenset[str] | None

    @property
    def size_px(self) -> int:
        """The side of the pictures it was trained on."""
        return self.unet.config.sample_size * self.vae.config.reduction

    @classmethod
    def load(
        cls, id: str | Path = BUNDLED, *, dtype: DTypeLike = jnp.float32
    ) -> "StableDiffusion":
        """Reads a checkpoint in the diffusers layout.

        Args:
            id: "bundled", a folder, or a hub repository id.
            dtype: What the networks hold and compute in.

        Raises:
            ModelError: It is unknown, incomplete, damaged or of another kind.
        """
        folder = locate(id)
        index = checkpoint.read_config(folder, "model_index.json")
        kind = index.get("_class_name")
        if kind != "StableDiffusionPipeline":
            raise ModelError(
                f"{folder}: model_index.json says {kind}; wanted "
                "StableDiffusionPipeline"
            )
        compute = Compute(dtype)
        text = TextEncoder(_read_config(folder / "text_encoder", TextConfig), compute)
        unet = UNet(_read_config(folder / "unet", UNetConfig), compute)
        vae = VAE(_read_config(folder / "vae", VAEConfig), compute)
        scheduler = folder / "scheduler"
        schedule = _read_config(scheduler, ScheduleConfig, "scheduler_config.json")
        files = {part: checkpoint.find_weights(folder / part) for part in WEIGHTS}
        params = {
            part: checkpoint.load_params(files[part], like, dtype)
            for part, like in abstract_params(text, unet, vae).items()
        }
        digest = hashlib.sha256()
        for path in (*files.values(), scheduler / "scheduler_config.json"):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        words = folder / "words.json"
        return cls(
            name=str(id),
            sha256=digest.hexdigest(),
            text_encoder=text,
            unet=unet,
            vae=vae,
            schedule=Schedule.create(schedule),
            tokenizer=PromptTokenizer.load(
                folder / "tokenizer", length=text.config.max_position_embeddings
            ),
            params=params,
            words=frozenset(checkpoint.read_words(words)) if words.exists() else None,
        )

    def save(self, folder: Path, *, dtype: DTypeLike, tokenizer: Path) -> None:
        """Writes the checkpoint in the diffusers layout.

        Args:
            folder: Where it goes.
            dtype: What the weights are stored in.
            tokenizer: A folder with `vocab.json`, `merges.txt` and its config.
        """
        for part, file in WEIGHTS.items():
            checkpoint.save_params(folder / part / file, self.params[part], dtype)
        levels = len(self.vae.config.block_out_channels)
        configs = {
            "text_encoder/config.json": {
                "architectures": ["CLIPTextModel"],
                "model_type": "clip_text_model",
                **self.text_encoder.config.to_json(),
                "bos_token_id": self.tokenizer.start,
                "eos_token_id": self.tokenizer.end,
                "pad_token_id": self.tokenizer.pad,
            },
            "unet/config.json": {
                "_class_name": "UNet2DConditionModel",
                **self.unet.config.to_json(),
            },
            "vae/config.json": {
                "_class_name": "AutoencoderKL",
                **self.vae.config.to_json(),
                "sample_size": self.size_px,
                "down_block_types": ["DownEncoderBlock2D"] * levels,
                "up_block_types": ["UpDecoderBlock2D"] * levels,
            },
            "scheduler/scheduler_config.json": {
                "_class_name": "DDIMScheduler",
                **self.schedule.config.to_json(),
            },
            "model_index.json": {
                "_class_name": "StableDiffusionPipeline",
                "text_encoder": ["transformers", "CLIPTextModel"],
                "tokenizer": ["transformers", "CLIPTokenizer"],
                "unet": ["diffusers", "UNet2DConditionModel"],
                "vae": ["diffusers", "AutoencoderKL"],
                "scheduler": ["diffusers", "DDIMScheduler"],
                "safety_checker": [None, None],
                "feature_extractor": [None, None],
            },
        }
        for path, content in configs.items():
            checkpoint.write_json(folder / path, content)
        if self.words is not None:
            checkpoint.write_json(folder / "words.json", sorted(self.words))
        shutil.copytree(tokenizer, folder / "tokenizer", dirs_exist_ok=True)


def _read_config(folder: Path, kind: type[Part], file: str = "config.json") -> Part:
    return parse(kind, checkpoint.read_config(folder, file), str(folder))


def abstract_params(text: TextEncoder, unet: UNet, vae: VAE) -> dict[str, Any]:
    """Returns shapes and types of all parameters, without computing any."""
    key = jax.random.key(0)
    size = unet.config.sample_size
    pixels = jnp.zeros((1, 8 * vae.config.reduction, 8 * vae.config.reduction, 3))
    latents = jnp.zeros((1, size, size, unet.config.in_channels))
    ids = jnp.zeros((1, text.config.max_position_embeddings), jnp.int32)
    states = jnp.zeros((*ids.shape, unet.config.cross_attention_dim))
    return {
        "text_encoder": jax.eval_shape(text.init, key, ids)["params"],
        "unet": jax.eval_shape(unet.init, key, latents, jnp.zeros(1), states)["params"],
        "vae": jax.eval_shape(vae.init, key, pixels)["params"],
    }
