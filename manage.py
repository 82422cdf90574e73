#!/usr/bin/env python
"""Run Django's commands with this project's settings."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # A command may run longer than a page: see the time-outs in the settings.
    os.environ.setdefault("PORTAL_PROCESS", "command")
    execute_from_command_line(sys.argv)
