"""What every run needs and no room owns: devices, steps, checkpoints, logbook."""
