"""Published classifications as data: one module per standard, each with its ``VERSION``."""
