"""The demonstration city: seeded, synthetic, and the same for the same seed and day."""
