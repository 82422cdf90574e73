"""The lists of evaluation, each declared in its own module."""
