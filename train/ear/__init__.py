"""Teaches networks to hear: labelled sounds as records, batches, objective, scores."""
