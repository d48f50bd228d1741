"""Plants against the light: big leaves, palms at dusk, a lone tree on a hill."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from train.gallery.direction import Direction
from train.gallery.families.land import lit_sky
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

LEAVES = 13
PALMS, FRONDS = 5, 11
LEVELS = 7  # of branches: each forks into two
BONES = 2**LEVELS - 1


def botanical_leaves(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Big leaves from all sides, dark in front and pale behind, about a warm light."""
    place, kinds, leaf_draws, mist_draws = dice(key, (3,), (2,), (LEAVES, 6), (2, 4))
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    light_x = jnp.where(place[0] < 0.5, -1, 1) * mix(0.1, 0.45, place[1])
    light_y = mix(-0.5, 0.1, place[2])
    away = jnp.hypot(x - light_x, y - light_y)
    dim = 1 - 0.75 * direction.ground
    air = direction.ground + (0.5 * glow(away, 0.45) + direction.rise) * dim
    air += 0.035 * waves(mist_draws, x, y, 0.5)
    scene = backdrop(air).lit(0.75 * dim * jnp.exp(-((away / 0.3) ** 2)), 0.3)
    sun = glow(away, 0.55)
    count = jnp.round(4 + 6 * direction.amount + 3 * (direction.amount > 0.7))
    main = jnp.floor(3 * kinds[0])

    def add(scene: Scene, leaf: tuple[Array, ...]) -> tuple[Scene, None]:
        index, draws = leaf
        # The few leaves of a minimal picture still stand on all planes.
        near = (jnp.mod(index, count) + 0.5) / count
        around = index * 0.382 + 0.1 * draws[0] + kinds[1]
        stem_x, stem_y = 1.25 * sine(around + 0.25), 1.25 * sine(around)
        length = mix(1.1, 1.6, draws[1]) * mix(0.8, 1.0, direction.scale)
        aim_x = mix(light_x, 0.9 * (2 * draws[2] - 1), 0.75) - stem_x
        aim_y = mix(light_y, 0.9 * (2 * draws[3] - 1), 0.75) - stem_y
        reach = jnp.hypot(aim_x, aim_y) + 1e-3
        # Near leaves stop short of the light; those behind may cross it.
        free = jnp.hypot(light_x - stem_x, light_y - stem_y) - 0.12
        length = jnp.minimum(length, mix(1.5, free, ramp(near, 0.1, 0.5)))
        kind = jnp.where(draws[4] < 0.65, main, jnp.floor(3 * draws[5]))
        dx, dy = (x - stem_x) / reach, (y - stem_y) / reach
        along = (dx * aim_x + dy * aim_y) / length
        across = (dy * aim_x - dx * aim_y) / length
        along = along - 0.1
        blurred = pixel + 0.11 * jnp.maximum(0.45 - near, 0) * (1 + direction.haze)
        shape, light = _leaf(along, across, kind, 2 * draws[5] - 1, blurred / length)
        depth = 0.94 * near**0.6 * (1 - 0.45 * direction.haze * (1 - near))
        tone = mix(0.8 * air, direction.shadow, depth)
        shine = light * (0.18 + 0.75 * sun) * (1.15 - 0.7 * near) * dim
        through = 0.35 * sun**2 * (1 - near)  # light shines through thin leaves
        tone = tone + (shine + through) * (1 - tone)
        return scene.under(shape * (index < count), tone, 0.3 * through), None

    order = jnp.arange(LEAVES)
    return jax.lax.scan(add, scene, (order, leaf_draws))[0]


