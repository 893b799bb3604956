"""Adds to configuration files of other programs as text, so that every byte which is there stays.

TOML can be read back, and is. YAML cannot, without a dependency that the core does without: what is added goes only
into files whose every line has a plain form, and else the reason is given why not.
"""

from __future__ import annotations

import re
import tomllib

from nbpipe.patterns import pattern

# A line that starts a mapping's or a list's entry, in any depth: `- a: b`, `a:`, `- a`; the key is a plain word.
_ENTRY = pattern(r"(?: *- )* *(?:[\w./$-]+|\"[^\"\\]*\"|'[^']*'):(?: .*)?|(?: *- )+[^\s].*")
_TOP_KEY = pattern(r"([\w./$-]+):(.*)")
_BLOCK_SCALAR = pattern(r"(?:^|[:\-] )(?:[&!]\S+ )*[|>][-+\d]*(?: +#.*)?$")
# Where a key stands, whose text in lines of their own is indented more: in `- a: |` behind the dash.
_KEY_INDENT = pattern(r"^ *(?:- +(?=[^|>]))*")
_STAGE = pattern(r"\s*-\s+([\w.-]+)\s*")


class CannotInsertError(Exception):
    """Where the text would go is in doubt; the message says why."""


def has_table(text: str, tool: str) -> bool:
    """Tell whether a pyproject.toml has something about a tool."""
    try:
        tools = tomllib.loads(text).get("tool")
    except tomllib.TOMLDecodeError:
        return False
    return isinstance(tools, dict) and tool in tools


def with_table(text: str, table: str) -> str:
    """Add a table at the end of a TOML document; raises CannotInsertError where that is not possible."""
    added = _appended(text, "\n" + table)
    try:
        before, after, alone = (tomllib.loads(each) for each in (text, added, table))
    except tomllib.TOMLDecodeError as error:
        raise CannotInsertError(f"it is not valid TOML, or holds [tool] as a value: {error}") from None
    for name, value in alone["tool"].items():
        before.setdefault("tool", {})[name] = value
    if before != after:
        raise CannotInsertError("a table at its end would change others")
    return added


def with_repo(text: str, lines: str) -> str:
    """Add an entry to the list ``repos`` of a pre-commit configuration.

    Args:
        text: the configuration.
        lines: the entry, its first line starting with a dash.

    Raises:
        CannotInsertError: where it would go is in doubt.
    """
    found = _plain_lines(text)
    starts = [number for number, line in enumerate(found) if line.startswith("repos:")]
    if len(starts) != 1 or found[starts[0]].partition("#")[0].strip() != "repos:":
        raise CannotInsertError("it has no list `repos` whose entries are on lines of their own")
    start = starts[0]
    end = next((number for number in range(start + 1, len(found)) if _TOP_KEY.match(found[number])), len(found))
    entries = [line for line in found[start + 1 : end] if line.strip() and not line.lstrip().startswith("#")]
    if not entries or not entries[0].lstrip().startswith("- "):
        raise CannotInsertError("its list `repos` has no entries on lines of their own")
    indent = entries[0][: len(entries[0]) - len(entries[0].lstrip())]
    if any(len(line) - len(line.lstrip()) < len(indent) for line in entries):
        raise CannotInsertError("its list `repos` is indented in several ways")
    last = max(number for number in range(start, end) if found[number].strip() and found[number][:1] in {" ", "-", "r"})
    added = "".join(f"{indent}{line}\n" for line in lines.splitlines())
    kept = text.splitlines(keepends=True)
    return _appended("".join(kept[: last + 1]), added) + "".join(kept[last + 1 :])


def with_job(text: str, job: str) -> str:
    """Add a job at the end of a GitLab CI configuration; raises CannotInsertError where that is in doubt."""
    found = _plain_lines(text)
    name = job.partition(":")[0]
    if any(line.partition(":")[0].strip("\"' ") == name for line in found):
        raise CannotInsertError(f"it has a job called {name}")
    stages = next((number for number, line in enumerate(found) if line.startswith("stages:")), None)
    if stages is not None:
        names = found[stages].partition(":")[2].strip("[] ").replace(",", " ").split()
        for line in found[stages + 1 :]:
            stage = _STAGE.fullmatch(line)
            if stage is None:
                break
            names.append(stage[1])
        if "test" not in names:
            raise CannotInsertError("its stages have no 'test', in which jobs are that name none")
    return _appended(text, "\n" + job)


def _plain_lines(text: str) -> list[str]:
    """Give the lines of a YAML mapping; raises CannotInsertError where one can be taken for what it is not."""
    lines = text.splitlines()
    scalar: int | None = None
    first = True
    for number, line in enumerate(lines, 1):
        bare = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if not bare or (scalar is not None and indent > scalar):
            continue
        scalar = None
        if bare.startswith("#") or (number == 1 and bare == "---"):
            continue
        content = re.sub(r"(?:^|\s)#.*$", "", bare)
        plain = _ENTRY.fullmatch(line) and "\t" not in line and _is_closed(content)
        top = indent == 0 and (first or not line.startswith("- "))
        if not plain or "|+" in content or ">+" in content or ((top or first) and not _TOP_KEY.match(line)):
            raise CannotInsertError(f"line {number} has a form that nbpipe does not read: {bare[:60]}")
        first = False
        if _BLOCK_SCALAR.search(content):
            scalar = len(line) - len(_KEY_INDENT.sub("", line, count=1))
    if scalar is not None and not text.endswith("\n"):
        raise CannotInsertError("its last line is part of a text, and has no line end")
    return lines


def _is_closed(text: str) -> bool:
    """Tell whether quotes and brackets that a line opens end on it."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", text)
    quoted = re.search(r"(?:[:\-,\[{] *)[\"']", bare)
    return quoted is None and all(bare.count(first) == bare.count(last) for first, last in ("[]", "{}"))


def _appended(text: str, added: str) -> str:
    """Add lines with the line ends that the text has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = newline if text and not text.endswith("\n") else ""
    return text + gap + added.replace("\n", newline)
