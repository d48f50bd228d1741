"""The networks of a Stable Diffusion, and the forms they compute in."""
