"""NB006."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Fix, Severity
from nbpipe.lint.naming import listed, ordinal
from nbpipe.lint.registry import RULES
from nbpipe.lint.rule import Rule
from nbpipe.lint.selection import EXACT, is_known, nearest, specificity
from nbpipe.lint.suppression import UNUSED
from nbpipe.lint.suppression_edits import place_of, without
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.suppression import Suppression

# `# noqa` belongs to all linters: only codes that look like nbpipe's are judged.
OURS = pattern(r"NB\d+", re.IGNORECASE)


class UnusedSuppression(Rule):
    """Something is silenced that is not there.

    ## What it does

    Reports comments (`# nbpipe: ignore[...]`, `# nbpipe: ignore-cell[...]`, `# noqa: NB...`), tags (`nbpipe-ignore`)
    and entries of the notebook's metadata (`nbpipe.ignore`) that silence nothing, that name a rule which does not
    exist, that stand where they have no effect, or that are not written as nbpipe reads them. A reason behind the
    bracket is allowed and changes nothing.

    Rules that are not selected are not judged: they might find something where they are. A suppression of a family or
    of everything is judged when all rules of it that are on by default have run. Codes of other linters in a `# noqa`
    are theirs.

    ## Why is this bad?

    The suppression was for something that has been repaired since. It stays behind to hide the next thing that goes
    wrong in the same place. One with a typo hides nothing, and whoever wrote it believes that it does.

    ## Example

    ```python extend-select=syntax-error
    # %%
    total = sum([1, 2])  # nbpipe: ignore[syntax-error]
    # %% tags=["nbpipe-ignore:sintax-error"]
    mean = total / 2
    ```

    ## Use instead

    ```python extend-select=syntax-error
    # %%
    total = sum([1, 2])
    # %%
    mean = total / 2
    ```

    ## Fix safety

    The fix removes the names that silence nothing, and the whole comment, tag or entry, with its reason, where no
    other name is left. Where the name of a rule is misspelt and another one is near, the fix puts that in its place;
    as this may hide a finding that is shown now, it is made only when asked for.
    """

    code = "NB006"
    severity = Severity.WARNING
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield a finding for each suppression with names that are unknown, and one for those that are unused."""
        for each in context.suppressions.all():
            yield from _unknown(context, each)
            yield from _unused(context, each)


def _unknown(context: Context, each: Suppression) -> Iterator[Diagnostic]:
    """Yield a finding for each name that no rule has."""
    if each.comment is not None and each.comment.kind == "malformed":
        message = "this comment silences nothing: it would if it were written `# nbpipe: ignore[some-rule]`"
        yield context.diagnostic(place_of(context.notebook, each), message)
        return
    if not each.names:
        edits = without(context.notebook, each, ())
        fix = Fix("remove the suppression", edits, Applicability.SAFE) if edits else None
        message = "the suppression names no rule"
        if each.cell is None:
            message = "'nbpipe.ignore' in the notebook's metadata names no rule: it must be a list of names or codes"
        yield context.diagnostic(place_of(context.notebook, each), message, fix=fix)
    for name in each.names:
        if is_known(name) or (_is_noqa(each) and not OURS.fullmatch(name)):
            continue
        near = "" if OURS.fullmatch(name) else nearest(name)  # codes are not misspelt, only wrong
        found = re.search(r"'(.+)'", near)
        if found is None:
            edits = without(context.notebook, each, [other for other in each.names if other != name])
            fix = Fix(f"remove '{name}'", edits, Applicability.SAFE)
        else:
            edits = without(context.notebook, each, [found[1] if other == name else other for other in each.names])
            fix = Fix(f"put '{found[1]}' in its place", edits, Applicability.UNSAFE)
        yield context.diagnostic(
            place_of(context.notebook, each),
            f"the suppression names an unknown rule '{name}'{near}",
            fix=fix if edits else None,
        )


def _unused(context: Context, each: Suppression) -> Iterator[Diagnostic]:
    """Yield a finding for the names that have hidden nothing, although their rules ran."""
    unused = [name for name in dict.fromkeys(each.names) if name not in each.used and _has_run(context, name)]
    if not unused:
        return
    edits = without(context.notebook, each, [name for name in each.names if name not in unused])
    fix = Fix("remove what silences nothing", edits, Applicability.SAFE) if edits else None
    yield context.diagnostic(place_of(context.notebook, each), _message(each, unused), fix=fix)


def _has_run(context: Context, name: str) -> bool:
    """Tell whether the rules that a name stands for have had their say: all of them that are on by default."""
    meant = [(rule, close) for rule in RULES if (close := specificity(name, rule)) is not None and rule.name != UNUSED]
    return bool(meant) and all(
        rule.name in context.completed for rule, close in meant if rule.default or close == EXACT
    )


def _message(each: Suppression, unused: list[str]) -> str:
    if each.comment is not None and each.comment.misplaced:
        return "the suppression silences nothing: 'ignore-cell' must stand on the first line of the cell"
    if each.cell is None:
        where = "this notebook"
    elif each.comment is None or each.comment.covers is None:
        where = ordinal(each.cell)
    else:
        where = f"line {each.comment.covers + 1}"
    names = "" if unused == ["all"] else " of " + listed(f"'{name}'" for name in unused)
    return f"the suppression silences nothing: {where} has no finding{names}"


def _is_noqa(each: Suppression) -> bool:
    return each.comment is not None and each.comment.kind == "noqa"
