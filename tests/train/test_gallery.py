import itertools
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxsoundart.compose import lexicon
from train.gallery import palettes, speech, vocabulary
from train.gallery.attributes import UNNAMED_SHARE, Attributes, sample_attributes
from train.gallery.captions import CANONICAL_SHARE, PRODUCT_SHARE, caption
from train.gallery.draw import PAINTERS, draw
from train.gallery.vocabulary import (
    COMPOSITIONS,
    FAMILIES,
    INSTRUMENTS,
    LIGHTS,
    MOODS,
    PALETTES,
    SYNONYMS,
    TEXTURES,
)

SIZE_PX = 64
SMOOTH = TEXTURES.index("smooth")
MINIMAL, DENSE = COMPOSITIONS.index("minimal"), COMPOSITIONS.index("dense")
# Their dense pictures are not richer in edges than minimal ones, only fuller.
SOFT = ("colour haze", "flow lines", "botanical leaves")
BATCH = len(PALETTES) * len(LIGHTS)


@pytest.fixture(autouse=True, scope="module")
def quick_compilation():
    """At this size XLA takes longer to optimise a family than to draw it."""
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


def attributes(**fixed):
    """A batch of attributes, zero (or smooth) where nothing else is asked for."""
    columns = {"palette": 0, "light": 0, "texture": SMOOTH, "composition": 0, "mood": 0}
    columns.update(fixed)
    return Attributes(
        **{
            k: jnp.asarray(np.broadcast_to(v, BATCH), jnp.int32)
            for k, v in columns.items()
        }
    )


def keys(seed=0):
    return jax.random.split(jax.random.key(seed), BATCH)


def painted(family, **fixed):
    """The same keys each time, so that only the attributes make a difference."""
    return np.asarray(draw(family, keys(), attributes(**fixed), SIZE_PX))


EVERY_PALETTE = np.arange(BATCH) % len(PALETTES)
EVERY_LIGHT = np.arange(BATCH) // len(PALETTES)


def luminance(pictures):
    linear = np.where(
        pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055) ** 2.4
    )
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def edge_energy(pictures):
    grey = pictures.mean(-1)
    across, down = np.diff(grey, axis=2), np.diff(grey, axis=1)
    return (across**2).mean() + (down**2).mean()


def test_every_family_is_drawn():
    assert tuple(PAINTERS) == FAMILIES


