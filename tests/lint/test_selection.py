"""Which rules are on, and how severe."""

from __future__ import annotations

import pytest

from nbpipe.config import Settings
from nbpipe.errors import ConfigError
from nbpipe.lint import selection
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import RuleInfo
from nbpipe.lint.selection import Selection


def rule(code: str, name: str, *, default: bool = True, preview: bool = False) -> RuleInfo:
    return RuleInfo(
        code,
        name,
        "error",
        default=default,
        preview=preview,
        python_only=True,
        triggers=(),
        module=name,
        summary=f"{name}.",
    )


@pytest.fixture(autouse=True)
def _few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (
        rule("NB001", "invalid-notebook"),
        rule("NB101", "out-of-order-execution"),
        rule("NB102", "undefined-name"),
        rule("NB108", "non-linear-execution", default=False),
        rule("NB201", "hardcoded-path"),
    )
    monkeypatch.setattr(selection, "RULES", rules)
    monkeypatch.setattr(selection, "BY_NAME", {info.name: info for info in rules})
    monkeypatch.setattr(selection, "BY_CODE", {info.code: info for info in rules})


def codes(path: str = "a.ipynb", /, **values: object) -> list[str]:
    names = {name.replace("_", "-"): value for name, value in values.items()}
    return [info.code for info in Selection(Settings(names)).for_path(path)]


def test_rules_in_preview_are_on_where_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = (rule("NB101", "a"), rule("NB102", "b", preview=True), rule("NB103", "c", preview=True, default=False))
    monkeypatch.setattr(selection, "RULES", rules)

    assert codes() == ["NB101"]
    assert codes(select=("NB1",)) == codes(select=("ALL",)) == ["NB101"]
    assert codes(extend_select=("NB102",)) == ["NB101", "NB102"]
    assert codes(select=("c",)) == ["NB103"]
    assert codes(preview=True) == ["NB101", "NB102"]
    assert codes(preview=True, select=("order",)) == ["NB101", "NB102", "NB103"]
    assert codes(preview=True, ignore=("NB102",)) == ["NB101"]


def test_by_default_all_but_the_opt_in_rules_are_on() -> None:
    assert codes() == ["NB001", "NB101", "NB102", "NB201"]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("NB102", ["NB102"]),
        ("nb102", ["NB102"]),
        ("undefined-name", ["NB102"]),
        ("NB1", ["NB101", "NB102", "NB108"]),
        ("NB10", ["NB101", "NB102", "NB108"]),
        ("order", ["NB101", "NB102", "NB108"]),
        ("configuration", ["NB201"]),
        ("NB", ["NB001", "NB101", "NB102", "NB108", "NB201"]),
        ("all", ["NB001", "NB101", "NB102", "NB108", "NB201"]),
        ("NB8", []),
        ("security", []),
    ],
)
def test_codes_names_prefixes_and_families_select(select: str, expected: list[str]) -> None:
    assert codes(select=(select,)) == expected


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (("NB1",), ("NB102",), ["NB101", "NB108"]),
        (("NB102",), ("NB1",), ["NB102"]),
        (("NB102",), ("order",), ["NB102"]),
        (("NB102",), ("undefined-name",), []),
        (("NB1",), ("order",), []),
        ((), ("NB1",), ["NB001", "NB201"]),
        ((), ("all",), []),
        (("NB201",), ("all",), ["NB201"]),
    ],
)
def test_the_more_specific_of_select_and_ignore_wins(
    select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]
) -> None:
    assert codes(select=select, ignore=ignore) == expected


def test_extend_select_adds() -> None:
    assert codes(extend_select=("NB108",)) == ["NB001", "NB101", "NB102", "NB108", "NB201"]
    assert codes(select=("NB2",), extend_select=("NB108",)) == ["NB108", "NB201"]


def test_files_can_be_exempt() -> None:
    ignores = {"drafts/*": ("NB1",), "b.ipynb": ("undefined-name",)}

    assert codes("drafts/a.ipynb", per_file_ignores=ignores) == ["NB001", "NB201"]
    assert codes("x/b.ipynb", per_file_ignores=ignores) == ["NB001", "NB101", "NB201"]
    assert codes("c.ipynb", per_file_ignores=ignores) == codes()


@pytest.mark.parametrize("key", ["select", "ignore", "extend_select"])
def test_an_unknown_rule_is_an_error_that_names_the_key_and_the_nearest(key: str) -> None:
    with pytest.raises(ConfigError, match=r"default: .*unknown rule 'undefind-name'. Did you mean 'undefined-name'\?"):
        codes(**{key: ("undefind-name",)})


def test_an_unknown_rule_is_an_error_in_tables_too() -> None:
    with pytest.raises(ConfigError, match="per-file-ignores: unknown rule 'NB999'"):
        codes(per_file_ignores={"*": ("NB999",)})
    with pytest.raises(ConfigError, match="severity: unknown rule 'NB999'"):
        codes(severity={"NB999": "info"})


def test_the_closest_severity_counts() -> None:
    chosen = Selection(Settings({"severity": {"NB1": "warning", "NB102": "info", "all": "error"}}))

    assert {info.code: chosen.level(info) for info in chosen.rules} == {
        "NB001": Severity.ERROR,
        "NB101": Severity.WARNING,
        "NB102": Severity.INFO,
        "NB201": Severity.ERROR,
    }
