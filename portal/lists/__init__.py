"""Lists: every list of the portal is declared once (ListSpec) and registered; docs/how-to/add-a-list.md.

Page, drawer, export and bulk acts all ask the same declaration, so they cannot disagree about what a query means.
"""
