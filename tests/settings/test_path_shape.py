"""Texts that are machine-bound paths, and texts that only begin like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.settings.path_shape import Shape, shape_of


@pytest.mark.parametrize(
    "text",
    [
        "/home/ann/a", "/Users/ann/My Documents/a.csv", "/mnt/x", "/media/ann/disk", "/content/a", "/kaggle/input",
        "/dbfs/a", "/Volumes/Disk/a", "/scratch/ann", "/anything/at/all.parquet", "/a/b.csv.gz", "C:\\a", "c:/a",
        "C:\\Program Files (x86)\\a", "~/a", "~ann/a", "file:///srv/a", "file://localhost/srv/a", "file:/srv/a",
        "dbfs:/a", "/home/ann/*.csv", "/home/{}/a", "/home/%s/a", "C:\\\\twice\\\\a",
    ],
)  # fmt: skip
def test_nothing_but_a_path_of_one_machine(text: str) -> None:
    assert shape_of(text) is Shape.MACHINE


@pytest.mark.parametrize(
    "text", ["/data", "/api/v1/users", "/home", "/users/{id}", "/static/app.js", r"\\host\share\a"]
)
def test_a_path_where_a_path_is_wanted(text: str) -> None:
    assert shape_of(text) is Shape.ABSOLUTE


@pytest.mark.parametrize("text", ["/tmp", "/tmp/a", "/var/tmp/a.csv", "/dev/shm/a"])
def test_what_every_unix_has_for_a_while(text: str) -> None:
    assert shape_of(text) is Shape.TEMPORARY


@pytest.mark.parametrize(
    "text",
    [
        "", "/", "//", "~", "~/.cache/a", "a/b.csv", "./a", "../a", "s3://a/b", "https://a/home/b/c", "//div[@id='a']",
        "/dev/null", "/etc/hosts", "/proc/cpuinfo", "/usr/bin/python", "/opt/ml/model", "file://", "file:///etc/hosts",
        r"/home/(\w+)/", r"/\d+/", "^/home/ann/a", "text/html", "a:b", "s:/home|b", "x:\t1", "C:", "C:\\", r"p:\d+",
        r"\\ \hline", r"\alpha/b", "/path/to/data.csv", "C:\\path\\to\\a", "/home/ann/a\n", "/a, /b",
        "</b>", "/x" * 300,
    ],
)  # fmt: skip
def test_no_path_of_one_machine(text: str) -> None:
    assert shape_of(text) is None


@given(st.text())
def test_every_text_has_at_most_one_shape(text: str) -> None:
    assert shape_of(text) in (None, *Shape)
