"""SoundCloud by its official API: labels of anyone's tracks, sound of one's own.

SoundCloud's terms forbid copying content and, by its public statements, training on
what its artists have not offered for it. So: metadata of any track; the sound of a
track only in memory, and only where it is the signed-in user's own or its licence
allows it.
"""
