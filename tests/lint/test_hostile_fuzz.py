"""Whatever is done to a notebook's JSON, bytes or code, checking it with all rules raises nothing."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from nbpipe.api.check import check_source
from nbpipe.config import Settings
from nbpipe.lint.encoding import encode
from tests.lint.hostile import CODE, damaged, documents

ALL = Settings({"select": ("all",), "preview": True})
fuzz = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def checked(data: bytes) -> None:
    """Check some bytes twice, with all rules: nothing fails, and both times the same is found."""
    first, second = (check_source(data, "a.ipynb", ALL, locate=True, file_edits=True, flows=True) for _ in range(2))
    assert [str(failure) for failure in first.failures] == []
    assert encode(first) == encode(second)
    found = [item.code for item in first.diagnostics]
    assert "NB001" not in found or found == ["NB001"]


@fuzz
@given(documents())
def test_any_change_of_a_notebooks_json_is_checked_or_refused(data: bytes) -> None:
    checked(data)


@fuzz
@given(damaged())
def test_any_damage_to_a_notebooks_bytes_is_refused_or_checked(data: bytes) -> None:
    checked(data)


@fuzz
@given(CODE)
def test_any_code_is_checked(data: bytes) -> None:
    checked(data)
