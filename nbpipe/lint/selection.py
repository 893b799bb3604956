"""Which rules are on for which file, and how severe they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.errors import ConfigError, did_you_mean
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.registry import BY_CODE, BY_NAME, RULES
from nbpipe.lint.rule import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.config import Settings
    from nbpipe.lint.rule import RuleInfo

EXACT = 5  # as specific as a whole code: NB102 has five characters


def specificity(selector: str, rule: RuleInfo) -> int | None:
    """Give how closely a selector names a rule: 0 for all, `EXACT` for the rule itself; None where it does not."""
    lower, upper = selector.lower(), selector.upper()
    if lower == rule.name:
        return EXACT
    if lower == rule.family:
        return len("NB1")
    if upper == "ALL":
        return 0
    return len(upper) if upper.startswith("NB") and rule.code.startswith(upper) else None


def closest(selectors: Iterable[str], rule: RuleInfo) -> int | None:
    """Give the greatest specificity with which one of the selectors names the rule; None where none does."""
    found = [value for selector in selectors if (value := specificity(selector, rule)) is not None]
    return max(found) if found else None


def validate(selectors: Iterable[str], where: str) -> None:
    """Raise ConfigError for a selector that names no rule; `where` says where it was written."""
    for selector in selectors:
        if not is_known(selector):
            raise ConfigError(f"{where}: unknown rule '{selector}'{nearest(selector) or '. `nbpipe rules` lists all'}")


def is_known(selector: str) -> bool:
    """Tell whether a selector names a rule, or a family, even one that has no rules yet."""
    return any(specificity(selector, rule) is not None for rule in RULES) or _names_family(selector)


def nearest(selector: str) -> str:
    """Give the end of a message about an unknown selector: what may be meant, "" where nothing is near."""
    return did_you_mean(selector, [*BY_NAME, *BY_CODE, *FAMILIES.values(), "all"])


def _names_family(selector: str) -> bool:
    """Tell whether it names a family, even one that has no rules yet."""
    return selector.lower() in FAMILIES.values() or bool(re.fullmatch(f"NB[{''.join(FAMILIES)}]?", selector.upper()))


class Selection:
    """The rules that the settings turn on.

    Attributes:
        rules: those on, by code, before what is ignored by file.
    """

    __slots__ = ("_ignores", "_levels", "_root", "rules")

    def __init__(self, settings: Settings) -> None:
        """Raise ConfigError where the settings name an unknown rule."""
        for key in ("select", "ignore", "extend-select"):
            validate(getattr(settings, key.replace("-", "_")), f"{settings.origin(key)}: {key}")
        for selectors in settings.per_file_ignores.values():
            validate(selectors, f"{settings.origin('per-file-ignores')}: per-file-ignores")
        validate(settings.severity, f"{settings.origin('severity')}: severity")
        self.rules = tuple(rule for rule in RULES if _is_on(rule, settings))
        self._root = settings.root
        self._ignores = settings.per_file_ignores
        self._levels = {rule.code: _level(rule, settings.severity) for rule in self.rules}

    def for_path(self, path: str) -> tuple[RuleInfo, ...]:
        """Give the rules that are on for the file at `path`."""
        if not self._ignores:
            return self.rules
        from nbpipe.lint.files import matches

        lists = (names for glob, names in self._ignores.items() if matches(path, (glob,), self._root))
        ignored = [name for names in lists for name in names]
        return tuple(rule for rule in self.rules if closest(ignored, rule) is None)

    def level(self, rule: RuleInfo) -> Severity:
        """Give the severity of a rule's certain findings."""
        return self._levels[rule.code]


def _is_on(rule: RuleInfo, settings: Settings) -> bool:
    selectors = (*settings.select, *settings.extend_select)
    chosen = closest(selectors, rule) if selectors else None
    if chosen is None and not settings.select and rule.default:
        chosen = 0
    if rule.preview and not settings.preview and chosen != EXACT:
        return False
    ignored = closest(settings.ignore, rule) if settings.ignore else None
    return chosen is not None and (ignored is None or chosen > ignored)


def _level(rule: RuleInfo, levels: dict[str, str]) -> Severity:
    found = [(value, level) for selector, level in levels.items() if (value := specificity(selector, rule)) is not None]
    return Severity[max(found)[1].upper()] if found else rule.severity
