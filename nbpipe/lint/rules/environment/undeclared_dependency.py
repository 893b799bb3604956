"""NB403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Fix, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.environment.imports import Imported
    from nbpipe.environment.project import Project
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# There wherever a notebook runs, or only where its platform is.
GIVEN = frozenset(
    [
        "IPython",
        "ipykernel",
        "jupyter_client",
        "jupyter_core",
        "traitlets",
        "pip",
        "setuptools",
        "pkg_resources",
        "wheel",
        "google.colab",
        "colab",
        "kaggle_secrets",
        "kaggle_datasets",
        "dbruntime",
        "js",
        "pyodide",
        "pyodide_js",
        "micropip",
        "piplite",
        "pyspark.dbutils",
        "notebookutils",
        "mssparkutils",
        "awsglue",
    ]
)
MOST_FILES = 2


class UndeclaredDependency(Rule):
    """A package is imported that no dependency file of the project declares.

    ## What it does

    Compares imports with the project's dependency files: requirements files with what they include, pyproject.toml
    (PEP 621 with extras, dependency groups, Poetry, uv, PDM, Hatch, pixi), setup.cfg, setup.py as far as it is literal,
    Pipfile, environment.yml and pixi.toml, in the notebook's folder and all above it up to the top of the repository.
    Module names are mapped to distributions (`sklearn` comes from scikit-learn, `cv2` from one of four), whose names
    are compared as PEP 503 says. One finding for each package.

    It is an info, "possibly", where a declared package is known to bring the missing one along, or where the module may
    be the project's own. Nothing is edited: that is another file's, and the version is for you to choose.

    Silent where the project has no dependency file or one that computes what it declares, where the files lack as many
    of the notebook's imports as they declare (they then serve something else than this notebook), for the standard
    library, for modules that lie beside the notebook or in the project, for packages that the notebook installs itself,
    for imports under a condition or in a `try` that expects them to fail, and for what a platform provides (IPython,
    `google.colab`).

    ## Why is this bad?

    Whoever sets up the project as its files say, a colleague or a scheduled run, gets an ImportError; or, where the
    package comes along with another, loses it, or gets another version of it, when that one changes.

    ## Example

    A file `requirements.txt` beside the notebook:

    ```text requirements.txt
    matplotlib==3.9.2
    pandas==2.2.3
    ```

    ```python
    # %%
    import matplotlib.pyplot as plt
    import pandas as pd
    import sklearn.linear_model
    ```

    ## Use instead

    ```text requirements.txt
    matplotlib==3.9.2
    pandas==2.2.3
    scikit-learn==1.5.2
    ```

    ```python
    # %%
    import matplotlib.pyplot as plt
    import pandas as pd
    import sklearn.linear_model
    ```
    """

    code = "NB403"
    severity = Severity.WARNING
    outside = True
    triggers = ("import ",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each undeclared package."""
        from nbpipe.environment.imports import imports, is_standard
        from nbpipe.environment.project import project_of

        candidates = [
            item
            for item in imports(context.analysis)
            if not (item.optional or item.level or is_standard(item.module) or _is_given(item.module))
        ]
        project = project_of(context.notebook.path, context.settings.root) if candidates else None
        if project is None or not project.files or not project.complete:
            return
        installed = _installed(context, project)
        if installed is None:
            return
        missing: dict[str, Missing] = {}
        declared: set[str] = set()
        for item in candidates:
            found = _judge(item, project, installed)
            if isinstance(found, Missing):
                missing.setdefault(found.distribution, found)
            elif found:
                declared.add(found)
        if len(declared) <= len(missing):
            return  # the files serve something else than this notebook
        for each in missing.values():
            fix = Fix(f"declare '{each.distribution}' in {project.files[0]}", (), Applicability.DISPLAY_ONLY)
            where = context.analysis.range(each.item.home, each.item.node)
            yield context.diagnostic(where, each.message, severity=each.severity, fix=fix)


class Missing:
    """An import whose distribution no file declares.

    Attributes:
        severity: lower than the rule's where it is only possible.
    """

    __slots__ = ("distribution", "item", "message", "severity")

    def __init__(self, item: Imported, distribution: str, message: str, severity: Severity | None = None) -> None:
        self.item = item
        self.distribution = distribution
        self.message = message
        self.severity = severity


def _is_given(module: str) -> bool:
    return module.partition(".")[0] in GIVEN or ".".join(module.split(".")[:2]) in GIVEN


def _installed(context: Context, project: Project) -> frozenset[str] | None:
    """Give the distributions that the notebook installs itself; None where that is only known when it runs."""
    if "install" not in context.notebook.text:
        return frozenset()
    from nbpipe.environment.dependency_files import read_dependency_file
    from nbpipe.environment.installs import installs

    names: set[str] = set()
    for install in installs(context.analysis.commands):
        if install.unknown:
            return None
        names.update(requirement.name for requirement in install.requirements)
        for file in install.files:
            names |= read_dependency_file(f"{project.folders[0]}/{file}").names
    return frozenset(names)


def _judge(item: Imported, project: Project, installed: frozenset[str]) -> Missing | str:
    """Give what is missing, or the declared distribution that brings the import ("" where it needs none)."""
    from nbpipe.environment.distributions import brought_by, distributions_of, is_known

    names = distributions_of(item.module)
    top = item.top.replace("_", "-").lower()
    found = project.declared.intersection((*names, top))
    if found:
        return min(found)
    if not installed.isdisjoint((*names, top)) or brought_by(names[0], installed) or project.has_module(item.module):
        return ""
    declare = _not_declared(project)
    missing = names[0] if names[0] != top else "it"
    if bringer := brought_by(names[0], project.declared):
        text = f"'{item.top}' is imported, but only comes along with '{bringer}': {declare} {missing}"
        return Missing(item, names[0], text, Severity.INFO)
    if is_known(item.module):
        return Missing(item, names[0], f"'{item.top}' is imported, but {declare} {missing}")
    if project.has_module_anywhere(item.module):
        return ""
    text = f"'{item.top}' is imported, but possibly undeclared: {declare} a package of that name"
    return Missing(item, names[0], text, Severity.INFO)


def _not_declared(project: Project) -> str:
    files = project.files[:MOST_FILES]
    if len(project.files) > MOST_FILES:
        return f"no dependency file of the project ({', '.join(files)}...) declares"
    return f"neither {files[0]} nor {files[1]} declares" if len(files) > 1 else f"{files[0]} does not declare"
