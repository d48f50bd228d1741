"""From files to a Stable Diffusion, and back."""
