"""Title and artist on a cover, in real type: painted letters are never right."""
