"""Outer space: a nebula and a planet, a chart of stars."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.fields import (
    Canvas,
    Field,
    Scalar,
    dice,
    glow,
    inside,
    mix,
    ramp,
    sine,
    waves,
)
from train.gallery.scene import STAR_CELLS, Scene, backdrop, stars

FIGURE = 8  # stars of a constellation


def _clouds(draws: Float[Array, "4 2 4"], x: Field, y: Field, unrest: Scalar) -> Field:
    """Billowing gas, each octave carried along by the one before it, about -1..1."""
    bend = 0.2 * unrest
    u = x + bend * waves(draws[0], x, y, 0.4)
    v = y + bend * waves(draws[0, ::-1], y, x, 0.45)
    large = waves(draws[1], u, v, 0.45)
    u, v = u + 0.11 * large, v - 0.09 * large
    middle = 1 - jnp.abs(waves(draws[2], u, v, 1.0))
    fine = 1 - jnp.abs(waves(draws[3], u + 0.06 * middle, v - 0.05 * middle, 2.3))
    return 0.62 * large + 0.42 * middle + 0.2 * fine - 0.2


def _dust(draws: Array, canvas: Canvas, share: Field | Scalar) -> Field:
    """Stars in depth: a few near ones, and twice as many small and dim ones."""
    far = Canvas(
        x=(1.9 * canvas.y + 0.4 + 1.25) % 2.5 - 1.25,
        y=(1.9 * canvas.x - 0.7 + 1.25) % 2.5 - 1.25,
        pixel=canvas.pixel,
    )
    return stars(draws, canvas, 0.6 * share) + 0.65 * stars(draws, far, share)


def nebula_and_planet(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Billowing gas and dust lanes, stars in depth, a planet, often with a ring."""
    (place, lean, size, reach, ring, hue), night, draws, belts = dice(
        key, (6,), (STAR_CELLS, 4), (4, 2, 4), (2, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place < 0.5, -1.0, 1.0)
    slant = side * mix(0.35, 0.95, lean)
    ground = direction.ground

    gas = _clouds(draws, x, y, direction.unrest)
    across = (y - slant * x * 0.8 + 0.22 * gas - 0.1) / jnp.hypot(1.0, slant)
    width = 0.36 + 0.36 * direction.amount
    band = jnp.exp(-((across / width) ** 2))
    # The gas shines at its thick places; a lane of dust in front of it is dark.
    density = band * ramp(gas, -0.55, 1.15)
    core = band * ramp(gas, 0.35, 1.2)
    lane = ramp(jnp.abs(across + 0.12 * gas), 0.2, 0.0) * ramp(gas, 0.35, -0.25)
    radius = direction.scale * (0.28 + 0.14 * size)
    centre_x, centre_y = side * (0.16 + 0.26 * reach), -0.1 + 0.36 * (size - 0.5)
    scene = backdrop(0.88 * ground + 0.0 * x)
    shine = _dust(night, canvas, 0.3 + 0.35 * direction.amount)
    scene = scene.lit(0.55 * density + 0.4 * core)
    scene = scene.under(0.6 * lane * band, 0.6 * ground + 0.4 * direction.shadow)
    scene = scene.lit(shine * (1 - 0.6 * density))
    scene = Scene(tone=scene.tone, accent=0.6 * core * ramp(gas + hue, 0.9, 1.6))

    dx, dy = (x - centre_x) / radius, (y - centre_y) / radius
    rho = jnp.hypot(dx, dy)
    upright = jnp.sqrt(jnp.maximum(1 - rho**2, 0))
    # The sun stands outside the picture, above, at the side of the gas.
    cosine = -0.7 * side * dx - 0.52 * dy + 0.42 * upright
    day = ramp(cosine, -0.12, 0.95)
    turn = 0.5 * slant
    latitude = dy - turn * dx
    ripple = 0.12 * waves(belts, dx, 2.5 * dy, 0.5)
    bands = sine(1.25 * latitude + ripple + hue) + 0.5 * sine(3.1 * latitude + ripple)
    surface = mix(direction.shadow * 0.6, 0.68 + 0.11 * bands, day)
    along, over = dx + turn * dy, latitude * 3.4
    orbit = jnp.hypot(along, over)
    has_ring = ring < 0.75
    # The ring's shadow falls on the globe as a curved stripe on the lit side.
    bow = over + 0.75 + 0.28 * upright
    dark = ramp(jnp.abs(bow), 0.42, 0.22) * has_ring
    surface = mix(surface, direction.shadow, 0.6 * dark * day)
    # Air scatters light along the lit limb, and a little beyond it.
    facing = ramp(-0.8 * side * dx - 0.6 * dy, -0.35, 0.9)
    limb = ramp(rho, 0.72, 1.0) ** 2 * facing
    surface += limb * 0.5 * (1 - surface)
    scene = scene.lit(0.75 * glow((rho - 1) * radius, 0.07) * facing, 0.5)
    scene = scene.under(
        0.35 * glow((rho - 1) * radius, 0.12) * (1 - facing), 0.5 * ground
    )

    gap = 0.55 * ramp(jnp.abs(orbit - 1.72), 0.075, 0.045)
    groove = 1 + 0.12 * sine(orbit * 5.5) * ramp(pixel, 0.04, 0.01)
    strip = (jnp.abs(orbit - 1.68) - 0.29) * radius * 0.4
    ringed = inside(strip, pixel) * has_ring * (1 - gap)
    # Behind, the globe's own shadow crosses the ring.
    away = jnp.abs(-0.6 * side * dx + 0.8 * dy) - 1
    hidden = (
        ramp(away, 0.1, -0.1) * (0.8 * side * dx + 0.6 * dy > 0) * ramp(-over, 0.1, 0.7)
    )
    sheet = 0.82 * groove * (1 - 0.85 * hidden)
    scene = scene.under(0.92 * ringed * (over < 0), sheet, 0.75 * (1 - hidden))
    scene = scene.under(inside((rho - 1) * radius, pixel), surface, 0.55 * limb)
    return scene.under(0.95 * ringed * (over >= 0), 0.86 * groove, 0.75)


def constellations(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Bright stars joined by lines, over the milky way and a star chart's arcs."""
    (turn, lean, place, high, branch), night, gas_draws, steps = dice(
        key, (5,), (STAR_CELLS, 4), (4, 2, 4), (FIGURE, 4)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(turn < 0.5, -1.0, 1.0)
    ground = direction.ground
    slant = side * mix(0.6, 1.6, lean)
    gas = _clouds(gas_draws, x, y, direction.unrest)
    across = (y - slant * x + 0.15 * gas) / jnp.hypot(1.0, slant)
    band = jnp.exp(-((across / 0.38) ** 2))
    milk = band * ramp(gas, -0.8, 1.2)
    lane = ramp(jnp.abs(across - 0.06), 0.15, 0.02) * ramp(gas, 0.5, -0.4)
    high_up = ramp(y, 1.1, -1.1)
    scene = backdrop(
        ground * mix(0.95, 0.72, high_up) + 0.25 * direction.rise * (1 - high_up)
    )
    scene = scene.lit(
        (0.5 - 0.1 * ground) * milk + 0.2 * milk * ramp(gas, 0.1, 1.1), 0.15
    )
    scene = scene.under(0.5 * lane * band, 0.75 * ground)
    share = (0.2 + 0.3 * direction.amount) * (0.6 + 0.9 * band)
    scene = scene.lit(0.8 * _dust(night, canvas, share))

    # Circles and hours of the chart about a pole outside of the figure.
    pole_x, pole_y = -side * mix(0.5, 1.0, place), mix(-1.5, -1.0, high)
    rho = jnp.hypot(x - pole_x, y - pole_y)
    hours = jnp.arctan2(x - pole_x, y - pole_y) / (2 * jnp.pi) * 20
    ring = jnp.abs(rho / 0.42 - jnp.round(rho / 0.42)) * 0.42
    spoke = jnp.abs(hours - jnp.round(hours)) * 2 * jnp.pi / 20 * rho
    net = inside(jnp.minimum(ring, spoke) - 0.004, pixel)
    pale = jnp.minimum(ground + 0.35, 0.97)
    scene = scene.under(0.3 * net, pale)

    # A chain that winds across the picture; the last stars branch off its middle.
    count = jnp.round(5 + 2 * direction.amount + (direction.amount > 0.7))
    number = jnp.arange(FIGURE)
    stem = jnp.where(branch < 0.5, FIGURE, 5)
    size = 0.42 + 0.36 * direction.scale
    far = (number / 4.0 - 1.0) * (5 / jnp.where(branch < 0.5, count, 5))
    wind = jnp.where(number % 2 == 0, -1, 1) * mix(0.12, 0.5, steps[:, 0])
    stars_x = far + 0.2 * (steps[:, 1] - 0.5)
    stars_y = wind + 0.25 * (number - 2) * (lean - 0.5)
    off = number - stem + 1
    base = jnp.where(branch < 0.75, 2, 3)
    stars_x = jnp.where(number >= stem, stars_x[base] + 0.3 * off - 0.15, stars_x)
    upward = jnp.where(stars_y[base] > 0, -1, 1)
    fork = stars_y[base] + upward * (0.42 * off)
    stars_y = jnp.where(number >= stem, fork, stars_y)
    spin = side * mix(0.1, 0.9, high)
    cos, sin = jnp.cos(spin), jnp.sin(spin)
    at_x = size * (cos * stars_x - sin * stars_y) * 0.95 + 0.1 * (place - 0.5)
    at_y = size * (sin * stars_x + cos * stars_y) * 0.95 + 0.1 * (high - 0.5)
    before = jnp.where(number == stem, base, jnp.maximum(number - 1, 0))
    ends = jnp.stack([at_x, at_y, at_x[before], at_y[before]], 1)
    brightest = jnp.floor(count * branch)
    day = ground > 0.45
    ink = jnp.where(day, 0.1, 0.85)

    def add(fields: tuple[Field, Field], star: tuple[Array, ...]) -> tuple:
        line, shine = fields
        index, (a_x, a_y, b_x, b_y), chance = star
        dx, dy = x - a_x, y - a_y
        way_x, way_y = b_x - a_x, b_y - a_y
        along = (dx * way_x + dy * way_y) / jnp.maximum(way_x**2 + way_y**2, 1e-4)
        along = jnp.clip(along, 0, 1)
        off = jnp.hypot(dx - along * way_x, dy - along * way_y)
        exists = index < count
        line = jnp.where(exists & (index > 0), jnp.minimum(line, off), line)
        # A star: a disc, a halo, and four points of light on the larger ones.
        first = index == brightest
        radius = jnp.where(first, 0.062, mix(0.028, 0.046, chance))
        gap = jnp.hypot(dx, dy)
        flare = jnp.sqrt(jnp.abs(dx) + 2e-3) + jnp.sqrt(jnp.abs(dy) + 2e-3)
        reach = jnp.where(first, 0.62, 0.42)
        point = ramp(flare, reach, 0.3 * reach)
        one = jnp.maximum(ramp(gap, radius, 0.6 * radius), point)
        one = jnp.maximum(one, 0.5 * glow(gap - radius, 1.1 * radius))
        return (line, jnp.where(exists, jnp.maximum(shine, one), shine)), None

    nothing = (jnp.full_like(x, 9.0), jnp.zeros_like(x))
    line, shine = jax.lax.scan(add, nothing, (number, ends, steps[:, 2]))[0]
    scene = scene.lit((0.3 - 0.3 * day) * glow(line, 0.05))
    drawn = inside(line - 0.0085, pixel) * ramp(shine, 0.5, 0.25)
    scene = scene.under((0.75 + 0.1 * day) * drawn, ink, 0.5 * (1 - day))
    # By day the stars need a dark rim to stand out from a pale sky.
    rim = ramp(shine, 0.12, 0.4) * day
    scene = scene.under(0.75 * rim, 0.22)
    body = ramp(shine, 0.45, 0.8)
    return scene.lit(0.7 * shine * (1 - day)).under(body, 1.0, 0.35)
