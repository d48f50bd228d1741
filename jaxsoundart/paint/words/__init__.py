"""From words to what the denoiser is told."""
