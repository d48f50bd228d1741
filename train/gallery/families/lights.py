"""Light itself: bokeh, and rays that burst from a sun."""

import jax
import jax.numpy as jnp

from train.gallery.direction import Direction
from train.gallery.fields import Canvas, dice, glow, inside, mix, ramp, waves
from train.gallery.scene import Scene, backdrop

DISCS = 46
MOTES = 24


def bokeh_lights(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Lights out of focus: small ones far away, large soft ones near, overlapping."""
    (slope, heart, bow, street, wet), draws, haze_draws = dice(
        key, (5,), (DISCS, 5), (2, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    dark = ramp(direction.ground, 0.6, 0.1)
    lean = 0.65 * (2 * slope - 1)
    bend = 0.55 * (2 * bow - 1)
    heart_x = mix(-0.45, 0.45, heart)
    heart_y = lean * heart_x - bend * 0.2

    # A blurred room behind: warm where the lights are, dark at the corners.
    line = y - lean * x - bend * (x**2 - 0.4)
    warm = jnp.exp(-((line / 0.55) ** 2)) * glow(jnp.abs(x - heart_x), 1.1)
    cloud = 1 + 0.25 * waves(haze_draws, x, y, 0.45)
    scene = backdrop(
        mix(0.8, 0.62, dark) * direction.ground + 0.9 * direction.rise * warm * cloud
    )
    count = 13 + 14 * direction.amount + 19 * (direction.amount > 0.7)

    def add(scene: Scene, disc: tuple[jax.Array, jax.Array]) -> tuple[Scene, None]:
        index, (across, down, size, strength, hue) = disc
        # The last are the nearest: larger, fainter and softer.
        near = (index + 1) / count
        order = jnp.where(street < 0.4, size, near**1.6)
        spread = mix(0.1, 0.75, near) * mix(0.75, 1.0, direction.amount)
        centre_x = heart_x + (2 * across - 1) * mix(0.75, 1.25, near)
        # Some pictures are streets: small lights crowd at the end of two rows.
        arm = jnp.where(down < 0.5, -1.0, 1.0)
        away = mix(0.1, 1.35, order)
        street_x = heart_x + arm * away * (0.5 + 0.7 * across)
        centre_x = jnp.where(street < 0.4, street_x, centre_x)
        arc = lean * centre_x + bend * (centre_x**2 - 0.4) + (2 * down - 1) * spread
        street_y = heart_y + away * (2 * strength - 1.15) * 0.8
        centre_y = jnp.where(street < 0.4, street_y, arc)
        radius = mix(0.05, 0.3, order) * mix(0.75, 1.2, size)
        radius *= 0.75 + 0.25 * direction.scale
        dx, dy = x - centre_x, y - centre_y
        far = jnp.hypot(dx, dy)
        # Towards the frame the lens cuts the disc: a cat's eye.
        cut = 0.3 * radius
        eye = jnp.hypot(dx + cut * centre_x, dy + cut * centre_y) - 1.02 * radius
        distance = jnp.maximum(far - radius, eye)
        soft = 0.012 + 0.1 * radius * order + pixel
        body = ramp(distance, soft, -soft)
        rim = ramp(distance, -0.3 * radius, -0.06 * radius) * body
        power = mix(0.78, 0.26, order**0.7) * mix(0.55, 1.1, strength)
        shine = body * (0.72 + 0.06 * ramp(far, 0, radius)) + 0.34 * rim
        light = power * (shine + 0.22 * glow(distance, 0.45 * radius))
        light *= (index < count) * mix(0.85, 1.0, dark)
        chosen = hue < 0.34
        kept = mix(1.0, 0.6, light * (1 - chosen))
        return Scene(
            tone=scene.tone + light * jnp.maximum(1 - scene.tone, 0),
            accent=jnp.maximum(
                scene.accent * kept, chosen * jnp.minimum(1.5 * light, 0.9)
            ),
        ), None

    scene = jax.lax.scan(add, scene, (jnp.arange(DISCS) + 0.0, draws))[0]
    # Wet ground below answers in faint smears.
    floor = ramp(y, 0.75, 1.15) * (wet < 0.5)
    return scene.under(0.4 * floor, direction.shadow)


def sunburst_rays(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Shafts of light from a glowing sun through haze, often over a dark horizon."""
    (right, down, land, size), beams, motes, hill_draws, mist_draws = dice(
        key, (4,), (2, 5), (MOTES, 4), (2, 4), (2, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    dark = ramp(direction.ground, 0.6, 0.1)
    landed = land < 0.6
    centre_x = 0.42 * (2 * right - 1)
    centre_y = jnp.where(landed, mix(0.15, 0.42, down), mix(-0.35, 0.3, down))
    radius = mix(0.14, 0.22, size) * direction.scale
    dx, dy = x - centre_x, y - centre_y
    distance = jnp.hypot(dx, dy)
    turns = jnp.arctan2(dy, dx) / (2 * jnp.pi)

    # Shafts of uneven width: whole numbers of waves around the sun, then sharpened.
    count = jnp.round(7 + 5 * direction.amount)
    steps = jnp.array([0.0, 3.0, -2.0, 7.0, -4.0])
    rates = (count + steps)[None, None]
    phase = 2 * jnp.pi * (turns[..., None] * rates + beams[0][None, None])
    weights = jnp.array([1.0, 0.55, 0.45, 0.3, 0.35]) * mix(0.6, 1.2, beams[1])
    swing = (jnp.sin(phase) * weights[None, None]).sum(-1)
    # Farther out the edges of the shafts blur, as they do in air.
    edge = 0.22 + 0.3 * ramp(distance, 0.2, 1.8) + 0.3 * direction.haze
    shaft = ramp(swing, -edge, edge + 0.25)
    fine = 0.5 + 0.5 * jnp.sin(2 * phase[..., 1] + phase[..., 2])
    mist = 1 + 0.16 * waves(mist_draws, x + 0.3 * dx, 2 * y, 0.5)
    reach = 0.62 + 0.3 * direction.scale
    fall = glow(distance - radius, reach)
    shade = mix(direction.ground, direction.shadow, mix(0.15, 0.5, dark))
    scene = backdrop(shade + 0.5 * direction.rise * glow(distance, 0.9))
    light = shaft * (0.82 + 0.18 * fine) * fall * mist
    scene = scene.lit(mix(0.66, 0.8, dark) * light, 0.25)
    scene = scene.lit(0.75 * glow(distance - radius, 0.13 + 0.25 * radius))
    # The disc burns out in the middle and melts into its own glow at the limb.
    limb = ramp(distance, 0.55 * radius, radius)
    soft = ramp(distance, 1.06 * radius + pixel, 0.9 * radius - pixel)
    scene = scene.under(soft, 1.0 - 0.08 * limb, 0.15 * limb)

    def add_mote(scene: Scene, mote: jax.Array) -> tuple[Scene, None]:
        spot_x, spot_y = 2 * mote[0] - 1, 2 * mote[1] - 1.1
        wide = 0.008 + 0.016 * mote[2] ** 3
        off = jnp.hypot(x - spot_x, y - spot_y)
        lit = jnp.exp(-((off / wide) ** 2)) * fall * shaft
        return scene.lit(0.9 * lit * (mote[3] < 0.2 + 0.8 * direction.amount)), None

    scene = jax.lax.scan(add_mote, scene, motes)[0]

    # Two planes of land in the glow; the sun stands on the farther one.
    air = direction.ground + 0.8 * direction.rise
    horizon = centre_y + 0.45 * radius
    for plane in (0, 1):
        swell = waves(hill_draws, x + 5 * plane, None, 0.4 + 0.15 * plane)
        swell *= ramp(jnp.abs(dx), 0.0, 0.8) if plane == 0 else 1.0
        crest = horizon + 0.24 * plane - (0.05 + 0.02 * plane) * swell
        near = mix(air, direction.shadow, 0.6 + 0.4 * plane)
        shine = glow(jnp.hypot(dx, 1.5 * (y - horizon)), 0.32) * (1 - 0.65 * plane)
        tone = near + 0.5 * shine * (1 - near)
        cover = inside(crest - y, pixel) * landed
        scene = scene.under(cover, tone, 0.2 * shine)
    veil = glow(jnp.abs(y - horizon), 0.07) * glow(jnp.abs(dx), 0.7) * landed
    return scene.lit(0.3 * veil)
