"""Sets of labelled sounds as they lie on disk: one reader a layout, one kind of clip."""
