"""Tables on their way in: upload → read in a sandbox → recognise → check → preview → confirm → apply.

The kernel keeps batch, rows and issues and runs the jobs; an app registers an `Importer` for each kind of table.
"""
