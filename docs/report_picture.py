"""Makes docs/pages/images/report.png: the HTML report on the demo's notebooks as a browser shows it.

``python docs/report_picture.py`` needs Chromium. The demo's runs are not made for it: the report is on the notebooks as
they are in the package.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/pages/images/report.png"
SIZE = "1180,1130"
FLAGS = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--hide-scrollbars")


def main() -> int:
    """Write the report, have it drawn, and give the exit code."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print("error: there is no Chromium on the path", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "demo")
        shutil.copytree(ROOT / "nbpipe/demo/project", project)
        check = ("check", "--exit-zero", "--output-format", "html", "--output-file", "../report.html")
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-m", "nbpipe", *check], cwd=project, env=environ, check=True)  # noqa: S603
        # Root, as in containers, is allowed no sandbox; the page is ours.
        flags = [*FLAGS, f"--user-data-dir={folder}/profile", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        page = Path(folder, "report.html").as_uri()
        subprocess.run(  # noqa: S603
            [browser, *flags, f"--window-size={SIZE}", f"--screenshot={TARGET}", page],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    print(f"written: {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
