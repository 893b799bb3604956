"""The options of ``check``, declared once for click and for `quick`, which does without it."""

from __future__ import annotations

from nbpipe.config import KEYS


class Option:
    """One command-line option.

    Attributes:
        name: the configuration key it sets, or its own.
        flags: how it is written.
        metavar: what stands for its value in the help; "" for an option without one.
        multiple: whether it may be given several times.
        is_key: whether it sets a configuration key.
    """

    __slots__ = ("flags", "help", "is_key", "metavar", "multiple", "name")

    def __init__(  # noqa: PLR0913 - what an option is
        self, name: str, flags: tuple[str, ...], text: str, *, metavar: str = "", multiple: bool = False, is_key: bool
    ) -> None:
        self.name = name
        self.flags = flags
        self.help = text
        self.metavar = metavar
        self.multiple = multiple
        self.is_key = is_key


QUIET = Option("quiet", ("-q", "--quiet"), "Write results and errors only.", is_key=False)
DEBUG = Option("debug", ("--debug",), "Show the traceback of an error.", is_key=False)

# Options that have a short form.
_FLAGS = {"jobs": ("-j", "--jobs")}

# Flags that set a configuration key, with what they set it to.
SWITCHES = {
    "force-exclude": ("force-exclude", "true"),
    "no-respect-gitignore": ("respect-gitignore", "false"),
    "preview": ("preview", "true"),
}

CHECK: tuple[Option, ...] = (
    *(
        Option(
            key.name,
            _FLAGS.get(key.name, (f"--{key.name}",)),
            key.help,
            metavar=key.kind.metavar,
            multiple=key.kind.multiple,
            is_key=True,
        )
        for key in KEYS.values()
        if key.option
    ),
    Option(
        "preview", ("--preview",), "Also check rules that are not yet stable, where they are selected.", is_key=False
    ),
    Option("watch", ("--watch",), "Check again whenever a notebook or the configuration changes.", is_key=False),
    Option("show-settings", ("--show-settings",), "Write which settings are in force, and stop.", is_key=False),
    Option(
        "since",
        ("--since",),
        "Report only what came with changes since a git revision; with ... at its end (as in main...), since the "
        "present one branched off.",
        metavar="REF",
        is_key=False,
    ),
    Option(
        "force-exclude",
        ("--force-exclude",),
        "Leave out what --exclude names even where it is given: for hooks, which name all files.",
        is_key=False,
    ),
    Option("no-respect-gitignore", ("--no-respect-gitignore",), "Also check notebooks that git ignores.", is_key=False),
    Option("no-cache", ("--no-cache",), "Check all notebooks anew, and keep no results.", is_key=False),
    Option(
        "output-file",
        ("--output-file",),
        "Write the report to a file; standard output has the counts only. With a format before it, as in "
        "sarif=nbpipe.sarif, that report is written besides the one on standard output. May be given several times.",
        metavar="[FORMAT=]FILE",
        multiple=True,
        is_key=False,
    ),
    Option("statistics", ("--statistics",), "Write counts by rule in place of the findings.", is_key=False),
    Option("show-files", ("--show-files",), "Write which notebooks would be checked, and stop.", is_key=False),
    Option(
        "write-baseline",
        ("--write-baseline",),
        "Report nothing; write the findings to a file for --baseline.",
        metavar="FILE",
        is_key=False,
    ),
    Option(
        "add-ignores",
        ("--add-ignores",),
        "Report nothing; silence the findings by comments and tags in the notebooks.",
        is_key=False,
    ),
    Option("fix", ("--fix",), "Make the safe fixes and report what is left.", is_key=False),
    Option(
        "unsafe-fixes",
        ("--unsafe-fixes",),
        "With --fix or --diff: make fixes, too, that may change what the notebook does.",
        is_key=False,
    ),
    Option("diff", ("--diff",), "Show by cell what --fix would change, and write nothing.", is_key=False),
    Option(
        "exit-non-zero-on-fix",
        ("--exit-non-zero-on-fix",),
        "With --fix: exit with 1 when something was fixed, even if nothing is left.",
        is_key=False,
    ),
    Option("exit-zero", ("--exit-zero",), "Exit with 0 whatever is found.", is_key=False),
    Option(
        "stdin-filename",
        ("--stdin-filename",),
        "What the notebook on standard input (PATH -) is called.",
        metavar="PATH",
        is_key=False,
    ),
)
