"""Makes docs/images/demo.svg: runs `nbpipe demo` on a terminal of its own and draws what it wrote.

``python docs/picture.py`` takes as long as the demo. The text is what the demo wrote, with two differences: progress,
which overwrites itself on a terminal, is gone, and the temporary folder is called /home/you. Drawn with rich, which
import-linter brings along.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/images/demo.svg"
COMMAND = "nbpipe demo"
COLUMNS, LINES = 120, 50
FOLDER = "/home/you"
CLEAR = "\x1b[2K"  # what comes before it on its line is overwritten


def written(folder: str) -> str:
    """Run the demo in a folder and give what it wrote, with colours; raises CalledProcessError if it fails."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("NBPIPE_", "MLFLOW_"))}
    environ |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    environ.pop("NO_COLOR", None)
    arguments = [sys.executable, "-m", *COMMAND.split()]
    with subprocess.Popen(  # noqa: S603 - this Python and this command
        arguments, cwd=folder, env=environ, stdin=child, stdout=child, stderr=child
    ) as process:
        os.close(child)
        output = b""
        while chunk := _read(parent):
            output += chunk
    os.close(parent)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments, output)
    return output.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how Linux says that the other side has closed
        return b""


def draw(text: str) -> str:
    """Give text with colours as SVG."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.ansi import AnsiDecoder
    from rich.console import Console

    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor", force_terminal=True)
    for line in AnsiDecoder().decode(text):
        console.print(line)
    # Without rich's font from the network: any monospaced one will do.
    layout = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    layout = layout.replace("<svg ", '<svg xml:space="preserve" ', 1)  # else some viewers drop indents
    return console.export_svg(title=COMMAND, code_format=layout, unique_id="demo")


def main() -> int:
    """Run the demo, draw it, and give the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        text = written(folder).replace("\r\n", "\n").replace(os.path.realpath(folder), FOLDER)
    lines = [line.rpartition(CLEAR)[2].strip("\r") for line in text.split("\n")]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(draw("\n".join([f"\x1b[36m$ {COMMAND}\x1b[0m", *lines])), encoding="utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
