"""What was typed: forms shape input, services act on it."""
