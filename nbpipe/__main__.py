"""Makes ``python -m nbpipe`` the same as ``nbpipe``."""

from __future__ import annotations

import sys

from nbpipe.cli import program

if __name__ == "__main__":
    sys.exit(program())
