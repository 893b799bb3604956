"""What nbpipe can be told: each key with its type, default and help."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH109

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from nbpipe.config.kinds import LEVELS, Count, LevelsTable, Number, Switch, Text, Texts, TextsTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.config.kinds import Kind

T = TypeVar("T")


class Key(Generic[T]):
    """One setting, declared as an attribute of `Settings`, whose instances give its value.

    Attributes:
        name: as written in files (``fail-on``).
        option: whether `nbpipe check` has a command-line option for it.
    """

    def __init__(self, kind: Kind[T], default: T, text: str, *, option: bool = True) -> None:
        self.kind = kind
        self.default = default
        self.help = text
        self.option = option
        self.name = ""

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.name = attribute.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "NBPIPE_" + self.name.replace("-", "_").upper()

    @overload
    def __get__(self, instance: None, owner: type) -> Key[T]: ...
    @overload
    def __get__(self, instance: Settings, owner: type) -> T: ...
    def __get__(self, instance: Settings | None, owner: type) -> Key[T] | T:
        if instance is None:
            return self
        value: T = instance.values.get(self.name, self.default)
        return value


class Settings:
    """The settings in force.

    Attributes:
        values: key name to value, for those that are not at their default.
        origins: key name to where that value comes from, in words.
        root: the folder that patterns are relative to: that of the configuration file, else the current one.
        file: path of the configuration file, "" where there is none.
    """

    __slots__ = ("file", "origins", "root", "values")

    select = Key(Texts("RULE"), (), "Rules to check: codes, names, prefixes or families. Empty: those on by default.")
    ignore = Key(Texts("RULE"), (), "Rules not to check. The more specific of select and ignore wins.")
    extend_select = Key(Texts("RULE"), (), "Rules to check besides the selected ones.")
    preview = Key(
        Switch(),
        default=False,
        text="Whether rules that are not yet stable are checked; else only where their code or name is selected.",
        option=False,
    )
    per_file_ignores = Key(TextsTable("GLOB=RULE"), {}, "Rules not to check in files that match a pattern.")
    severity = Key(LevelsTable("RULE=LEVEL"), {}, "The severity of a rule's certain findings.")
    fail_on = Key(Text(*LEVELS), "warning", "The lowest severity that makes `check` exit with 1.")
    exclude = Key(
        Texts("GLOB"),
        ("__pypackages__", "_build", "build", "dist", "mlartifacts", "mlruns", "node_modules", "site-packages", "venv"),
        "Folders and files to leave out when folders are searched: names, or paths from the configuration's folder. "
        "Hidden folders are never searched.",
    )
    force_exclude = Key(
        Switch(), default=False, text="Whether what `exclude` names is left out where it is given, too.", option=False
    )
    respect_gitignore = Key(
        Switch(), default=True, text="Whether what git ignores is left out when folders are searched.", option=False
    )
    text_notebooks = Key(
        Texts("GLOB"),
        (),
        "Scripts and Markdown files (.py, .md, .Rmd, .qmd) to check as notebooks when folders are searched, where they "
        "have a notebook's header or cell markers. Files that are named are always checked.",
        option=False,
    )
    python_magics = Key(Texts("NAME"), (), "Cell magics of your own whose body is Python.", option=False)
    opaque_magics = Key(Texts("NAME"), (), "Magics of your own that may define or change any name.", option=False)
    library_knowledge = Key(
        Texts("FILE"),
        (),
        "Files that say what libraries of your own do, relative to the configuration's folder.",
        option=False,
    )
    library_versions = Key(
        Texts("REQUIREMENT"), (), 'Versions of libraries that notebooks run with: "pandas==2.2".', option=False
    )
    jobs = Key(Count(), 0, "How many processes check notebooks; 0: one a core, where there are many notebooks.")
    cache_dir = Key(
        Text(), ".nbpipe_cache", "The folder that keeps results between runs, from the configuration's folder."
    )
    baseline = Key(Text(metavar="FILE"), "", "File of findings that were there before, which are not reported.")
    large_output_bytes = Key(
        Count(), 1_000_000, "Bytes in the file from which large-output reports a cell's stored outputs.", option=False
    )
    long_cell_lines = Key(
        Count(),
        50,
        "Lines of code, without blank ones, that a cell may have before long-cell reports it.",
        option=False,
    )
    long_notebook_cells = Key(
        Count(), 100, "Cells that a notebook may have before long-notebook reports it.", option=False
    )
    hyperparameters_per_call = Key(
        Count(),
        3,
        "Hyperparameters that a call must be given before hardcoded-hyperparameter reports it in a notebook without a "
        "parameters cell.",
        option=False,
    )
    undocumented_cells = Key(
        Count(), 10, "Code cells in a row, without text, before undocumented-section reports them.", option=False
    )
    long_comment_lines = Key(Count(), 6, "Lines that a comment may have before long-comment reports it.", option=False)
    verify_rtol = Key(Number(), 1e-05, "Relative tolerance of numbers when notebooks are verified.", option=False)
    verify_atol = Key(Number(), 1e-12, "Absolute tolerance of numbers when notebooks are verified.", option=False)
    verify_image_threshold = Key(
        Number(),
        0.1,
        "How much a picture may differ when notebooks are verified: share of the range of a colour, smoothed.",
        option=False,
    )
    verify_no_normalize = Key(
        Texts("NAME"),
        (),
        "What may not be looked past when notebooks are verified: names of normalisers, or all.",
        option=False,
    )
    step_retries = Key(
        Count(), 0, "How often a step of a pipeline that fails is run again, where it does not say.", option=False
    )
    step_retry_delay = Key(Number(), 1.0, "Seconds to wait before that; doubled for each further time.", option=False)
    step_timeout = Key(
        Number(), 0.0, "Seconds that a step of a pipeline may take, where it does not say; 0: any.", option=False
    )
    step_memory = Key(
        Text(metavar="SIZE"),
        "",
        'Memory that a step of a pipeline may take, where it does not say, such as "2GB"; empty: any.',
        option=False,
    )
    output_format = Key(Text(), "full", "How findings are written.")

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        origins: Mapping[str, str] | None = None,
        *,
        root: str = "",
        file: str = "",
    ) -> None:
        self.values = dict(values or {})
        self.origins = dict(origins or {})
        self.root = root or os.getcwd()
        self.file = file

    def origin(self, name: str) -> str:
        """Give where the value of the key called `name` comes from, in words."""
        return self.origins.get(name, "default")


KEYS: dict[str, Key[Any]] = {key.name: key for key in vars(Settings).values() if isinstance(key, Key)}
