"""Every style there is, by the name that the product's lexicon has for it."""

from train.studio.styles import acoustic, bands, beats, club

STYLES = {**club.STYLES, **beats.STYLES, **bands.STYLES, **acoustic.STYLES}