def test_every_phrase_has_two_to_four_other_wordings():
    phrases = {*FAMILIES, *PALETTES, *LIGHTS, *TEXTURES, *COMPOSITIONS, *MOODS} - {""}
    assert set(SYNONYMS) == phrases
    assert all(2 <= len(others) <= 4 for others in SYNONYMS.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_are_finite_and_light_is_true(family):
    pictures = painted(family, palette=EVERY_PALETTE, light=EVERY_LIGHT)
    assert pictures.shape == (BATCH, SIZE_PX, SIZE_PX, 3)
    assert np.isfinite(pictures).all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert pictures.std(axis=(1, 2)).max(-1).min() > 0.02, "an empty picture"
    mean = [luminance(pictures[light == EVERY_LIGHT]).mean() for light in range(3)]
    dark, bright, soft = mean
    assert 1.4 * dark < soft
    assert 1.4 * soft < bright
    assert dark < 0.14


@pytest.mark.parametrize("family", FAMILIES)
def test_compositions_can_be_seen(family):
    look = {"palette": EVERY_PALETTE, "light": EVERY_LIGHT}
    minimal = painted(family, composition=MINIMAL, **look)
    dense = painted(family, composition=DENSE, **look)
    assert np.abs(dense - minimal).mean() > 0.012
    if family not in SOFT:
        assert 1.1 * edge_energy(minimal) < edge_energy(dense)


@pytest.mark.parametrize("texture", sorted({*TEXTURES} - {"smooth"}))
def test_textures_can_be_seen(texture):
    def drawn(name):
        wanted = attributes(
            palette=EVERY_PALETTE, light=EVERY_LIGHT, texture=TEXTURES.index(name)
        )
        # Screens are finer than half the other tests' size can show.
        return np.asarray(draw("moon over the sea", keys(), wanted, 2 * SIZE_PX))

    assert edge_energy(drawn(texture)) > 1.15 * edge_energy(drawn("smooth"))


def oklab(srgb):
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_cone = np.linalg.inv(palettes.FROM_CONE)
    to_lab = np.linalg.inv(palettes.FROM_LAB)
    return np.cbrt(linear @ to_cone.T) @ to_lab.T


def nearest_palette(picture):
    """The palette whose ramp and accent lie nearest to the pixels, in OKLab."""
    pixels = oklab(picture[4::8, 4::8].reshape(-1, 3))
    distances = []
    for stops in palettes.STOPS:
        steps = np.linspace(0, 4, 41)
        ramp = [np.interp(steps, range(5), stops[:5, c]) for c in range(3)]
        anchors = np.concatenate([np.stack(ramp, -1), stops[5:]])
        gap = pixels[:, None] - anchors[None]
        gap[..., 0] *= 0.4
        distances.append(np.linalg.norm(gap, axis=-1).min(1).mean())
    return int(np.argmin(distances))


def test_palettes_can_be_told_apart():
    correct = []
    for family in FAMILIES:
        pictures = painted(family, palette=EVERY_PALETTE, light=EVERY_LIGHT)
        found = [nearest_palette(picture) for picture in pictures]
        correct.append(np.mean(np.asarray(found) == EVERY_PALETTE))
    assert np.mean(correct) > 0.85
    assert min(correct) > 0.6


def test_a_picture_depends_on_its_key_and_attributes_alone():
    wanted = sample_attributes(jax.random.key(1), BATCH)
    first = draw("city skyline", keys(), wanted, SIZE_PX)
    backwards = jax.tree.map(lambda leaf: leaf[::-1], (keys(), wanted))
    second = draw("city skyline", *backwards, SIZE_PX)[::-1]
    np.testing.assert_allclose(first, second, atol=1e-6)
    other = draw("city skyline", keys(seed=1), wanted, SIZE_PX)
    assert np.abs(np.asarray(first) - np.asarray(other)).mean() > 0.02


def test_composition_is_the_same_at_every_size():
    family = "crystal shards"
    small = painted(family, palette=EVERY_PALETTE, light=EVERY_LIGHT)
    wanted = attributes(palette=EVERY_PALETTE, light=EVERY_LIGHT)
    large = np.asarray(draw(family, keys(), wanted, 2 * SIZE_PX))
    shrunk = large.reshape(BATCH, SIZE_PX, 2, SIZE_PX, 2, 3).mean((2, 4))
    assert np.abs(shrunk - small).mean() < 0.02
    assert np.abs(np.roll(shrunk, 1, axis=0) - small).mean() > 0.1


def test_sampled_attributes_cover_the_vocabulary():
    batch = 6000
    drawn = sample_attributes(jax.random.key(0), batch)
    for name, values in (
        ("palette", PALETTES),
        ("light", LIGHTS),
        ("texture", TEXTURES),
    ):
        counts = np.bincount(getattr(drawn, name), minlength=len(values))
        np.testing.assert_allclose(counts / batch, 1 / len(values), atol=0.03)
    for name, values in (("composition", COMPOSITIONS), ("mood", MOODS)):
        counts = np.bincount(getattr(drawn, name), minlength=len(values)) / batch
        named = (1 - UNNAMED_SHARE) / (len(values) - 1)
        np.testing.assert_allclose(
            counts, [UNNAMED_SHARE] + [named] * (len(values) - 1), atol=0.03
        )


def test_captions_are_true_and_varied():
    generator = np.random.default_rng(0)
    glue = re.compile(r"^(cover art of|album cover with|in) | (palette|colours)$")
    canonical, seen, alluded = 0, set(), 0
    kept = {"family": 0, "palette": 0, "light": 0}
    count = 3000
    for _ in range(count):
        shown = {
            name: str(generator.choice(getattr(vocabulary, group)))
            for name, group in (
                ("family", "FAMILIES"),
                ("palette", "PALETTES"),
                ("light", "LIGHTS"),
                ("texture", "TEXTURES"),
                ("composition", "COMPOSITIONS"),
                ("mood", "MOODS"),
            )
        }
        text = caption(generator, **shown)
        others = [shown[n] for n in ("light", "texture", "composition", "mood")]
        plain = [shown["family"], f"{shown['palette']} palette", *filter(None, others)]
        canonical += text == ", ".join(plain)
        seen.add(text)
        said = set()
        for phrase in text.split(", "):
            core = glue.sub("", phrase)
            matches = [
                name
                for name, value in shown.items()
                if value and {core, phrase} & {*speech.wordings(value)}
            ]
            if phrase in speech.allusions(shown["family"], shown["palette"]):
                matches.append("allusion")
                alluded += 1
            assert len(matches) == 1, (text, phrase, shown)
            assert matches[0] not in said
            said.add(matches[0])
        for name in kept:
            kept[name] += name in said
    # Other captions hit the canonical one by chance now and then.
    assert CANONICAL_SHARE - 0.03 < canonical / count < CANONICAL_SHARE + 0.05
    free = 1 - CANONICAL_SHARE - PRODUCT_SHARE
    assert kept["family"] / count == pytest.approx(1 - free * 0.1, abs=0.02)
    assert kept["palette"] / count == pytest.approx(1 - free * 0.15, abs=0.02)
    assert kept["light"] / count == pytest.approx(1 - free * 0.4, abs=0.03)
    assert alluded > 0.1 * count
    assert len(seen) > 0.75 * count


def test_the_lexicon_and_the_gallery_speak_the_same_language():
    entries = lexicon.load().entries.values()
    plain = {e.plain.removesuffix(" palette") for e in entries if e.slot != "style"}
    named = {*FAMILIES, *PALETTES, *LIGHTS, *TEXTURES, *COMPOSITIONS, *MOODS}
    assert plain <= named
    assert {*FAMILIES} <= plain, "what no song can bring about need not be drawn"
    assert {*itertools.chain(*INSTRUMENTS.values())} <= {*FAMILIES}


def test_no_wording_means_two_things():
    phrases = {*FAMILIES, *PALETTES, *LIGHTS, *TEXTURES, *COMPOSITIONS, *MOODS} - {""}
    said = list(itertools.chain(*map(speech.wordings, phrases)))
    assert len(said) == len(set(said))


def test_a_genre_owns_its_pairs_of_family_and_palette():
    owner = {}
    for name, genre in lexicon.load().genres.items():
        for scene in genre.choices["scene"]:
            for palette in genre.choices["palette"]:
                pair = scene.say[-1], palette.say[-1]
                assert owner.setdefault(pair, name) == name
    resting = [g.choices["scene"][-1].say[-1] for g in lexicon.load().genres.values()]
    assert len(set(resting)) == len(resting)


def test_the_same_generator_words_the_same_caption():
    shown = ("ridgelines", "neon", "dark", "smooth", "", "calm")
    first, second = (caption(np.random.default_rng(7), *shown) for _ in range(2))
    assert first == second
