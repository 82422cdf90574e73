"""Reading and writing of spreadsheets: the only package that knows the file formats.

``reading.read_file`` turns an uploaded .xlsx, .xls or CSV into a file of typed rows. The upload is
hostile until proven otherwise, therefore ``gate`` looks at it without unpacking and ``child`` opens it
in a throw-away process with limits. ``writing`` makes plain workbooks and CSV files.

``limits``, ``scan``, ``cells``, ``delimited``, ``ole``, ``package`` and ``child`` run inside the child and must not
import Django.
"""
