"""From a sound file to samples, excerpts and traits: the first room of the walk."""
