"""What may be looked past in a text, by name, and what may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nbpipe.verify.context import Context, Tolerance
from nbpipe.verify.text import compare_text, number_note, show_difference

NOW = datetime(2026, 11, 23, 5, 40, 12, tzinfo=UTC)


def context(**tolerance: float) -> Context:
    return Context(Tolerance(**tolerance), NOW, NOW + timedelta(seconds=20), folders=("/srv/nb",))


@pytest.mark.parametrize(
    ("stored", "fresh", "needed"),
    [
        ("<Foo object at 0x7f3a87667ad0>", "<Foo object at 0x7f00deadbeef>", "memory addresses"),
        ("ptr=0x7f3a87667ad0", "ptr=0x55d0c0ffee00", "memory addresses"),
        ("2024-01-05 10:11:12.345", "2026-11-23 05:40:20", "timestamps"),
        ("2024-01-05T10:11:12Z start", "2026-11-23T05:40:20.123456+00:00 start", "timestamps"),
        ("Fri Jan  5 10:11:12 2024", "Mon Nov 23 05:40:15 2026", "timestamps"),
        ("Date: Fri, 05 Jan 2024 10:11:12 GMT", "Date: Mon, 23 Nov 2026 05:40:15 GMT", "timestamps"),
        ("[10:11:12] epoch", "[05:40:13] epoch", "timestamps"),
        ("today is 2024-01-05", "today is 2026-11-23", "dates"),
        ("Date: Fri, 05 Jan 2024", "Date: Mon, 23 Nov 2026", "dates"),
        ("CPU times: user 1 s\nWall time: 1 s", "CPU times: user 3 ms, sys: 0 ns\nWall time: 3 ms", "timings"),
        ("1.2 ms ± 3 µs per loop (mean ± std)", "980 ns ± 1 ns per loop (mean ± std)", "timings"),
        ("1000 loops, best of 3: 2 µs per loop", "980 ns ± 1 ns per loop (mean ± std)", "timings"),
        ("<style scoped>a {}</style>\n<table>", "<table>", "style sheets"),
        ("took 1.23 s", "took 450 ms", "durations"),
        ("Elapsed time: 0.3312", "Elapsed time: 12.5", "durations"),
        ("training time: 1.2345678", "training time: 0.9876543", "durations"),
        ("done in 1.25s", "done in 0.75s", "durations"),
        ("--- 12.3456789 seconds ---", "--- 9.8765432 seconds ---", "durations"),
        ("1875/1875 - 3s 2ms/step", "1875/1875 - 3s 1ms/step", "durations"),
        (" 10%|#   | 1/10 [00:01<00:09]\nx", " 10%|#   | 1/10 [00:07<00:01]\nx", "progress bars"),
        ("/tmp/tmpab12/x.csv", "/tmp/tmpzz99/x.csv", "temporary paths"),
        ("C:\\Users\\a\\AppData\\Local\\Temp\\x1", "C:\\Users\\b\\AppData\\Local\\Temp\\y2", "temporary paths"),
        ("/tmp/ipykernel_12/345.py:1: W", "/tmp/ipykernel_99/1.py:1: W", "kernel paths"),
        ("<ipython-input-3-0a1b2c>:1: W", "/tmp/ipykernel_99/1.py:1: W", "kernel paths"),
        (
            "/a/python3.9/site-packages/pandas/x.py:5: W",
            "/b/lib/python3.11/site-packages/pandas/x.py:5: W",
            "library paths",
        ),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-e89b-12d3-a456-426614174999", "UUIDs"),
        ("\x1b[31mred\x1b[0m", "red", "terminal colours"),
        ("started, pid 4242", "started, pid=17", "process ids"),
        ("0.123456", "0.123457", "rounding of numbers"),
        ("[1.0000001, 2.]", "[1., 2.0000001]", "rounding of numbers"),
        ("1e-17", "-3e-17", "rounding of numbers"),
        ("a  1.5\nb  2.25", "a  1.500001\nb  2.25", "rounding of numbers"),
        ("np.float64(0.5)", "0.5", "NumPy notation"),
        ("[np.True_, np.int64(3)]", "[True, 3]", "NumPy notation"),
        ("array([1, 2, 3])", "array([1,\n       2, 3])", "line wrapping"),
        ("Int64Index([1], dtype='int64')", "Index([1], dtype='int64')", "pandas notation"),
        ("a\rbc\n", "bc\n", "overwritten text"),
        ("1700000000.25", "1795412415.5", "timestamps"),
        ("run-20240105-101112", "run-20261123-054015", "timestamps"),
        ("32/32 [======>.......] x", "32/32 [=============>] x", "progress bars"),
        ("/home/ada/work/data.csv", "/srv/nb/work/data.csv", "folders"),
        ("x   y\n0   1", "x y\n0 1", "white space"),
        ("end\n", "end", "white space"),
    ],
)
def test_what_differs_from_run_to_run_is_looked_past_by_name(stored: str, fresh: str, needed: str) -> None:
    comparison = compare_text(stored, fresh, context())
    assert comparison.same
    assert needed in comparison.needed
    assert set(comparison.needed) <= {needed, "white space", "process ids"}


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("accuracy 0.8312", "accuracy 0.8313"),
        ("0.1234", "0.1235"),
        ("12 rows", "13 rows"),
        ("12345678 rows", "12345679 rows"),
        ("nan", "0.0"),
        ("inf", "1e308"),
        ("1.0", "1.0 2.0"),
        ("version 1.2.3", "version 1.2.4"),
        # A date in the data is a result: only a reading of the clock may differ.
        ("last order: 2024-01-05", "last order: 2024-01-06"),
        ("2024-01-05 10:11:12", "2024-01-06 10:11:12"),
        ("10:11:12", "10:11:13"),
        # So is a time that nothing says was taken by the run.
        ("mean delay 12.5 s", "mean delay 13.5 s"),
        ("flight duration: 90 minutes", "flight duration: 95 minutes"),
        ("time: 5", "time: 6"),
        ("done in 5 steps", "done in 6 steps"),
        ("took 1.2 s for a", "took 1.2 s for b"),
        ("hash 5d41402abc4b2a76b9719d911017c592", "hash 7d793037a0760186574b0282f2f435e7"),
        ("0xff", "0xfe"),
        ("/data/a.csv", "/data/b.csv"),
        ("/a/site-packages/x.py:5: W", "/a/site-packages/y.py:5: W"),
        ("cat", "dog"),
        # Which row a number is in is a result.
        ("[[1 2]\n [3 4]]", "[[1 2 3]\n [4]]"),
        ("1 2\n3 4", "1 2 3\n4"),
        ("1700000000.25", "1800000000.25"),
        ("/home/ada/data.csv", "/srv/nb/other.csv"),
        ("/home/ada/data.csv", "/srv/elsewhere/data.csv"),
        ("a\nb", "b\na"),
        ("10%|# | a", "10 of a"),
    ],
)
def test_results_that_differ_are_different(stored: str, fresh: str) -> None:
    assert not compare_text(stored, fresh, context()).same


def test_the_tolerance_is_the_callers() -> None:
    assert not compare_text("0.831", "0.832", context(rtol=1e-3)).same
    assert compare_text("0.831", "0.832", context(rtol=2e-3)).same
    assert compare_text("0.001", "0.002", context(rtol=0, atol=1e-3)).same
    assert not compare_text("1.0000001", "1.0", context(rtol=0, atol=0)).same


def test_an_element_id_must_stay_the_same_element() -> None:
    stored = '<div id="T_0a1b2c"></div><style>#T_0a1b2c {}</style>'
    consistent = '<div id="T_ffff00"></div><style>#T_ffff00 {}</style>'
    torn = '<div id="T_ffff00"></div><style>#T_eeee00 {}</style>'
    assert compare_text(stored, consistent, context()).needed == ("element ids",)
    assert not compare_text(stored, torn, context()).same


def test_equal_texts_need_nothing() -> None:
    assert compare_text("0x7f3a87667ad0 took 1 s", "0x7f3a87667ad0 took 1 s", context()) == (True, (), "")


def test_only_the_lines_that_differ_are_shown() -> None:
    stored = "took 1.5 s\naccuracy 0.83\nrows 5"
    fresh = "took 2.5 s\naccuracy 0.84\nrows 5"
    assert show_difference(stored, fresh, context()) == "- accuracy 0.83\n+ accuracy 0.84"
    assert show_difference("a\nb", "a\nb\nc", context()) == "+ c"
    many = show_difference("\n".join("abcdefgh"), "\n".join("ABCDEFGH"), context()).splitlines()
    assert many[:2] == ["- a", "+ A"]
    assert many[-1] == "  (10 more lines differ)"
    assert max(map(len, show_difference("x" * 999, "y" * 999, context()).splitlines())) == 160


def test_how_far_two_numbers_are_apart_is_said() -> None:
    assert number_note("accuracy 0.80", "accuracy 0.84") == "0.048 apart, relative"
    assert number_note("a 1 b 2", "a 2 b 3") == ""
    assert number_note("cat", "dog") == ""


def test_a_large_text_is_compared_quickly_enough_to_finish() -> None:
    lines = [f"{index} {index / 7:.6f} word word" for index in range(20_000)]
    assert compare_text("\n".join(lines), "\n".join([*lines, ""]), context()).same
