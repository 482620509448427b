"""`python -m specc`."""

import sys

from specc.cli import run

sys.exit(run())
