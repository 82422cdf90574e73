"""Allow-lists of what lists may be narrowed by; the same FilterSet serves page, bulk act, export and API."""
