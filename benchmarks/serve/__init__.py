"""What the server stands: many clients, not all of them kind, and broken songs."""