def _leaf(
    along: Field, across: Field, kind: Scalar, bend: Scalar, soft: Scalar | float
) -> tuple[Field, Field]:
    """Coverage and light of a leaf one long: banana (0), fern (1) or monstera (2)."""
    across = across - 0.35 * bend * along * along
    fern, monstera = kind == 1, kind == 2
    side = jnp.abs(across)
    start = jnp.where(monstera, 0.16, 0.0)
    inner = jnp.clip(along + start, 1e-3, 1)
    outer = jnp.clip(1 - along, 1e-3, 1)
    width = jnp.where(monstera, 0.74, jnp.where(fern, 0.5, 0.42))
    half = width * inner ** jnp.where(monstera, 0.4, 0.6)
    half = half * outer ** jnp.where(monstera, 0.62, 0.85)
    count = jnp.where(monstera, 5.0, jnp.where(fern, 15.0, 22.0))
    rib = count * (along - jnp.where(monstera, 0.35, 0.45) * side)
    off = jnp.abs(rib - jnp.round(rib))  # 0 on a vein, 0.5 between two
    out = side / jnp.maximum(half, 1e-3)
    # Cuts lie between the veins: to the rib in a fern, half way in a monstera.
    open_from = jnp.where(monstera, 0.4, 0.06)
    slit = 0.5 - 0.1 * ramp(out, open_from, 0.6) - 0.06 * out
    slit = slit - 0.16 * ramp(out, 0.78, 1.06)  # lobes are round
    full = jnp.where(fern, 0.46 - 0.36 * out**2, slit)
    cut = (fern | monstera) & (out > open_from)
    gap = jnp.where(cut, off - full, -0.1) * 0.9 / count
    distance = jnp.maximum(side - half, gap)
    notch = 0.16 * ramp(side, 0.3, 0.0) + along
    distance = jnp.where(monstera, jnp.maximum(distance, -notch), distance)
    distance = jnp.maximum(distance, jnp.maximum(along - 1, -start - along))
    stalk = jnp.maximum(side - 0.012, along - 0.96)
    shape = inside(jnp.minimum(distance, stalk), soft)
    # Between two veins the blade bulges; one half of it faces the light.
    bulge = 0.45 + 0.3 * jnp.sign(across) * jnp.sign(bend) + 0.5 * (off - 0.25)
    vein = jnp.maximum(inside(side - 0.011, 2 * soft), 0.35 * ramp(off, 0.1, 0.02))
    return shape, jnp.clip(bulge, 0, 1) * mix(0.5, 1.0, out) + 0.5 * vein


