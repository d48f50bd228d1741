"""One seed, one picture: whatever the batch, the place in it, the devices."""

import dataclasses

import jax
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.order import Order, Settings
from jaxsoundart.paint.painter import Painter

SETTINGS = Settings(sampler="ddim", steps=3)


@pytest.fixture(scope="module")
def one_device(tiny):
    return Painter.create(tiny, jax.devices()[:1])


@pytest.fixture(scope="module")
def orders():
    prompts = ("sun", "moon", "dark sun", "bright moon", "sun moon")
    return [
        Order(prompt=prompt, negative_prompt="dark", seed=seed, guidance=2.0 + seed)
        for seed, prompt in enumerate(prompts)
    ]


@pytest.fixture(scope="module")
def pictures(one_device, orders):
    return one_device.paint(orders, SETTINGS)


def test_pictures_have_the_trained_size_and_differ(pictures):
    assert pictures.shape == (5, 8, 8, 3)
    assert len({picture.tobytes() for picture in pictures}) == 5


def test_a_picture_does_not_depend_on_batch_or_place(one_device, orders, pictures):
    backwards = one_device.paint(orders[::-1], SETTINGS)
    alone = one_device.paint(orders[3:4], SETTINGS)
    np.testing.assert_array_equal(backwards[::-1], pictures)
    np.testing.assert_array_equal(alone[0], pictures[3])


@pytest.fixture(scope="module")
def many(tiny):
    return Painter.create(tiny, jax.devices())


def test_a_picture_does_not_depend_on_the_number_of_devices(many, orders, pictures):
    assert many.mesh.size == 8
    np.testing.assert_array_equal(many.paint(orders, SETTINGS), pictures)


@pytest.fixture(scope="module")
def splitting(tiny):
    return Painter.create(tiny, shard_weights=True)


def test_split_weights_paint_the_same_with_an_eighth_on_each_device(
    splitting, orders, pictures
):
    np.testing.assert_array_equal(splitting.paint(orders, SETTINGS), pictures)
    weights = jax.tree.leaves(splitting.engine._weights._placed)
    held = dict.fromkeys(jax.devices(), 0)
    for weight in weights:
        for shard in weight.addressable_shards:
            held[shard.device] += shard.data.nbytes
    total = sum(weight.nbytes for weight in weights)
    assert set(held.values()) == {splitting.engine.held_bytes}
    # Vectors are whole everywhere; in networks as small as this one they count.
    assert 1 / 8 < splitting.engine.held_bytes / total < 1.15 / 8


def test_split_weights_are_gathered_step_by_step(splitting):
    splitting.compile(SETTINGS)
    ((program, _),) = splitting.engine._programs["walk"]._compiled.values()
    # Gathered before the loop, all would be whole at once and all along.
    computations = program.as_text().split("\n\n")
    gathering = [text for text in computations if " all-gather(" in text]
    assert gathering
    assert not any("ENTRY" in text for text in gathering)


@pytest.mark.parametrize(
    "change",
    [{"seed": 77}, {"prompt": "moon"}, {"negative_prompt": "sun"}, {"guidance": 7.5}],
)
def test_seed_words_and_guidance_each_change_the_picture(one_device, orders, change):
    changed = dataclasses.replace(orders[0], **change)
    before, after = one_device.paint([orders[0], changed], SETTINGS)
    assert (before != after).any()


def test_guidance_of_one_does_not_hear_the_negative_prompt(one_device):
    order = Order(prompt="sun", negative_prompt="dark", seed=3, guidance=1.0)
    # A long one would take more chunks, and so another reading of the prompt.
    others = [
        dataclasses.replace(order, negative_prompt=text)
        for text in ("moon bright", " ".join(["moon bright"] * 12))
    ]
    first, *rest = one_device.paint([order, *others], SETTINGS)
    for picture in rest:
        np.testing.assert_array_equal(picture, first)


@pytest.fixture
def compilations():
    """The seconds of every compilation, as they happen."""
    compiled = []

    def listen(name, seconds, **_):
        if name == "/jax/core/compile/backend_compile_duration":
            compiled.append(seconds)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield compiled
    # The oldest JAX we support cannot unregister; the listener then stays, unread.
    unregister = "unregister_event_duration_listener"
    getattr(jax.monitoring, unregister, lambda listener: None)(listen)


def test_what_is_asked_for_compiles_nothing_anew(
    one_device, orders, pictures, compilations
):
    one_device.paint(
        [
            Order(
                prompt="bright (sun:1.4)",
                negative_prompt="moon sun",
                seed=9,
                guidance=9.0,
                variation=0.3,
            ),
            *orders[:2],
        ],
        SETTINGS,
    )
    for settings in (
        Settings(sampler="ddim", steps=7, guidance_rescale=0.5),
        Settings(sampler="euler-a", steps=11),
        Settings(sampler="heun", steps=20, spacing="karras"),
    ):
        one_device.paint(orders[:1], settings)
    assert compilations == []
    one_device.paint(orders[:1], Settings(width_px=16, steps=1))
    assert compilations, "the listener hears no compilation"


