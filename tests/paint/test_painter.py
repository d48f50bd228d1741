"""One seed, one picture: whatever the batch, the place in it, the devices."""

import dataclasses

import jax
import numpy as np
import pytest

from jaxsoundart.errors import ArgumentError
from jaxsoundart.paint.painter import Order, Painter, Settings

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
    other = dataclasses.replace(order, negative_prompt="moon bright")
    first, second = one_device.paint([order, other], SETTINGS)
    np.testing.assert_array_equal(first, second)


def test_changing_orders_and_count_compiles_nothing(one_device, orders, pictures):
    compiled = []
    event = "/jax/core/compile/backend_compile_duration"

    def listen(name, seconds, **_):
        if name == event:
            compiled.append(seconds)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        one_device.paint(
            [
                Order(
                    prompt="bright", negative_prompt="moon sun", seed=9, guidance=9.0
                ),
                *orders[:2],
            ],
            SETTINGS,
        )
        assert compiled == []
        one_device.paint(orders[:1], dataclasses.replace(SETTINGS, steps=4))
        assert compiled, "the listener hears no compilation"
    finally:
        # The oldest JAX we support cannot unregister; the listener then stays, unread.
        unregister = "unregister_event_duration_listener"
        getattr(jax.monitoring, unregister, lambda listener: None)(listen)


def test_each_device_paints_an_eighth(many, orders):
    devices = []

    def note(done, count):
        devices.append((done, count))

    many.paint([*orders, *orders[:3]], SETTINGS, progress=note)
    # Eight pictures on eight devices are one round; one device takes eight.
    assert devices == [(8, 8)]
    lowered = many._decode.lower(many.model.params, np.zeros((8, 4, 4, 4), np.float32))
    (shape,) = jax.tree.leaves(lowered.out_info)
    assert shape.shape == (8, 8, 8, 3)
    assert "tensor<1x8x8x3xf32>" in lowered.as_text(), "a device decodes one picture"


def test_decode_passes_change_texture_not_subject(one_device, orders, pictures):
    passes = dataclasses.replace(SETTINGS, decode_passes=3)
    again = one_device.paint(orders[:1], passes)
    assert (again[0] != pictures[0]).any()


def test_painting_over_keeps_more_of_a_picture_at_less_strength(one_device, pictures):
    order = Order(prompt="sun", seed=5)

    def distance(strength):
        settings = Settings(sampler="ddim", steps=10, strength=strength)
        (painted,) = one_device.paint([order], settings, over=pictures[1])
        (alone,) = one_device.paint([order], settings)
        # How near to a picture from noise alone, whose path it joins when strong.
        return np.abs(painted.astype(int) - alone).mean()

    assert distance(1.0) < 1e-9
    assert distance(0.1) > distance(1.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Order(prompt="", seed=2**32), "seed 4294967296 is out of range"),
        (lambda: Order(prompt="", seed=-1), "seed -1 is out of range"),
        (lambda: Order(prompt="", guidance=0.5), "guidance 0.5 is out of range"),
        (lambda: Settings(decode_passes=0), "0 decode passes"),
        (lambda: Settings(strength=0.0), "strength 0.0"),
    ],
)
def test_impossible_orders_are_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_impossible_calls_are_refused(one_device, orders):
    with pytest.raises(ArgumentError, match="no picture asked for"):
        one_device.paint([], SETTINGS)
    with pytest.raises(ArgumentError, match=r"'plms' is unknown; known: ddim"):
        one_device.paint(orders, Settings(sampler="plms"))
    with pytest.raises(ArgumentError, match="0 steps asked for; wanted 1 to 1000"):
        one_device.paint(orders, Settings(steps=0))
    with pytest.raises(ArgumentError, match=r"is 6×6 px; wanted 8×8"):
        one_device.paint(orders, SETTINGS, over=np.zeros((6, 6, 3), np.uint8))
