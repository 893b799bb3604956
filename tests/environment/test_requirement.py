"""Requirements: names as PEP 503 compares them, and whether a version is exact."""

from __future__ import annotations

import pytest

from nbpipe.environment.requirement import is_pinned_address, normalized, parse_requirement


@pytest.mark.parametrize(("written", "name"), [("Foo_Bar.baz", "foo-bar-baz"), ("a--_.b", "a-b"), ("PyYAML", "pyyaml")])
def test_names_are_compared_as_pep_503_says(written: str, name: str) -> None:
    assert normalized(written) == name


@pytest.mark.parametrize(
    ("text", "name", "exact", "bounded"),
    [
        ("pandas", "pandas", False, False),
        ("pandas==2.2.3", "pandas", True, True),
        ("pandas === 2.2.3", "pandas", True, True),
        ("pandas[excel,html] ==2.2.3 ; python_version > '3.8'", "pandas", True, True),
        ("pandas==2.*", "pandas", False, True),
        ("pandas~=2.2", "pandas", False, True),
        ("pandas>=2,<3", "pandas", False, True),
        ("pandas>=2", "pandas", False, False),
        ("pandas!=2.0", "pandas", False, False),
        ("tool @ https://example.org/tool-1.2.0-py3-none-any.whl", "tool", True, False),
        ("tool @ git+https://example.org/tool@main", "tool", False, False),
    ],
)
def test_a_requirement_is_read(text: str, name: str, exact: bool, bounded: bool) -> None:  # noqa: FBT001 - a table
    found = parse_requirement(text)

    assert found is not None
    assert (found.name, found.exact, found.bounded) == (name, exact, bounded)


@pytest.mark.parametrize("text", ["", "-r other.txt", "./folder", "a b", "https://example.org/a"])
def test_what_names_no_distribution_is_none(text: str) -> None:
    assert parse_requirement(text) is None


@pytest.mark.parametrize(
    ("address", "pinned"),
    [
        ("git+https://example.org/tool.git", False),
        ("git+https://example.org/tool.git@main", False),
        ("git+https://example.org/tool.git@v1.2.0", True),
        ("git+ssh://git@example.org/tool@0123abc#egg=tool", True),
        ("https://example.org/tool-1.2.0.tar.gz", True),
        ("https://example.org/tool.zip", False),
        ("https://example.org/tool.zip#sha256=00ff", True),
    ],
)
def test_an_address_is_pinned_by_a_commit_a_tag_or_a_version(address: str, pinned: bool) -> None:  # noqa: FBT001
    assert is_pinned_address(address) == pinned
