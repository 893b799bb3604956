from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from nbpipe.verify.context import Context
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
    other = outcome([display(image_png=picture)], [display(image_png=png(b"\0\1", b"\2\4"))])
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
