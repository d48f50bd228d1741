"""How well a painter trained on the gallery paints what its words say."""
