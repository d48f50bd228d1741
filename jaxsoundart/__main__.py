"""Runs the command line: `python -m jaxsoundart`."""

import sys

from jaxsoundart.cli import main

sys.exit(main())
