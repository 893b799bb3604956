"""What a command installs: pip, conda and their like, and the system's package managers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.environment.requirement import Requirement, is_pinned_address, normalized, parse_requirement
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from nbpipe.analysis.commands import Command

PIP = "pip"
CONDA = "conda"
SYSTEM = "system"

_CONDAS = frozenset(["conda", "mamba", "micromamba"])
_SYSTEMS = frozenset(["apt", "apt-get", "aptitude", "yum", "dnf", "apk", "zypper", "brew"])
_PREFIXES = frozenset(["sudo", "time", "yes", "env", "nohup", "exec", "command"])
# Options that take the next word as their value.
_VALUED = frozenset(
    [
        "-c",
        "--constraint",
        "-i",
        "--index-url",
        "--extra-index-url",
        "-f",
        "--find-links",
        "-t",
        "--target",
        "--prefix",
        "--root",
        "--src",
        "--python-version",
        "--platform",
        "--abi",
        "--implementation",
        "--only-binary",
        "--no-binary",
        "--progress-bar",
        "--trusted-host",
        "--proxy",
        "--timeout",
        "--retries",
        "--cache-dir",
        "--log",
        "--upgrade-strategy",
        "--config-settings",
        "--global-option",
        "--install-option",
        "--exists-action",
        "--cert",
        "--client-cert",
        "--default-timeout",
        "--index",
        "--python",
        "-p",
        "-n",
        "--name",
        "--channel",
        "-d",
        "--dest",
        "--download",
    ]
)
_PYTHON = pattern(r"(?:.*/)?python[\d.]*(?:\.exe)?|\{.*executable.*\}|\{?\$?PYTHON\}?|py")
_PIP = pattern(r"(?:.*/)?pip[\d.]*(?:\.exe)?")


class Install:
    """A command that installs packages.

    Attributes:
        tool: PIP, CONDA or SYSTEM.
        program: as written: ``pip3``, ``mamba``, ``apt-get``...
        requirements: what is asked for by name; not local folders and not what files list.
        unknown: something in it is only known when it runs.
        files: requirement and environment files that it reads.
        locked: a constraints file, hashes or the like say the exact versions.
        interpreter: the interpreter's own pip: ``python -m pip``, ``{sys.executable} -m pip``, "" for plain pip.
        removes: it uninstalls.
    """

    __slots__ = ("command", "files", "interpreter", "locked", "program", "removes", "requirements", "tool", "unknown")

    def __init__(self, command: Command, tool: str, program: str, interpreter: str = "") -> None:
        self.command = command
        self.tool = tool
        self.program = program
        self.interpreter = interpreter
        self.requirements: list[Requirement] = []
        self.files: list[str] = []
        self.unknown = False
        self.locked = False
        self.removes = False


def install_of(command: Command) -> Install | None:
    """Give what a command installs; None where it installs nothing."""
    words = list(command.words)
    while words and (words[0] in _PREFIXES or re.fullmatch(r"[A-Z_]\w*=\S*", words[0])):
        del words[0]
    found = _program(command, words)
    if found is None:
        return None
    install, at = found
    words = [word for word in words[at:] if word]
    verb = next((word for word in words if not word.startswith("-")), "")
    if verb in ("uninstall", "remove", "purge") and install.tool is not SYSTEM:
        install.removes = True
        return install
    if verb not in ("install", "add") and not (verb in ("create", "update", "upgrade") and install.tool is CONDA):
        return None
    rest = words[words.index(verb) + 1 :]
    options = words[: words.index(verb)]
    (_read_pip if install.tool is PIP else _read_others)(install, [*options, *rest])
    return install


def _program(command: Command, words: list[str]) -> tuple[Install, int] | None:
    """Give the installing program that a command starts, and where its own words begin."""
    if not words:
        return None
    first = words[0]
    if _PIP.fullmatch(first):
        return Install(command, PIP, first), 1
    if first in _CONDAS:
        return Install(command, CONDA, first), 1
    if first in _SYSTEMS:
        return Install(command, SYSTEM, first), 1
    if first == "uv" and words[1:2] == ["pip"]:
        return Install(command, PIP, "uv pip"), 2
    if _PYTHON.fullmatch(first) and "-m" in words[1:4]:
        at = words.index("-m") + 1
        if words[at : at + 1] == ["pip"]:
            return Install(command, PIP, "pip", " ".join(words[: at - 1])), at + 1
    return None


def _read_pip(install: Install, words: list[str]) -> None:
    pending = iter(words)
    for word in pending:
        option, equals, value = word.partition("=")
        if word in ("-e", "--editable") or option == "--editable":
            _add(install, value if equals else next(pending, ""))
        elif option in ("-r", "--requirement", "--requirements"):
            install.files.append(value if equals else next(pending, ""))
        elif word.startswith("-r") and not word.startswith("--"):
            install.files.append(word[2:])
        elif option in ("-c", "--constraint", "--require-hashes"):
            install.locked = True
            if not equals and option != "--require-hashes":
                next(pending, "")
        elif word.startswith("-"):
            if word in _VALUED:
                next(pending, "")
        else:
            _add(install, word)


def _add(install: Install, word: str) -> None:
    """Note one argument: a requirement, an address, or a local folder or file, which says what it is itself."""
    if re.search(r"\$\{?\w|\{[^}]*\}|^%|`", word):
        install.unknown = True
        return
    if "://" in word or word.startswith("git+"):
        if "@" in word and (requirement := parse_requirement(word)) is not None:
            install.requirements.append(requirement)
            return
        egg = re.search(r"egg=([\w.-]+)", word)
        name = egg[1] if egg else re.sub(r"(?:\.git)?(?:@.*)?$", "", word.partition("#")[0].rpartition("/")[2])
        name = re.split(r"-\d|\.(?:whl|zip|tar)", name)[0]
        install.requirements.append(Requirement(normalized(name), word, exact=is_pinned_address(word), bounded=False))
    elif not (
        word.startswith((".", "/", "~")) or "/" in word or "\\" in word or word.endswith((".whl", ".gz", ".zip"))
    ):
        requirement = parse_requirement(word)
        if requirement is not None:
            install.requirements.append(requirement)


def _read_others(install: Install, words: list[str]) -> None:
    """Read the arguments of conda (``name=1.2``, ``channel::name``) and of system package managers (``name=1.2``)."""
    pending = iter(words)
    for word in pending:
        option, equals, value = word.partition("=")
        if option in ("--file", "-f") and install.tool is CONDA:
            install.files.append(value if equals else next(pending, ""))
        elif word.startswith("-"):
            if word in _VALUED or (word == "-c" and install.tool is CONDA):
                next(pending, "")
        elif re.search(r"[$`{}]", word):
            install.unknown = True
        elif word == "env":
            continue
        elif not word.startswith((".", "/")) and "://" not in word:
            name = re.split(r"[=<>!~\s\[]", word.rpartition("::")[2])[0]
            exact = bool(re.search(r"[^<>!~]=\s*\d", word))
            install.requirements.append(
                Requirement(normalized(name), word, exact=exact, bounded="<" in word or "~" in word)
            )


def installs(commands: list[Command]) -> list[Install]:
    """Give what the commands of a notebook install, in their order."""
    return [install for command in commands if (install := install_of(command)) is not None]
