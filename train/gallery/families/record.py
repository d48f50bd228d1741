"""A vinyl record on its deck, seen from above or at a slant."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, Field, dice, glow, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop

LABEL = 0.34  # radius, in radii of the record


def vinyl_rings(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """A black record whose grooves fan the light, a label, mostly a tonearm on it."""
    (right, down, size, turn, tip, arm, design, lamp), groove_draws = dice(
        key, (8,), (2, 5)
    )
    side = jnp.where(right < 0.5, -1.0, 1.0)
    dark = ramp(direction.ground, 0.6, 0.1)
    radius = (0.3 + 0.7 * direction.scale) * mix(0.72, 1.0, size)
    # Crowded pictures cut the record at the frame.
    off = mix(0.08, 0.3, jnp.abs(2 * right - 1)) + 0.3 * direction.amount**2
    px = canvas.x - side * off
    py = canvas.y - mix(-0.22, 0.28, down) * (0.5 + direction.amount)
    slant = jnp.where(tip < 0.45, 0.0, mix(0.35, 0.95, (tip - 0.45) / 0.55))
    squash, lens = jnp.cos(slant), 0.34 * jnp.sin(slant)
    shrink = jnp.maximum(squash + lens * py, 0.08)
    y = py / shrink / radius
    x = px * (1 - lens * py / shrink) / radius
    pixel = canvas.pixel / radius / jnp.maximum(squash, 0.5)
    r = jnp.hypot(x, y)
    angle = jnp.arctan2(y, x)

    lamp_x, lamp_y = side * -mix(0.5, 1.1, lamp), -1.15
    pool = glow(jnp.hypot(canvas.x - lamp_x, canvas.y - lamp_y) - 0.3, 0.9)
    table = 0.75 * direction.ground + 1.1 * direction.rise * pool
    scene = backdrop(table)
    cast = jnp.hypot(x - 0.08 * side, y - 0.13) - 1
    scene = scene.under(0.8 * ramp(cast, 0.22, -0.08), 0.6 * direction.shadow)

    # Grooves: fine rings of uneven depth; wider smooth bands part the tracks.
    fine = waves(groove_draws, r, None, 9.0) * ramp(pixel, 0.05, 0.02)
    finest = waves(groove_draws[:, :3], r, None, 42.0) * ramp(pixel, 0.011, 0.004)
    tracks = 4.2 * (r + 0.07 * jnp.sin(9 * r))
    between = ramp(jnp.abs(tracks - jnp.round(tracks)), 0.07, 0.045)
    between *= ramp(r, 0.46, 0.5) * ramp(r, 0.95, 0.9)
    grooved = ramp(r, 0.42, 0.46) * ramp(r, 0.975, 0.95)

    def fan(bearing: jax.Array | float, sharp: float) -> Field:
        # Grooves throw light back along two opposite wedges.
        facing = jnp.cos(angle - bearing - 0.02 * fine)
        return jnp.exp(-sharp * (1 - facing**2))

    first = jnp.arctan2(lamp_y, lamp_x) + mix(-0.3, 0.3, turn)
    sheen = fan(first, 9.0) + 0.5 * fan(first + 1.15, 26.0)
    sheen += 0.25 * fan(first - 0.65, 60.0)
    sheen *= (1 + 0.22 * fine + 0.22 * finest) * mix(0.72, 1.15, ramp(-y, -0.9, 0.9))
    black = mix(0.025, 0.8 * direction.shadow, 0.6) + 0.05 * direction.ground
    tone = black + 0.02 * fine * grooved
    tone += (0.5 + 0.14 * (1 - dark)) * sheen * grooved * (1 - 0.6 * between)
    tone += 0.16 * sheen * (1 - grooved)
    scene = scene.under(inside(r - 1, pixel), jnp.clip(tone, 0, 0.95))
    rim = inside(jnp.abs(r - 0.985) - 0.012, pixel)
    scene = scene.under(rim, 0.14 + 0.5 * fan(first, 3.0))
    raised = inside(jnp.abs(r - LABEL - 0.04) - 0.008, pixel)
    scene = scene.under(raised, 0.1 + 0.35 * fan(first, 3.0))

    # The label: two colours, printed rings and lines, lit from the lamp's side.
    spun = angle + 2 * jnp.pi * turn
    across = r * jnp.sin(spun)
    split = ramp(across, -0.6 * pixel, 0.6 * pixel)
    ringed = inside(jnp.abs(r - 0.2) - 0.065, pixel)
    share = jnp.where(design < 0.4, split, jnp.where(design < 0.75, ringed, 1.0))
    paper = mix(0.84, 0.66, share) * mix(0.72, 1.08, ramp(x * lamp_x - y, -0.5, 0.5))
    words = jnp.abs(jnp.abs(across) - 0.15)
    words = jnp.maximum(words - 0.012, jnp.abs(r * jnp.cos(spun)) - 0.13)
    print_ring = jnp.abs(r - 0.31) - 0.006
    ink = inside(jnp.minimum(words, print_ring), pixel)
    paper = mix(paper, 0.35 * paper, ink)
    scene = scene.under(inside(r - LABEL, pixel), jnp.minimum(paper, 0.98), 0.9 * share)
    hollow = inside(jnp.abs(r - 0.1) - 0.006, pixel)
    scene = scene.under(0.4 * hollow, 0.4)
    spindle = inside(r - 0.035, pixel)
    scene = scene.under(inside(r - 0.05, pixel), 0.5 * direction.shadow)
    scene = scene.under(spindle, mix(0.35, 0.95, ramp(-y + x * lamp_x, -0.03, 0.03)))

    # The tonearm swings in from the free side; its shadow falls on the record.
    pivot_x, pivot_y = -side * 1.22, -0.95
    bearing = mix(0.0, 0.32, arm)
    tip_x, tip_y = -side * mix(0.68, 0.46, arm), 0.42 + 0.2 * bearing

    def rod(x: Field, y: Field) -> tuple[Field, Field]:
        run_x, run_y = tip_x - pivot_x, tip_y - pivot_y
        length = jnp.hypot(run_x, run_y)
        run_x, run_y = run_x / length, run_y / length
        along = (x - pivot_x) * run_x + (y - pivot_y) * run_y
        beside = (x - pivot_x) * run_y - (y - pivot_y) * run_x
        bend = beside + 0.06 * side * ramp(along, length - 0.4, length)
        stick = jnp.maximum(jnp.abs(bend) - 0.024, jnp.abs(along) - length)
        stick = jnp.where(along < -0.3, 9.0, stick)
        shell = jnp.maximum(jnp.abs(bend) - 0.06, jnp.abs(along - length + 0.02) - 0.11)
        weight = jnp.maximum(jnp.abs(beside) - 0.09, jnp.abs(along + 0.2) - 0.12)
        base = jnp.hypot(x - pivot_x, y - pivot_y) - 0.13
        return jnp.minimum(jnp.minimum(stick, shell), jnp.minimum(weight, base)), bend

    has_arm = arm < 0.8
    shade, _ = rod(x - 0.06 * side, y - 0.09)
    scene = scene.under(0.7 * ramp(shade, 0.06, -0.03) * has_arm, 0.5 * black)
    metal, bend = rod(x, y)
    shine = ramp(jnp.abs(bend + 0.008), 0.03, 0.0)
    steel = mix(0.28 + 0.2 * (1 - dark), 0.95, shine * (0.45 + 0.55 * pool))
    return scene.under(inside(metal, pixel) * has_arm, steel)
