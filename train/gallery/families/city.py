"""A city at the water: towers in the haze, lit windows, a reflection."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, waves
from train.gallery.scene import STAR_CELLS, Scene, disc, sky, stars

ROWS = 3
TOWERS = 11  # in a row
STOREY, BAY = 0.046, 0.034  # height and width of a room
LAMPS = 1024


def city_skyline(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Towers in three hazy rows that crowd about a centre, mirrored in still water."""
    (place, size, height, heart, level), night, ripples, tower_draws, lamps = dice(
        key, (5,), (STAR_CELLS, 4), (2, 3), (ROWS * TOWERS, 5), (LAMPS,)
    )
    pixel = canvas.pixel
    dark = ramp(direction.ground, 0.6, 0.1)
    shore = mix(0.42, 0.68, level)
    depth = canvas.y - shore
    ripple = waves(ripples, 1.5 * canvas.x, 30 * depth / (0.5 + depth), 0.5)
    ripple *= 0.03 * direction.unrest * jnp.clip(0.25 + 1.5 * depth, 0, 1)
    wet = depth > 0
    x = jnp.where(wet, canvas.x + ripple, canvas.x)
    y = jnp.where(wet, shore - depth * (1 + 0.1 * depth), canvas.y)
    mirrored = Canvas(x=x, y=y, pixel=pixel)

    # Sky: a glow behind the centre of the city, a sun or moon beside it.
    heart_x = mix(-0.5, 0.5, heart)
    air = direction.ground + 0.9 * direction.rise
    scene = sky(mirrored, direction, shore)
    starlight = stars(night, mirrored, 0.4) * ramp(y, shore - 0.7, shore - 1.3)
    scene = scene.lit(starlight * (direction.ground < 0.2))
    dome = glow(jnp.hypot(0.8 * (x - heart_x), 1.3 * (shore - y)), 0.5)
    scene = scene.lit(mix(0.45, 0.6, dark) * dome)
    sun_x = heart_x + jnp.where(heart_x > 0, -1.0, 1.0) * mix(0.15, 0.75, place)
    sun_y = shore - mix(0.5, 1.05, height)
    radius = direction.scale * mix(0.11, 0.26, size**2)
    scene = disc(scene, mirrored, (sun_x, sun_y), radius, 0.97, 0.3, 0.3)

    few = jnp.clip(2 * direction.amount, 0, 1)

    def add(scene: Scene, tower: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, draws = tower
        row, column = jnp.floor(index / TOWERS), jnp.mod(index, TOWERS)
        near = row / (ROWS - 1)
        spot = -1.15 + 2.3 * (column + 0.35 * row) / (TOWERS - 1)
        spot += 0.14 * (draws[0] - 0.5)
        crowd = jnp.exp(-(((spot - heart_x) / mix(0.34, 0.6, few)) ** 2))
        half = mix(0.075, 0.135, draws[1]) * mix(0.8, 1.1, near)
        tall = mix(0.16, 0.34, draws[2]) + mix(0.2, 0.85, draws[2]) * crowd
        tall *= mix(1.1, 0.72, near) * (0.55 + 0.45 * direction.scale)
        tall *= mix(0.9, 1.1, direction.unrest - 0.5)
        top = shore - jnp.minimum(tall, 1.25)
        # Only tall towers end in a point or a mast.
        kind = jnp.floor(jnp.where(tall > 0.42, 5, 2.6) * draws[3])
        off, down = x - spot, y - top
        side = jnp.abs(off)
        # Tops: flat, stepped, slanted, pointed, or with a mast.
        rim = jnp.where(kind == 2, 0.55 * off * jnp.sign(draws[4] - 0.5), 0.0)
        rim = jnp.where(kind == 3, 1.5 * side - 0.6 * half, rim)
        steps = 0.72 + 0.28 * (down > 0.3 * half) - 0.3 * (down < -0.7 * half)
        slim = jnp.where(kind == 1, steps, 1.0)
        rim = jnp.where(kind == 1, -1.5 * half * (side < 0.45 * half), rim)
        body = jnp.maximum(side - half * slim, rim - down)
        needle = jnp.maximum(side - 0.008 - 0.01 * ramp(down, -0.25, 0.0), -down - 0.24)
        masted = (kind == 4) | ((kind == 3) & (draws[4] > 0.4))
        body = jnp.where(masted, jnp.minimum(body, needle), body)
        cover = inside(jnp.maximum(body, y - shore), pixel)

        # The face towards the sun is lighter; haze gathers at the feet.
        fold = mix(-0.5, 0.5, draws[4]) * half
        toward = jnp.where(sun_x > spot, off > fold, off < fold)
        clear = mix(mix(air, direction.shadow, 0.42), direction.shadow, near)
        tone = clear + 0.1 * toward * (0.35 + air) * mix(0.7, 1.0, near)
        tone += 0.12 * dome * (1 - near)
        mist = ramp(shore - y, 0.75, 0.0) * (1 - 0.8 * near)
        tone = mix(tone, air + 0.1, mist * (0.4 + 0.55 * direction.haze))

        bay, storey = BAY * mix(0.75, 1, near), STOREY * mix(0.75, 1, near)
        across, floors = (off - fold) / bay, down / storey - 0.6
        room_x, room_y = jnp.floor(across), jnp.floor(floors)
        room = jnp.mod(37 * room_x + 131 * room_y + 71 * index, LAMPS)
        lamp = lamps[room.astype(jnp.int32)]
        pane = jnp.maximum(
            (jnp.abs(across - room_x - 0.5) - 0.3) * bay,
            (jnp.abs(floors - room_y - 0.5) - 0.27) * storey,
        )
        glass = jnp.maximum(pane, jnp.maximum(body + 0.016, -floors * storey))
        share = (0.16 + 0.3 * draws[1]) * mix(0.75, 1.3, direction.amount)
        lit = inside(glass, pixel) * (lamp < share) * mix(0.35, 1.0, near)
        lit *= 0.55 + 0.45 * lamp / share
        scene = scene.under(cover, tone)
        present = lit * mix(1 - 0.8 * mist, 1.0, near)
        warm = 0.75 * (jnp.mod(31 * lamp, 1) < 0.5)
        return scene.under(cover * present, mix(0.8, 0.98, dark), warm), None

    towers = (jnp.arange(ROWS * TOWERS) + 0.0, tower_draws)
    scene = jax.lax.scan(add, scene, towers)[0]
    mist = glow(shore - y, 0.09) * (0.2 + 0.45 * direction.haze)
    scene = scene.under(mist * (y < shore), air + 0.12)

    murk = mix(0.4, 0.85, ramp(depth, 0, 0.5)) - 0.1 * ripple / 0.03 * dark
    water = mix(scene.tone, direction.shadow + 0.15 * air, jnp.clip(murk, 0, 1))
    flat = Scene(
        tone=jnp.where(wet, water, scene.tone),
        accent=jnp.where(wet, 0.7 * scene.accent, scene.accent),
    )
    bank = inside(jnp.abs(depth) - 0.008, pixel)
    return flat.under(0.8 * bank, 0.6 * direction.shadow)
