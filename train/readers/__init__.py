"""Sets of labelled sounds as they lie on disk: a reader a layout, one kind of clip."""
