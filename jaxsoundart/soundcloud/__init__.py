"""SoundCloud by its official API: one's own tracks, their sound, their artwork.

SoundCloud's terms forbid copying what others uploaded. So: metadata of any track; sound
of the signed-in user's own tracks alone, and no longer than it is listened to.

Source: SoundCloud's OpenAPI description (github.com/soundcloud/api, openapi/api.yaml).
"""
