"""Music made for training: composed, rendered, and known to the note.

What is made here is reported as rendered, never as real.
"""
