"""A whole catalogue of songs: found, shared out, heard ahead, painted in batches."""
