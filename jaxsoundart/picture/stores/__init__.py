"""Where covers are sold and shown: what stores ask for, files that hold to it."""