def test_compiling_beforehand_leaves_nothing_to_compile(tiny, orders, compilations):
    painter = Painter.create(tiny, jax.devices()[:1])
    settings = Settings(width_px=24, height_px=16, enlarge=2.0, decode_passes=2)
    seconds = painter.compile(settings)
    assert seconds > 0.0
    assert painter.engine.compile_s == seconds
    painter.compile(settings, guidance=1.0, chunks=2)
    compilations.clear()
    painter.paint(orders[:2], settings)
    long = " ".join(["sun moon"] * 8)
    painter.paint([Order(prompt=long, guidance=1.0)], settings)
    assert compilations == []


def test_each_device_paints_an_eighth(many, orders):
    rounds = []
    many.paint([*orders, *orders[:3]], SETTINGS, watch=rounds.append)
    # Eight pictures on eight devices are one round; one device takes eight.
    assert {glimpse.done for glimpse in rounds} == {0, 8}
    decode = many.engine._programs["decode"]
    latents = np.zeros((8, 4, 4, 4), np.float32)
    weights = many.engine._weights.of("vae", (4, 4))
    text = decode.compiled(weights, latents).as_text()
    assert "f32[1,4,4,4]" in text, "a device is given one picture"
    assert "f32[8,8,8,3]" not in text, "a device decodes one picture"


def test_a_batch_on_each_device_paints_the_same(tiny, orders, pictures):
    painter = Painter.create(tiny, jax.devices()[:2], batch=2)
    assert painter.engine.capacity == 4
    again = painter.paint(orders, SETTINGS)
    # Of the same batch, whatever is in it, the bits are the same; of another, nearly.
    np.testing.assert_array_equal(painter.paint(orders[:1], SETTINGS)[0], again[0])
    assert np.abs(again.astype(int) - pictures).max() <= 1


def test_decode_passes_change_texture_not_subject(one_device, orders, pictures):
    passes = dataclasses.replace(SETTINGS, decode_passes=3)
    again = one_device.paint(orders[:1], passes)
    assert (again[0] != pictures[0]).any()


def test_a_scale_of_one_is_the_same_beside_others(one_device, orders):
    alone = dataclasses.replace(orders[0], guidance=1.0)
    (picture,) = one_device.paint([alone], SETTINGS)
    mixed = one_device.paint([orders[1], alone, orders[2]], SETTINGS)
    np.testing.assert_array_equal(mixed[1], picture)


def test_long_prompts_are_read_to_their_end(one_device):
    long = " ".join(["dark sun"] * 12)
    orders = [Order(prompt=f"{long} {last}", seed=4) for last in ("moon", "bright")]
    first, second = one_device.paint(orders, SETTINGS)
    assert (first != second).any()
    short = Order(prompt="sun", seed=1)
    (alone,) = one_device.paint([short], SETTINGS)
    beside = one_device.paint([orders[0], short], SETTINGS)
    np.testing.assert_array_equal(beside[1], alone)
    refusing = dataclasses.replace(SETTINGS, long_prompts=False)
    with pytest.raises(ArgumentError, match=r"prompt has 25 tokens.* reads 10"):
        one_device.paint(orders[:1], refusing)


def test_variations_go_from_one_seed_to_another(one_device):
    def painted(**noise):
        (picture,) = one_device.paint([Order(prompt="sun", **noise)], SETTINGS)
        return picture.astype(int)

    first, last = painted(seed=3), painted(seed=8)
    np.testing.assert_array_equal(painted(seed=3, variation_seed=8), first)
    whole = painted(seed=3, variation_seed=8, variation=1.0)
    assert np.abs(whole - last).max() <= 1
    near = painted(seed=3, variation_seed=8, variation=0.1)
    far = painted(seed=3, variation_seed=8, variation=0.6)
    assert 0 < np.abs(near - first).mean() < np.abs(far - first).mean()


@pytest.mark.parametrize(("width_px", "height_px"), [(8, 12), (20, 6)])
def test_pictures_have_the_size_asked_for(one_device, orders, width_px, height_px):
    settings = dataclasses.replace(SETTINGS, width_px=width_px, height_px=height_px)
    painted = one_device.paint(orders[:1], settings)
    assert painted.shape == (1, height_px, width_px, 3)


