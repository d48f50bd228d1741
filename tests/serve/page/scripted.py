"""A scripted job: a song that nobody listened to, pictures that nobody painted."""

import base64
import io
import math

from PIL import Image, ImageDraw

STEPS = 4

HEARING = {
    "heads": {
        "genre": [
            {"label": "rock", "probability": 0.27},
            {"label": "country", "probability": 0.21},
            {"label": "classical", "probability": 0.2},
            {"label": "reggae", "probability": 0.11},
        ]
    },
    "tempo_bpm": 107.9,
    "key": "A minor",
    "loudness_db": -14.1,
    "brightness_hz": 1538.1,
    "dynamics_db": 12.4,
    "unsure": False,
    "unsure_heads": [],
    "listener": "scripted",
}
SECTIONS = [
    {
        "name": "intro",
        "start_s": 0.0,
        "end_s": 24.4,
        "why": "until it steps up by 9 dB",
    },
    {"name": "drop", "start_s": 26.7, "end_s": 48.9, "why": "heard as a drop, 0.66"},
]
DURATION_S = 57.6

_DOUBT = "unsure of genre rock 0.27"
_PALETTE = (
    "inky deep blue palette",
    f"{_DOUBT}, key A minor, brightness 1538 Hz",
)
_WANTED = {
    "as heard": (
        ("slow swirls of liquid marble", _DOUBT),
        _PALETTE,
        ("dark low-key light", "brightness 1538 Hz"),
        ("smooth gradients", _DOUBT),
    ),
    "dreamy": (
        ("tumbling geometric shapes", f"{_DOUBT}, another scene"),
        _PALETTE,
        ("soft veiled light", "atmosphere dreamy"),
        ("dreamy mood", "atmosphere dreamy"),
    ),
    "calm": (
        ("rushing flow lines", f"{_DOUBT}, another scene"),
        _PALETTE,
        ("soft even light", "atmosphere calm"),
        ("minimal composition with much empty space", "atmosphere calm"),
    ),
    "bright": (
        ("pine forest in drifting fog", f"{_DOUBT}, another scene"),
        _PALETTE,
        ("bright radiant light", "atmosphere bright"),
        ("smooth clean surfaces", "atmosphere bright"),
    ),
}
_UNWANTED = (
    ("flames", "not heard: genre metal 0.00"),
    ("city skyline", "not heard: genre hiphop 0.00"),
    ("film grain", f"opposite of smooth gradients: {_DOUBT}"),
)


def briefs(count):
    """Returns the words of `count` pictures."""
    atmospheres = list(_WANTED.items())
    return [_brief(*atmospheres[n % len(atmospheres)]) for n in range(count)]


def _brief(atmosphere, wanted):
    sides = (("prompt", wanted), ("negative prompt", _UNWANTED))
    return {
        "prompt": ", ".join(phrase for phrase, _ in wanted),
        "negative_prompt": ", ".join(phrase for phrase, _ in _UNWANTED),
        "atmosphere": atmosphere,
        "reasons": [
            {"phrase": phrase, "side": side, "evidence": evidence}
            for side, phrases in sides
            for phrase, evidence in phrases
        ],
    }


def rewritten(words, before):
    """Returns briefs of words that a client sent, with the reasons known."""
    known = {
        (reason["side"], reason["phrase"]): reason["evidence"]
        for brief in before
        for reason in brief["reasons"]
    }
    made = []
    for n, one in enumerate(words):
        reasons = [
            {
                "phrase": phrase,
                "side": side,
                "evidence": known.get((side, phrase), "your words"),
            }
            for side, text in (
                ("prompt", one["prompt"]),
                ("negative prompt", one["negative_prompt"]),
            )
            for phrase in text.split(", ")
            if phrase
        ]
        atmosphere = before[min(n, len(before) - 1)]["atmosphere"]
        made.append({**one, "atmosphere": atmosphere, "reasons": reasons})
    return made


def waveform():
    """Returns 256 peaks: an intro that grows, a drop, an end."""
    peaks = []
    for n in range(256):
        place = n / 256
        loud = 0.2 + 0.5 * place if place < 0.43 else 0.95 if place < 0.85 else 0.45
        loud *= 1.0 - 0.9 * max(0.0, place - 0.85) / 0.15
        peaks.append(round(loud * (0.72 + 0.28 * math.sin(n * 2.1) ** 2), 3))
    return peaks


def picture(n, share=1.0, side_px=96):
    """Returns picture `n` as far as `share` of its steps would show it."""
    colours = [(24, 74, 190), (20, 140, 110), (200, 90, 40), (150, 60, 170)]
    red, green, blue = colours[(n - 1) % 4]
    image = Image.new("RGB", (side_px, side_px), (red // 5, green // 5, blue // 5))
    radius = side_px * (0.1 + 0.3 * share)
    middle = side_px / 2
    box = [middle - radius, middle - radius, middle + radius, middle + radius]
    ImageDraw.Draw(image).ellipse(box, fill=(red, green, blue))
    return image


def encoded(image, kind="PNG"):
    """Returns the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def preview(image):
    """Returns an image as previews are sent."""
    small = image.resize((32, 32))
    text = base64.b64encode(encoded(small, "JPEG")).decode("ascii")
    return f"data:image/jpeg;base64,{text}"
