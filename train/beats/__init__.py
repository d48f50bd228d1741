"""Teaches the network that hears beats, bars and drops."""
