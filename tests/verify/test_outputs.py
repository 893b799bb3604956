from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import pytest

from nbpipe.errors import ConfigError
from nbpipe.verify.context import Context, Tolerance
from nbpipe.verify.dress import DRESS
from nbpipe.verify.images import difference_image
from nbpipe.verify.kinds import KINDS
from nbpipe.verify.normalisers import NORMALISERS, normaliser_names
from nbpipe.verify.outputs import compare_outputs
from nbpipe.verify.verdict import Outcome
from tests.execute.making import stream

IDENTICAL, EQUIVALENT, DIFFERENT = Outcome.IDENTICAL, Outcome.EQUIVALENT, Outcome.DIFFERENT


def display(**data: Any) -> dict[str, Any]:
    renamed = {mime.replace("__", "+").replace("_", "/", 1): value for mime, value in data.items()}
    return {"output_type": "display_data", "data": renamed, "metadata": {}}


def png(*rows: bytes, note: bytes = b"", level: int = 6) -> str:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), level)
    parts = [chunk(b"IHDR", head), chunk(b"tEXt", note), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def outcome(stored: list[Any], fresh: list[Any]) -> tuple[Outcome, tuple[str, ...], str]:
    return compare_outputs(stored, fresh, Context())


def test_pieces_of_a_stream_count_as_one() -> None:
    assert outcome([stream("a\nb\n")], [stream("a\n"), stream("b\n")])[0] is IDENTICAL
    between = [stream("a\n"), stream("w", "stderr"), stream("b\n")]
    assert outcome([stream("a\nb\n"), stream("w", "stderr")], between)[0] is IDENTICAL


def test_what_is_missing_or_new_is_said() -> None:
    assert outcome([stream("a")], []) == (Outcome.MISSING, (), "stdout is missing:\n- a")
    assert outcome([], [display(text_plain="5")]) == (Outcome.NEW, (), "output 1 is new:\n+ 5")
    assert outcome([], []) == (IDENTICAL, (), "")


def test_each_representation_of_an_output_is_compared() -> None:
    stored = display(text_plain="a", text_html="<b>0.5</b>")
    assert outcome([stored], [display(text_plain="a", text_html="<b>0.5000001</b>")])[:2] == (
        EQUIVALENT,
        ("rounding of numbers",),
    )
    changed = outcome([stored], [display(text_plain="a", text_html="<b>0.6</b>")])
    assert changed == (DIFFERENT, (), "output 1:\n- <b>0.5</b>\n+ <b>0.6</b>\n  (0.17 apart, relative)")
    lost = outcome([stored], [display(text_plain="a")])
    assert lost == (DIFFERENT, (), "output 1:\n- text/html")


def test_the_kind_of_display_does_not_matter() -> None:
    result = {"output_type": "execute_result", "execution_count": 3, "data": {"text/plain": "1"}, "metadata": {}}
    assert outcome([result], [{**result, "execution_count": 9}])[0] is IDENTICAL
    assert outcome([result], [display(text_plain="1")])[0] is IDENTICAL


def test_json_is_compared_by_value() -> None:
    stored = display(application_json={"a": 1.0, "b": [1]})
    assert outcome([stored], [display(application_json={"b": [1], "a": 1.0})])[0] is IDENTICAL
    assert outcome([stored], [display(application_json={"b": [1], "a": 1.0000001})])[0] is EQUIVALENT
    assert outcome([stored], [display(application_json={"b": [2], "a": 1.0})])[0] is DIFFERENT


def test_pictures_are_compared_by_pixels() -> None:
    picture = png(b"\0\1", b"\2\3")
    assert outcome([display(image_png=picture)], [display(image_png=picture + "\n")])[0] is IDENTICAL
    again = png(b"\0\1", b"\2\3", note=b"Software\0other", level=0)
    assert outcome([display(image_png=picture)], [display(image_png=again)])[:2] == (EQUIVALENT, ("picture metadata",))
    other = outcome([display(image_png=picture)], [display(image_png=png(b"\0\1", b"\2\xf0"))])
    assert other[0] is DIFFERENT
    assert other[2].startswith("output 1:\n- image/png: 2 x 2 pixels, ")
    assert outcome([display(image_png=picture)], [display(image_png="no picture")])[0] is DIFFERENT
    assert outcome([display(image_jpeg="aGVsbG8=")], [display(image_jpeg="aGVsbG8h")])[0] is DIFFERENT


def test_widgets_are_compared_by_presence() -> None:
    mime = "application/vnd.jupyter.widget-view+json"
    views = [{"output_type": "display_data", "data": {mime: {"model_id": name}}, "metadata": {}} for name in "ab"]
    assert outcome(views[:1], views[1:])[:2] == (EQUIVALENT, ("widget ids",))


@pytest.mark.parametrize(
    ("fresh", "expected"), [("division by zero", IDENTICAL), ("float division by zero", DIFFERENT)]
)
def test_errors_are_compared_by_name_and_message(fresh: str, expected: Outcome) -> None:
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": ["1"]}
    assert outcome([error], [{**error, "evalue": fresh, "traceback": ["2"]}])[0] is expected


def test_odd_outputs_do_not_raise() -> None:
    odd = [{"output_type": "stream"}, {"output_type": "display_data", "data": None}, {}]
    assert outcome(odd, odd)[0] is IDENTICAL


FRAME = """<div><style scoped>th {{}}</style><table border="1" class="dataframe"><thead><tr><th></th><th>price</th>
<th>n</th></tr></thead><tbody><tr><th>0</th><td>{price}</td><td>3</td></tr><tr><th>1</th><td>2.25</td><td>4</td></tr>
</tbody></table><p>2 rows</p></div>"""
PLAIN = "   price  n\n0  {price}  3\n1   2.25  4"


def frame(price: str, html: str = FRAME) -> dict[str, Any]:
    return display(text_plain=PLAIN.format(price=price), text_html=html.format(price=price))


def test_a_table_is_compared_cell_by_cell() -> None:
    found = outcome([frame("1.5")], [frame("1.7")])
    assert found[0] is DIFFERENT
    assert "- row 0, column price: 1.5" in found[2].splitlines()
    assert "+ row 0, column price: 1.7  (0.12 apart, relative)" in found[2].splitlines()
    assert outcome([frame("1.5")], [frame("1.5000001")])[:2] == (EQUIVALENT, ("rounding of numbers",))
    other = FRAME.replace('border="1" class="dataframe"', 'class="dataframe new"').replace(
        "<style scoped>th {{}}</style>", ""
    )
    assert outcome([frame("1.5")], [frame("1.5", other)])[:2] == (EQUIVALENT, ("table markup",))
    assert outcome([frame("1.5")], [frame("1.5", other.replace("2 rows", "3 rows"))])[0] is DIFFERENT
    script = FRAME.replace("<table", "<script>draw()</script><table")
    assert outcome([frame("1.5")], [frame("1.5", script)])[0] is DIFFERENT


def test_a_table_of_another_shape_says_which_columns_are_gone() -> None:
    narrow = "<table><thead><tr><th></th><th>n</th></tr></thead><tbody><tr><th>0</th><td>3</td></tr></tbody></table>"
    found = outcome([display(text_html=FRAME.format(price="1"))], [display(text_html=narrow)])
    assert found[2].splitlines() == ["output 1:", "- 2 rows, 3 columns", "+ 1 rows, 2 columns", "- column price"]


def test_rows_in_another_order_are_said_to_be_that() -> None:
    found = outcome(
        [display(text_plain="   n  s\n0  1  a\n1  2  b")], [display(text_plain="   n  s\n1  2  b\n0  1  a")]
    )
    assert found[0] is DIFFERENT
    assert "as the rows come in another order" in found[2]


def test_lines_of_streams_may_come_in_any_order_and_results_may_not() -> None:
    assert outcome([stream("a 0x7f3a87667ad0\nb\nc")], [stream("c\nb\na 0x7f3a87667ad9")])[:2] == (
        EQUIVALENT,
        ("order of lines", "memory addresses"),
    )
    assert outcome([stream("a\nb\na")], [stream("a\nb\nb")])[0] is DIFFERENT
    assert outcome([display(text_plain="a\nb")], [display(text_plain="b\na")])[0] is DIFFERENT
    strict = Context(off=frozenset({"order of lines"}))
    assert compare_outputs([stream("a\nb")], [stream("b\na")], strict).outcome is DIFFERENT


def test_warnings_are_looked_past_and_other_lines_of_stderr_are_not() -> None:
    warning = "/a/b.py:3: FutureWarning: old\nand ugly\n  x = f()\n"
    assert outcome([], [stream(warning, "stderr")])[:2] == (EQUIVALENT, ("warnings",))
    assert outcome([stream("loss 1\n", "stderr")], [stream(warning + "loss 1\n", "stderr")])[:2] == (
        EQUIVALENT,
        ("warnings",),
    )
    assert outcome([stream("loss 1\n", "stderr")], [stream(warning + "loss 2\n", "stderr")])[0] is DIFFERENT
    assert outcome([], [stream(warning)])[0] is Outcome.NEW
    assert compare_outputs([], [stream(warning, "stderr")], Context(off=frozenset({"warnings"}))).outcome is Outcome.NEW


def drawn(x: int, *, smooth: int = 0) -> str:
    """Give a picture of 40 x 40 pixels: a dark line on white, its edge as grey as asked."""
    from PIL import Image

    picture = Image.new("RGB", (40, 40), "white")
    for y in range(40):
        picture.putpixel((x, y), (0, 0, 0))
        picture.putpixel((x + 1, y), (255 - smooth,) * 3)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_pictures_may_be_smoothed_otherwise_but_nothing_may_move() -> None:
    smoothed = [display(image_png=drawn(10))], [display(image_png=drawn(10, smooth=40))]
    assert outcome(*smoothed)[:2] == (EQUIVALENT, ("smoothing of pictures",))
    moved = outcome([display(image_png=drawn(10))], [display(image_png=drawn(11))])
    assert moved[0] is DIFFERENT
    assert "of the pixels look different" in moved[2]
    assert compare_outputs(*smoothed, Context(off=frozenset({"smoothing of pictures"}))).outcome is DIFFERENT
    assert compare_outputs(*smoothed, Context(Tolerance(image=0.01))).outcome is DIFFERENT
    assert difference_image(drawn(10), drawn(11), 0.1) is not None
    assert difference_image(drawn(10), "no picture", 0.1) is None


@pytest.mark.parametrize(
    ("stored", "fresh", "needed"),
    [
        ("<matplotlib.text.Text at 0x1d5131>", "Text(0, 0.5, 'n')", "names of objects"),
        ("<matplotlib.axes._subplots.AxesSubplot at 0x1d5131>", "<Axes: >", "names of objects"),
        ("Ridge(alpha=2.0,\n   copy_X=True)", "Ridge(alpha=2.0)", "estimator notation"),
        ("RFE(estimator=Ridge(alpha=1.0), step=1)", "RFE(estimator=Ridge())", "estimator notation"),
    ],
)
def test_the_same_object_may_be_shown_in_other_words(stored: str, fresh: str, needed: str) -> None:
    assert outcome([display(text_plain=stored)], [display(text_plain=fresh)])[:2] == (EQUIVALENT, (needed,))


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("<__main__.Foo at 0x1d5131>", "42"),
        ("Ridge(alpha=2.0)", "Ridge(alpha=1.0)"),
        ("Ridge(alpha=2.0)", "Lasso(alpha=2.0)"),
        ("Ridge()", "Ridge(alpha=1.0)"),
    ],
)
def test_another_object_is_a_difference(stored: str, fresh: str) -> None:
    assert outcome([display(text_plain=stored)], [display(text_plain=fresh)])[0] is DIFFERENT


def test_a_further_representation_is_no_difference_and_a_lost_one_is() -> None:
    plain, both = display(text_plain="x"), display(text_plain="x", text_html="<b>x</b>")
    assert outcome([plain], [both])[:2] == (EQUIVALENT, ("further representations",))
    assert outcome([both], [plain])[0] is DIFFERENT


def test_what_stands_for_a_picture_may_be_called_otherwise() -> None:
    stored = display(text_plain="<matplotlib.figure.Figure at 0x7f3a87667ad0>", image_png=drawn(3))
    fresh = display(text_plain="<Figure size 640x480 with 1 Axes>", image_png=drawn(3))
    assert outcome([stored], [fresh])[:2] == (EQUIVALENT, ("names of figures",))


def test_every_normaliser_can_be_turned_off_by_its_name() -> None:
    assert normaliser_names(["memory-addresses", "Order of lines"], "--no-normalize") == {
        "memory addresses",
        "order of lines",
    }
    assert normaliser_names(["all"], "") == set(NORMALISERS)
    assert {kind.name for kind in KINDS} | {name for name, _ in DRESS} <= set(NORMALISERS)
    with pytest.raises(ConfigError, match="memory-addresses"):
        normaliser_names(["memory-adresses"], "--no-normalize")
