"""Makes ``python -m nbpipe`` the same as ``nbpipe``."""

from __future__ import annotations

import sys

from nbpipe.cli import main

if __name__ == "__main__":
    sys.exit(main())
