"""Writes what can be generated: the rules' index and pages, the command line's and the configuration's reference.

``python docs/generate.py`` writes, ``--check`` only names what is stale and exits with 1.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import json
import re
import sys
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

    from nbpipe.lint.rule import Rule

PAGES = Path("docs/pages")
INDEX = Path("nbpipe/lint/rules/index.py")
LINE_LENGTH = 120

INDEX_HEAD = '''"""Generated from the rules by docs/generate.py; do not edit."""

from __future__ import annotations

from nbpipe.lint.rule import RuleInfo

RULES: tuple[RuleInfo, ...] = (
'''


def rule_problem(rule: type[Rule]) -> str | None:
    """Give what is wrong with how a rule is named or described, None where nothing is."""
    from nbpipe.lint.rule import FAMILIES, Rule

    module = rule.__module__.removeprefix("nbpipe.lint.rules.")
    wanted = f"{FAMILIES.get(rule.code[2:3])}.{rule.name.replace('-', '_')}"
    if not re.fullmatch(r"NB[0-8]\d\d", rule.code):
        return f"the code {rule.code} is not NB and three digits"
    if module != wanted:
        return f"{rule.__name__} ({rule.code}) belongs in {wanted}, not in {module}"
    if not rule.__doc__ or rule.__doc__ == Rule.__doc__:
        return f"{rule.__name__} has no docstring"
    missing = [title for title in ("What it does", "Why is this bad?", "Example") if f"## {title}" not in rule.__doc__]
    return f"{rule.__name__}: no section {', '.join(missing)}" if missing else None


def index() -> str:
    """Give the module that says what rules there are without importing them."""
    from nbpipe.lint.discovery import discover

    text = INDEX_HEAD
    for rule in discover():
        if problem := rule_problem(rule):
            raise ValueError(problem)
        summary = cleandoc(rule.__doc__ or "").partition("\n")[0]
        text += "    RuleInfo(\n"
        text += f"        {json.dumps(rule.code)},\n        {json.dumps(rule.name)},\n"
        text += f"        {json.dumps(rule.severity.label)},\n"
        text += "        across=True,\n" if rule.across else ""
        text += f"        default={rule.default},\n        python_only={rule.python_only},\n"
        text += f"        triggers={_triggers(rule.triggers)},\n"
        text += "        outside=True,\n" if rule.outside else ""
        text += f"        tagged={_triggers(rule.tagged)},\n" if rule.tagged else ""
        text += "        preview=True,\n" if rule.preview else ""
        text += f"        module={json.dumps(rule.__module__)},\n        summary={json.dumps(summary)},\n    ),\n"
    return text + ")\n"


def _triggers(triggers: tuple[str, ...]) -> str:
    """Write a tuple as the formatter does."""
    escaped = [text.replace("\\", "\\\\") for text in triggers]
    items = [f"'{text}'" if '"' in text else f'"{text}"' for text in escaped]
    line = "(" + ", ".join(items) + ("," if len(items) == 1 else "") + ")"
    if len("        triggers=,") + len(line) <= LINE_LENGTH:
        return line
    return "(\n" + "".join(f"            {item},\n" for item in items) + "        )"


def rule_pages() -> Iterator[tuple[Path, str]]:
    """Yield each rule's page, and the table of all."""
    from nbpipe.lint.page import page
    from nbpipe.lint.registry import RULES

    table = "# Rules\n\n| code | name | severity | default | summary |\n|---|---|---|---|---|\n"
    for info in RULES:
        yield PAGES / "rules" / f"{info.name}.md", page(info)
        default = "preview" if info.preview else "on" if info.default else "opt-in"
        link = f"[{info.name}]({info.name}.md)"
        table += f"| {info.code} | {link} | {info.severity.label} | {default} | {info.summary} |\n"
    yield PAGES / "rules" / "index.md", table


def command_line() -> str:
    """Give the help of all commands."""
    from click import Context

    from nbpipe.cli.commands import COMMANDS
    from nbpipe.cli.group import make_group

    group = make_group()
    text = "# The command line\n\n" + _help(group, Context(group, info_name="nbpipe"))
    for name in COMMANDS:
        parent = Context(group, info_name="nbpipe")
        command = group.get_command(parent, name)
        if command is None:
            raise ValueError(f"no command {name}")
        context = Context(command, info_name=name, parent=parent)
        text += f"\n## nbpipe {name}\n\n" + _help(command, context)
        for part in getattr(command, "commands", {}).values():
            text += f"\n### nbpipe {name} {part.name}\n\n"
            text += _help(part, Context(part, info_name=part.name, parent=context))
    return text


def _help(command: click.Command, context: click.Context) -> str:
    context.terminal_width = 100
    return f"```text\n{command.get_help(context)}\n```\n"


def configuration() -> str:
    """Give the reference of all configuration keys."""
    from nbpipe.config import KEYS

    text = cleandoc(
        """
        # Configuration

        Keys are written in `nbpipe.toml`, or in `pyproject.toml` under `[tool.nbpipe]`; the nearest file at or above
        the folder of what is worked on counts. The command line wins over the environment, that over the file, that
        over the default. An unknown key is an error. `nbpipe config` shows what is in force, and from where.

        In a variable or an option, a list is separated by commas, and a table is written as `KEY=VALUE,KEY=VALUE`.
        """
    )
    for key in KEYS.values():
        option = f" · option of check: `--{key.name}`" if key.option else ""
        default = json.dumps(key.default)
        text += f"\n\n## {key.name}\n\n{key.help}\n\nType: {key.kind.label} · default: `{default}`"
        text += f" · variable: `{key.variable}`{option}"
    return text + "\n"


def schema() -> str:
    """Give the JSON schema of ``check --output-format json``."""
    from nbpipe.lint.schema import diagnostics_schema

    return json.dumps(diagnostics_schema(), indent=1) + "\n"


def statistics_schema() -> str:
    """Give the JSON schema of ``check --statistics --output-format json``."""
    from nbpipe.lint.schema import statistics_schema

    return json.dumps(statistics_schema(), indent=1) + "\n"


def lab_schema() -> str:
    """Give the JSON schema of what the server replies to JupyterLab's side."""
    from nbpipe.lab.schema import lab_schema

    return json.dumps(lab_schema(), indent=1) + "\n"


def generated() -> Iterator[tuple[Path, str]]:
    """Yield all that is generated: path from the project's root, and text."""
    yield from rule_pages()
    yield PAGES / "cli.md", command_line()
    yield PAGES / "configuration.md", configuration()
    yield PAGES / "schema" / "diagnostics.json", schema()
    yield PAGES / "schema" / "statistics.json", statistics_schema()
    yield PAGES / "schema" / "lab.json", lab_schema()


def main(*, check: bool) -> int:
    """Write or check all, and give the exit code."""
    stale = []
    for step in (lambda: [(INDEX, index())], generated):  # the index first: the pages are made from it
        for path, text in step():
            target = ROOT / path
            if target.is_file() and target.read_text(encoding="utf-8") == text:
                continue
            stale.append(path)
            if not check:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
    known = {ROOT / path for path, _ in generated()}
    for path in sorted((ROOT / PAGES / "rules").glob("*.md")):
        if path not in known:
            stale.append(path.relative_to(ROOT))
            if not check:
                path.unlink()
    for path in stale:
        print(f"{'stale' if check else 'written'}: {path}")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
