"""What is asked of a painter: an order for each picture, settings for all of them."""

from dataclasses import dataclass

from jaxsoundart.errors import ArgumentError

LARGEST_SEED = 2**32 - 1
LARGEST_GUIDANCE = 50.0
LARGEST_SIDE_PX = 8192
LARGEST_ENLARGEMENT = 8.0
MOST_DECODE_PASSES = 16


Number = int | float


def _check_range(
    name: str, value: Number, least: Number, most: Number, unit: str = ""
) -> None:
    if not least <= value <= most:
        raise ArgumentError(
            f"{name} {value:g} is out of range; wanted {least:g} to {most:g}{unit}"
        )


def _check_seed(name: str, seed: int) -> None:
    if not 0 <= seed <= LARGEST_SEED:
        raise ArgumentError(
            f"{name} {seed} is out of range; wanted 0 to {LARGEST_SEED}"
        )


@dataclass(frozen=True, kw_only=True)
class Order:
    """One picture to paint. `None` leaves the choice to the painter.

    Attributes:
        prompt: What to paint; phrases such as `(red sky:1.3)` are weighted, and a
            prompt may be of any length.
        negative_prompt: What to keep out.
        seed: 0 to 2³² - 1; the same seed gives the same picture.
        guidance: How strongly prompt and negative prompt pull; 1 is the prompt alone,
            in half the time.
        variation: How far the noise is turned towards that of another seed, 0 to 1.
        variation_seed: The other seed.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int = 0
    guidance: float | None = None
    variation: float = 0.0
    variation_seed: int = 0

    def __post_init__(self):
        _check_seed("seed", self.seed)
        _check_seed("variation seed", self.variation_seed)
        _check_range("variation", self.variation, 0.0, 1.0)
        if self.guidance is not None:
            _check_range("guidance", self.guidance, 1.0, LARGEST_GUIDANCE)


@dataclass(frozen=True, kw_only=True)
class _Shared:
    spacing: str | None = None
    guidance_rescale: float = 0.0
    long_prompts: bool = True
    strength: float = 0.7
    enlarge: float = 1.0
    enlarge_strength: float = 0.5
    decode_passes: int = 1

    def __post_init__(self):
        _check_range("guidance rescale", self.guidance_rescale, 0.0, 1.0)
        _check_range("enlargement", self.enlarge, 1.0, LARGEST_ENLARGEMENT)
        if not 1 <= self.decode_passes <= MOST_DECODE_PASSES:
            raise ArgumentError(
                f"{self.decode_passes} decode passes asked for; wanted 1 to "
                f"{MOST_DECODE_PASSES}"
            )
        for name in ("strength", "enlarge_strength"):
            share = getattr(self, name)
            if not 0.0 < share <= 1.0:
                raise ArgumentError(
                    f"{name.replace('_', ' ')} {share} is out of range; wanted above "
                    "0, at most 1"
                )


@dataclass(frozen=True, kw_only=True)
class Settings(_Shared):
    """What the pictures of one call share. `None` leaves the choice to the painter.

    Attributes:
        sampler: One of `samplers.SAMPLERS`.
        steps: Steps of the sampler.
        spacing: Of the steps in time: "leading", "linspace", "trailing" or "karras".
        width_px: Width to paint at.
        height_px: Height to paint at.
        guidance_rescale: How far guided predictions are brought back to the deviation
            of the prompt's, 0 to 1.
        long_prompts: Whether prompts longer than the text encoder reads at once are
            read in chunks; if not they are refused.
        strength: For painting over a picture: share of the steps taken, 0 to 1.
        enlarge: How many times as wide and high the picture becomes by painting over
            its own enlarged latents; 1 leaves it.
        enlarge_strength: Share of the steps taken then, 0 to 1.
        decode_passes: How often latents become pixels: 1 decodes once, n decodes and
            encodes n - 1 times in between, which changes the texture.
        upscale: Whether the painter's upscaler makes the pictures larger in the end;
            without a word it does where there is one.
    """

    sampler: str | None = None
    steps: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    upscale: bool | None = None

    def __post_init__(self):
        super().__post_init__()
        for name in ("width", "height"):
            side_px = getattr(self, f"{name}_px")
            if side_px is not None:
                _check_range(name, side_px, 1, LARGEST_SIDE_PX, " px")


@dataclass(frozen=True, kw_only=True)
class Settled(_Shared):
    """Settings with nothing left open, as a painter settles them."""

    sampler: str
    steps: int
    width_px: int
    height_px: int
    upscale: bool


def check_size(name: str, side_px: int, multiple: int) -> None:
    """Checks that a side is a whole number of latents.

    Raises:
        ArgumentError: It is not; the message names the nearest sizes that are.
    """
    if side_px % multiple:
        below = side_px - side_px % multiple
        nearest = [str(n) for n in (below, below + multiple) if n]
        raise ArgumentError(
            f"{name} {side_px} px is not divisible by {multiple}; "
            f"use {' or '.join(nearest)}"
        )
