"""What IPython takes away from a pasted cell before anything else: a common indent and the prompts of a session."""

from __future__ import annotations

from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

IPYTHON_PROMPT = pattern(r"(?:(?:\[(?:nav|ins)\])? )?In \[\d+\]: |\s*\.{3,}: ?")
_PYTHON_PROMPT = pattern(r"\s*>>>[ \t]?")
_CONTINUATION = pattern(r"\s*\.\.\.[ \t]?")
_STRING_PREFIXES = frozenset({"", "r", "u", "b", "f", "rb", "br", "rf", "fr"})
_TRIPLE_QUOTE = pattern(r"(?<!\\)(\"\"\"|''')")


def strip_prompts(lines: Sequence[str]) -> tuple[list[str], list[int]]:
    """Take a common indent and prompts away, as IPython does.

    Returns:
        The lines, as many as before, and how many characters each lost at its start.
    """
    stripped = list(lines)
    lost = [0] * len(stripped)
    _dedent(stripped, lost, range(len(stripped)))
    if any(map(_PYTHON_PROMPT.match, stripped)):
        _strip_python(stripped, lost)
    first = next((number for number, line in enumerate(stripped) if line.strip()), len(stripped))
    if any(map(IPYTHON_PROMPT.match, stripped[first : first + 2])):
        for number, line in enumerate(stripped):
            match = IPYTHON_PROMPT.match(line)
            if match:
                _cut(stripped, lost, number, match.end())
    return stripped, lost


def _strip_python(lines: list[str], lost: list[int]) -> None:
    """Take ``>>>`` and ``...`` away, but for lines inside a string that began outside the prompts."""
    quoted = _quoted(lines)
    if not any(_PYTHON_PROMPT.match(line) for number, line in enumerate(lines) if number not in quoted):
        return
    outside = [number for number in range(len(lines)) if number not in quoted]
    for number in outside:
        match = _PYTHON_PROMPT.match(lines[number]) or _CONTINUATION.match(lines[number])
        if match:
            _cut(lines, lost, number, match.end())
    _dedent(lines, lost, outside)


def _quoted(lines: Sequence[str]) -> set[int]:
    """Give the lines inside a triple-quoted string that starts a line without a prompt, a docstring say."""
    quoted: set[int] = set()
    quote = ""
    keep = False
    for number, line in enumerate(lines):
        if quote and keep:
            quoted.add(number)
        for match in _TRIPLE_QUOTE.finditer(line):
            if not quote:
                quote = match[1]
                prompted = _PYTHON_PROMPT.match(line) or _CONTINUATION.match(line)
                keep = not prompted and line[: match.start()].strip().lower() in _STRING_PREFIXES
            elif match[1] == quote:
                quote = ""
    return quoted


def _dedent(lines: list[str], lost: list[int], numbers: Sequence[int]) -> None:
    """Take the indent that the lines of `numbers` have in common away."""
    indents = [lines[number][: -len(lines[number].lstrip(" \t"))] for number in numbers if lines[number].strip()]
    # The common start of all is that of the first and the last in order.
    first, last = min(indents, default=""), max(indents, default="")
    margin = next((at for at, character in enumerate(first) if last[at : at + 1] != character), len(first))
    if margin:
        for number in numbers:
            _cut(lines, lost, number, min(margin, len(lines[number])))


def _cut(lines: list[str], lost: list[int], number: int, width: int) -> None:
    """Take `width` characters away from the start of a line."""
    lines[number] = lines[number][width:]
    lost[number] += width
