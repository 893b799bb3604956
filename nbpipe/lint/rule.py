"""What a rule is: one class in one file, whose docstring is its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType
    from typing import Any

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.suppression import Suppressions

    # A cell, and its first and last line, all from 0.
    Lines = tuple[int, int, int]

FAMILIES = {
    "0": "document",
    "1": "order",
    "2": "configuration",
    "3": "reproducibility",
    "4": "environment",
    "5": "learning",
    "6": "security",
    "7": "pipeline",
    "8": "hygiene",
}

PAGE = "https://github.com/nbpipe/nbpipe/blob/main/docs/pages/rules/{name}.md"


class Rule:
    """Base of all rules. A rule is a class ``SomeName`` in ``nbpipe/lint/rules/<family>/some_name.py``.

    Attributes:
        name: ``some-name``, derived from the class.
        code: ``NB`` and three digits; the first is the family's.
        severity: of its certain findings.
        default: whether it is on unless told otherwise.
        preview: whether it is not yet stable: on only with ``preview``, or where selected by its own code or name.
        across: it compares notebooks, and speaks only where several are checked together: see `fragments`.
        python_only: whether it needs the notebook's language to be Python.
        triggers: the rule is loaded only where one of these texts is in the code cells' sources (for a rule that is
            not `python_only`: in the file, as JSON writes it); always, where empty.
        outside: whether it looks at other files than the notebook: its findings are not kept between runs.
        tagged: and only where a cell has a tag that begins like one of these, where there are any.
    """

    name: str
    code: str
    severity: Severity
    default: bool = True
    preview: bool = False
    across: bool = False
    python_only: bool = True
    triggers: tuple[str, ...] = ()
    outside: bool = False
    tagged: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        """Derive the name."""
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield what is found in one notebook. May raise nothing: what cannot be known is no finding."""
        raise NotImplementedError

    def fragments(self, context: Context, suppressions: Suppressions) -> list[Any]:
        """Give what has to be known of one notebook to compare it with others, as JSON can hold it.

        Args:
            context: the notebook.
            suppressions: what it says must not be reported.
        """
        raise NotImplementedError

    def compare(self, notebooks: Sequence[tuple[str, list[Any]]]) -> Iterator[tuple[int, Lines, str]]:
        """Yield what is found in several notebooks: the number of one of them, the place in it, and the message.

        Args:
            notebooks: path and fragments of each, in the order of checking.
        """
        raise NotImplementedError


class RuleInfo:
    """What is known of a rule without importing it: an entry of the generated index."""

    __slots__ = (
        "across",
        "code",
        "default",
        "module",
        "name",
        "outside",
        "preview",
        "python_only",
        "severity",
        "summary",
        "tagged",
        "triggers",
    )

    def __init__(  # noqa: PLR0913 - the columns of the index
        self,
        code: str,
        name: str,
        severity: str,
        *,
        default: bool,
        python_only: bool,
        triggers: tuple[str, ...],
        outside: bool = False,
        tagged: tuple[str, ...] = (),
        preview: bool = False,
        module: str,
        summary: str,
        across: bool = False,
    ) -> None:
        self.code = code
        self.name = name
        self.severity = Severity[severity.upper()]
        self.default = default
        self.python_only = python_only
        self.triggers = triggers
        self.outside = outside
        self.tagged = tagged
        self.preview = preview
        self.module = module
        self.summary = summary
        self.across = across

    @property
    def family(self) -> str:
        """The family's name, which is also its folder."""
        return FAMILIES[self.code[2]]

    @property
    def url(self) -> str:
        """The address of the rule's page."""
        return PAGE.format(name=self.name)


def rule_class(module: ModuleType) -> type[Rule]:
    """Give the one rule that a module defines; raises TypeError where it defines none or several."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define one rule, not {len(found)}")
    return found[0]
