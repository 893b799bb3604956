from __future__ import annotations

from pathlib import Path

from nbpipe.pipeline.source_map import SourceMap

MAP = SourceMap.read(
    Path("/shop/shop"),
    {"notebook": "../a b/orders.ipynb", "source_map": {"steps/fit.py": [[5, 8, 3, 1], [9, 9, 4, 6]]}},
)
FIT = "/shop/shop/steps/fit.py"


def test_lines_lead_to_cells() -> None:
    assert MAP.locate(FIT, 6) == "steps/fit.py, line 6 (orders.ipynb, cell 4, line 2)"
    assert MAP.locate(FIT, 9) == "steps/fit.py, line 9 (orders.ipynb, cell 5, line 6)"
    assert MAP.locate(FIT, 2) == "steps/fit.py, line 2"
    assert MAP.locate("/lib/other.py", 2) == ""


def test_the_deepest_frame_of_the_package_counts() -> None:
    frames = [[FIT, 6, "fit"], [FIT, 9, "inner"], ["/lib/other.py", 3, "f"]]
    assert MAP.innermost(frames) == "steps/fit.py, line 9 (orders.ipynb, cell 5, line 6)"
    assert MAP.innermost(frames[2:]) == ""


def test_tracebacks_name_the_cells() -> None:
    text = f'  File "{FIT}", line 6, in fit\n  File "/lib/other.py", line 3, in f\n  File "{FIT}", line 6, in fit\n'
    marked = MAP.annotate(text, [[FIT, 6, "fit"], ["/lib/other.py", 3, "f"], [FIT, 6, "fit"]])
    assert marked.count("line 6, (orders.ipynb, cell 4, line 2) in fit") == 2
    assert '"/lib/other.py", line 3, in f' in marked
