"""What SoundCloud says of tracks, as labels.

SoundCloud's terms forbid copying content and, by its public statements, training on
what its artists have not offered for it. So: metadata of any track; sound of one's own
alone, which is heard and not kept.
"""