def palm_trees(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """Leaning palms before a big low sun, its path on the sea, a dark shore."""
    place, clouds, shores, palm_draws, frond_draws = dice(
        key, (4,), (2, 4), (4, 2, 3), (PALMS, 5), (PALMS, FRONDS, 2)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)
    horizon = mix(0.38, 0.55, place[1])
    radius = mix(0.42, 0.6, place[2]) * mix(0.55, 1.0, direction.scale)
    sun_x, sun_y = -side * mix(0.0, 0.3, place[3]), horizon - 0.6 * radius
    scene = lit_sky(canvas, direction, horizon, (sun_x, sun_y), radius)
    air = scene.tone
    distance = jnp.hypot(x - sun_x, y - sun_y) - radius
    down = ramp(y, sun_y - radius, horizon)
    scene = scene.under(inside(distance, pixel), 1 - 0.12 * down, 0.1 + 0.55 * down)
    bands = waves(clouds, 0.5 * x, 5 * y, 0.55)
    veil = ramp(bands, 0.5, 1.8) * ramp(y, -0.9, horizon) * ramp(y, horizon, 0.1)
    scene = scene.under(0.55 * veil, 0.75 * air + 0.08)

    deep = jnp.maximum(y - horizon, 0)
    rows = 1 / (deep + 0.09)
    chop = waves(shores[0], 0.25 * x * rows, 1.3 * rows, 0.8)
    path = jnp.exp(-(((x - sun_x) / (radius * (0.55 + 0.7 * deep))) ** 2))
    glitter = path * ramp(chop + sine(1.6 * rows), -0.6, 1.4) * ramp(deep, 0, 0.03)
    sea = mix(0.72 * air, direction.shadow, ramp(deep, -0.05, 0.55)) + 0.02 * chop
    water = backdrop(sea).lit(0.85 * glitter, 0.4)
    scene = scene.under(inside(horizon - y, pixel), water.tone, water.accent)
    cape = horizon + 0.01 - 0.13 * ramp(side * x, 0.05, 1.2)
    cape += 0.012 * waves(shores[1], x, None, 2.0) * ramp(side * x, 0.0, 0.6)
    cape = inside(jnp.maximum(cape - y, y - horizon - 0.006), pixel)
    scene = scene.under(cape, mix(air, direction.shadow, 0.5))

    def shore(near: Scalar | float) -> Field:
        slope = mix(0.74, 0.84, near) - 0.16 * ramp(side * x, -0.3, 1.1)
        return slope + 0.03 * waves(shores[2], x, None, 0.6)

    grass = 0.02 * jnp.abs(waves(shores[3], x, None, 11.0))
    ground = inside(shore(1.0) - grass - y, pixel)
    shown = jnp.round(1 + 3.2 * direction.amount + 0.8 * (direction.amount > 0.7))

    def add(scene: Scene, palm: tuple[Array, ...]) -> tuple[Scene, None]:
        index, draws, fronds = palm
        rank = PALMS - 1 - index  # 0 for the nearest, drawn last
        size = mix(1.0, 0.42, (rank / (PALMS - 1)) ** 0.7) * mix(
            0.75, 1.0, direction.scale
        )
        tall = size * mix(1.15, 1.4, draws[0])
        foot_x = side * (0.52 - 0.3 * (rank + 0.6 * draws[1]) + 0.2 * draws[2])
        foot_x = foot_x - 0.22 * side * (shown < 1.5)  # a single one stays in sight
        lean = (
            -side
            * mix(-0.35, 0.5, jnp.mod(draws[3] + 0.5 * rank, 1))
            * size
            * (0.5 + 0.5 * direction.unrest)
        )
        foot_y = mix(0.86, 0.7, rank / (PALMS - 1))
        up = (foot_y - y) / tall
        curve = lean * jnp.clip(up, 0, 1) ** 1.7
        rings = 0.0025 * sine(26 * up)
        half = size * (0.034 - 0.014 * up + 0.035 * glow(up, 0.07) + rings)
        trunk = jnp.maximum(jnp.abs(x - foot_x - curve) - half, (up - 1) * tall)
        dx, dy = x - foot_x - lean, y - foot_y + tall
        length = 0.5 * size
        far = jnp.minimum(jnp.hypot(dx, dy) / length, 1.3)

        def add_frond(nearest: Field, frond: tuple[Array, ...]) -> tuple[Field, None]:
            step, (jitter, long) = frond
            turn = -0.6 + 0.7 * (step + 0.9 * jitter) / FRONDS
            cos, sin = sine(turn + 0.25), sine(turn)
            arch = dy / length - 0.48 * far * far * (0.7 + 0.5 * draws[4])
            stretch = mix(0.75, 1.1, long)
            along = (cos * dx / length + sin * arch) / stretch
            hang = (cos * arch - sin * dx / length) * jnp.where(cos < 0, -1, 1)
            t = jnp.clip(along, 0, 1)
            blade = jnp.where(hang > 0, 0.2, 0.11) * (t**0.5) * (1 - t) ** 0.6
            out = jnp.abs(hang) / jnp.maximum(blade, 1e-3)
            teeth = 15 * (along - 0.5 * jnp.abs(hang))
            off = jnp.abs(teeth - jnp.round(teeth)) - 0.52 + 0.42 * out
            body = jnp.maximum(jnp.abs(hang) - blade, off / 15)
            rib = jnp.abs(hang) - 0.018 * (1.1 - t)
            body = jnp.maximum(jnp.minimum(body, rib), jnp.abs(along - 0.5) - 0.5)
            body = jnp.maximum(body, far - 1.08)
            return jnp.minimum(nearest, length * body), None

        heart = jnp.hypot(dx, dy) - 0.045 * size
        nearest = jnp.minimum(trunk, heart)
        steps = jnp.arange(FRONDS)
        nearest = jax.lax.scan(add_frond, nearest, (steps, fronds))[0]
        pale = (0.1 + 0.35 * direction.haze) * rank / (PALMS - 1) + 0.1 * (rank > 2)
        tone = mix(direction.shadow, 0.8 * air, pale)
        return scene.under(inside(nearest, pixel) * (rank < shown), tone), None

    palms = (jnp.arange(PALMS), palm_draws, frond_draws)
    scene = jax.lax.scan(add, scene, palms)[0]
    return scene.under(ground, direction.shadow)


def lone_tree(key: jax.Array, canvas: Canvas, direction: Direction) -> Scene:
    """One big tree, bare or in leaf, on a hill before a large moon."""
    place, night, hills, crown, moon_draws, forks = dice(
        key, (7,), (STAR_CELLS, 4), (3, 2, 4), (2, 2, 5), (2, 5), (BONES, 3)
    )
    x, y, pixel = canvas.x, canvas.y, canvas.pixel
    side = jnp.where(place[0] < 0.5, -1.0, 1.0)
    foot_x = side * mix(0.0, 0.42, place[1])
    size = mix(0.62, 1.0, direction.scale) * mix(0.92, 1.08, place[2])
    foot_y = mix(0.5, 0.68, place[3])
    radius = mix(0.36, 0.62, place[4]) * mix(0.75, 1.0, direction.scale)
    moon_x = foot_x - side * mix(0.05, 0.45, place[5])
    moon_y = foot_y - 0.75 * size + 0.2 * (place[6] - 0.5)
    scene = lit_sky(canvas, direction, 0.7, (moon_x, moon_y), radius)
    air = scene.tone
    starlight = stars(night, canvas, 0.3 + 0.3 * direction.amount)
    scene = scene.lit(starlight * ramp(y, 0.3, -0.6) * (direction.ground < 0.2))
    u, v = (x - moon_x) / radius, (y - moon_y) / radius
    seas = ramp(waves(moon_draws, u, v, 0.55), 0.1, 1.4)
    face = 1 - 0.1 * seas - 0.1 * ramp(side * u + v, -0.6, 1.6)
    disc = inside((jnp.hypot(u, v) - 1) * radius, pixel)
    scene = scene.under(disc, face, 0.15 + 0.1 * seas)

    def hill(draws: Array, index: float) -> Field:
        return 0.05 * direction.unrest * waves(draws, x, None, 0.5 + 0.3 * index)

    for index, level in ((1.0, 0.55), (0.0, 0.68)):
        crest = level + hill(hills[int(index)], index) - 0.1 * side * x
        woods = 0.016 * direction.amount * waves(hills[2], x, None, 9.0)
        below = y - crest + woods
        far = mix(air, direction.shadow, 0.35 + 0.3 * (1 - index))
        fog = ramp(below, 0.0, 0.4) * (0.35 + 0.5 * direction.haze)
        scene = scene.under(inside(-below, pixel), mix(far, air, fog))

    bones, tips = _bones(forks, 0.5 * (place[5] - 0.5) * direction.unrest)
    light_x, light_y = moon_x - foot_x, moon_y - foot_y + 0.7 * size
    light = jnp.stack([light_x, light_y]) / jnp.hypot(light_x, light_y + 1e-3)
    dx, dy = (x - foot_x) / size, (y - foot_y) / size

    def add(
        tree: tuple[Field, Field, Field], bone: tuple[Array, ...]
    ) -> tuple[tuple[Field, Field, Field], None]:
        nearest, leaves, lit = tree
        (from_x, from_y, to_x, to_y, thick), tip = bone
        ax, ay = to_x - from_x, to_y - from_y
        px, py = dx - from_x, dy - from_y
        t = jnp.clip((px * ax + py * ay) / (ax * ax + ay * ay), 0, 1)
        away = jnp.hypot(px - t * ax, py - t * ay) - thick * (1 - 0.3 * t)
        qx, qy = dx - to_x, dy - to_y
        tuft = tip * jnp.exp(-(qx * qx + qy * qy) / 0.0065)
        facing = (qx * light[0] + qy * light[1]) / 0.08
        return (jnp.minimum(nearest, away), leaves + tuft, lit + tuft * facing), None

    none = jnp.zeros_like(x)
    start = (none + 9, none, none)
    nearest, leaves, lit = jax.lax.scan(add, start, (bones, tips))[0]
    rough = 0.2 * waves(crown[0], dx, dy, 5.0) + 0.13 * waves(crown[1], dx, dy, 13.0)
    bare = crown[0, 0, 0] < 0.45
    foliage = ramp(leaves + rough, 0.5, 0.5 + jnp.maximum(9 * pixel / size, 0.06))
    foliage = foliage * ramp(leaves, 0.1, 0.25) * ~bare
    shine = ramp(lit / (leaves + 0.3) + 0.6 * rough, -0.2, 1.1)
    bark = inside(nearest * size, pixel)
    tree = mix(direction.shadow, air, 0.04)
    scene = scene.under(bark, tree)
    scene = scene.under(foliage, mix(tree, air, 0.08 + 0.34 * shine))

    mound = foot_y + 0.02 + 0.22 * ramp(jnp.abs(x - foot_x), 0.0, 1.5)
    mound += 0.6 * hill(hills[2], 0.0) * ramp(jnp.abs(x - foot_x), 0.0, 0.5)
    mound -= 0.03 * glow(jnp.abs(x - foot_x), 0.07)  # roots
    mound -= 0.01 * jnp.abs(waves(crown[1, :, :3], x, None, 17.0))
    below = y - mound
    rim = 0.4 * glow(below, 0.05) * glow(jnp.abs(x - moon_x), 0.5)
    return scene.under(inside(-below, pixel), mix(direction.shadow, air, rim))


def _bones(
    draws: Float[Array, "bones 3"], lean: Scalar
) -> tuple[Float[Array, "bones 5"], Float[Array, " bones"]]:
    """Branches that fork in two, as from x, y to x, y and thickness; which are tips."""
    x, y, length = jnp.zeros(1), jnp.full(1, 0.06), jnp.full(1, 0.34)
    angle, thick = jnp.full(1, 0.3 * lean), jnp.full(1, 0.052)
    bones = []
    for level in range(LEVELS):
        end_x, end_y = x + length * jnp.sin(angle), y - length * jnp.cos(angle)
        bones.append(jnp.stack([x, y, end_x, end_y, thick], 1))
        jitter = draws[2**level - 1 : 2 ** (level + 1) - 1]
        # One child goes on almost straight, the other turns away, by turns.
        spread = jnp.stack([0.25 + 0.3 * jitter[:, 0], -0.5 - 0.45 * jitter[:, 1]], 1)
        hand = jnp.where(jitter[:, 2] < 0.5, -1.0, 1.0)[:, None]
        share = jnp.stack([0.86 - 0.14 * jitter[:, 1], 0.68 + 0.16 * jitter[:, 0]], 1)
        angle = (0.87 * angle[:, None] + hand * spread + 0.1 * lean).ravel()
        angle = jnp.clip(angle, -1.35, 1.35)  # none hangs
        length = (length[:, None] * share * (0.8 if level == 0 else 1)).ravel()
        thick = (thick[:, None] * jnp.array([[0.78, 0.64]])).ravel()
        x, y = jnp.repeat(end_x, 2), jnp.repeat(end_y, 2)
    tips = jnp.arange(BONES) >= 2 ** (LEVELS - 2) - 1
    return jnp.concatenate(bones), tips.astype(jnp.float32)