def test_enlarging_paints_the_same_picture_larger(one_device, orders):
    settings = Settings(steps=20, width_px=16, height_px=16)
    (small,) = one_device.paint(orders[:1], settings)

    def enlarged(strength):
        more = dataclasses.replace(settings, enlarge=2.0, enlarge_strength=strength)
        (large,) = one_device.paint(orders[:1], more)
        assert large.shape == (32, 32, 3)
        means = large.reshape(16, 2, 16, 2, 3).mean((1, 3))
        return np.abs(means - small).mean()

    assert enlarged(0.1) < enlarged(1.0)


def test_progress_and_previews_come_while_painting(one_device, orders):
    glimpses, looks = [], []

    def watch(glimpse):
        glimpses.append(glimpse)
        looks.append(glimpse.look())

    settings = Settings(sampler="ddim", steps=20)
    watched = one_device.paint(orders[:2], settings, watch=watch)
    assert [glimpse.done for glimpse in glimpses] == sorted(
        glimpse.done for glimpse in glimpses
    )
    assert glimpses[-1].done == glimpses[-1].count == 2
    shares = [glimpse.share for glimpse in glimpses if glimpse.done == 0]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert looks[0].shape == (1, 4, 4, 3)
    assert (looks[0] != looks[len(shares) - 1]).any()
    np.testing.assert_array_equal(one_device.paint(orders[:2], settings), watched)


def test_painting_can_be_ended_from_outside(one_device, orders, pictures):
    class EnoughError(Exception):
        pass

    def watch(glimpse):
        if glimpse.done == 1:
            raise EnoughError

    with pytest.raises(EnoughError):
        one_device.paint(orders, SETTINGS, watch=watch)
    np.testing.assert_array_equal(one_device.paint(orders, SETTINGS), pictures)


@pytest.mark.parametrize("sampler", ["ddim", "dpm++2m", "pndm", "unipc"])
def test_painting_over_keeps_more_of_a_picture_at_less_strength(
    one_device, pictures, sampler
):
    order = Order(prompt="sun", seed=5)
    (alone,) = one_device.paint([order], Settings(sampler=sampler, steps=10))

    def distance(strength):
        settings = Settings(sampler=sampler, steps=10, strength=strength)
        (painted,) = one_device.paint([order], settings, over=pictures[1])
        # How near to a picture from noise alone, whose path it joins when strong.
        return np.abs(painted.astype(int) - alone).mean()

    assert distance(1.0) < distance(0.5) < distance(0.1)


def test_a_mask_says_what_stays(one_device, pictures):
    mask = np.zeros((8, 8), np.uint8)
    mask[:, 4:] = 255
    settings = Settings(sampler="ddim", steps=10, strength=1.0)
    order = Order(prompt="moon", seed=12)
    (painted,) = one_device.paint([order], settings, over=pictures[1], mask=mask)
    np.testing.assert_array_equal(painted[:, :4], pictures[1][:, :4])
    assert (painted[:, 4:] != pictures[1][:, 4:]).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Order(prompt="", seed=2**32), "seed 4294967296 is out of range"),
        (lambda: Order(prompt="", seed=-1), "seed -1 is out of range"),
        (lambda: Order(prompt="", guidance=0.5), "guidance 0.5 is out of range"),
        (lambda: Order(prompt="", variation=1.5), "variation 1.5 is out of range"),
        (lambda: Settings(decode_passes=0), "0 decode passes"),
        (lambda: Settings(strength=0.0), "strength 0.0"),
        (lambda: Settings(enlarge=0.5), "enlargement 0.5 is out of range"),
        (lambda: Settings(guidance_rescale=2.0), "guidance rescale 2 is out of"),
    ],
)
def test_impossible_orders_are_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampler": "plms"}, r"'plms' is unknown; known: ddim"),
        ({"steps": 0}, "0 steps asked for; wanted 1 to 1000"),
        ({"width_px": 17}, "width 17 px is not divisible by 2; use 16 or 18"),
        ({"height_px": 10_000}, "height 10000 is out of range; wanted 1 to 8192 px"),
        ({"sampler": "ddim", "spacing": "karras"}, "karras"),
    ],
)
def test_impossible_settings_are_refused(one_device, orders, settings, message):
    with pytest.raises(ArgumentError, match=message):
        one_device.paint(orders, Settings(**settings))


def test_impossible_calls_are_refused(one_device, orders):
    picture, mask = np.zeros((6, 6, 3), np.uint8), np.zeros((8, 8), np.uint8)
    with pytest.raises(ArgumentError, match="no picture asked for"):
        one_device.paint([], SETTINGS)
    with pytest.raises(ArgumentError, match=r"picture .* is 6×6 px; wanted 8×8"):
        one_device.paint(orders, SETTINGS, over=picture)
    with pytest.raises(ArgumentError, match="mask is given, but no picture"):
        one_device.paint(orders, SETTINGS, mask=mask)
    with pytest.raises(ArgumentError, match="batch is 0"):
        Painter.create(one_device.model, batch=0)
