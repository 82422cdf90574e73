"""Acts on many rows at once: picked rows are frozen with their versions, shown with consequences, applied, undone."""
