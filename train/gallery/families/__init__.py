"""The subjects of the gallery, each a pure function from a key to a scene."""
