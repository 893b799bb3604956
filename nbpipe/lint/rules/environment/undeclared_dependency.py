"""NB403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.environment.imports import Imported
    from nbpipe.environment.project import Project
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# There wherever a notebook runs, or only where its platform is.
GIVEN = frozenset(
    """IPython ipykernel jupyter_client jupyter_core traitlets pip setuptools pkg_resources wheel google.colab colab
    kaggle_secrets kaggle_datasets dbruntime js pyodide pyodide_js micropip piplite pyspark.dbutils notebookutils
    mssparkutils awsglue""".split()
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

    Silent where the project has no dependency file or one that computes what it declares, for the standard library,
    for modules that lie beside the notebook or in the project, for packages that the notebook installs itself, for
    imports under a condition or in a `try` that expects them to fail, and for what a platform provides (IPython,
    `google.colab`).

    ## Why is this bad?

    Whoever sets up the project as its files say, a colleague or a scheduled run, gets an ImportError; or, where the
    package comes along with another, loses it, or gets another version of it, when that one changes.

    ## Example

    A file `requirements.txt` beside the notebook:

    ```text requirements.txt
    pandas==2.2.3
    ```

    ```python
    # %%
    import pandas as pd
    import sklearn.linear_model
    ```

    ## Use instead

    ```text requirements.txt
    pandas==2.2.3
    scikit-learn==1.5.2
    ```

    ```python
    # %%
    import pandas as pd
    import sklearn.linear_model
    ```
    """

    code = "NB403"
    severity = Severity.WARNING
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
        seen: set[str] = set()
        for item in candidates:
            found = _judge(item, project, installed) if installed is not None else None
            if found is None or found[0] in seen:
                continue
            distribution, message, severity = found
            seen.add(distribution)
            fix = Fix(f"declare '{distribution}' in {project.files[0]}", (), Applicability.DISPLAY_ONLY)
            where = context.analysis.range(item.home, item.node)
            yield context.diagnostic(where, message, severity=severity, fix=fix)


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


def _judge(
    item: Imported, project: Project, installed: frozenset[str]
) -> tuple[str, str, Severity | None] | None:
    """Give the missing distribution, the message and a lower severity where it is only possible; None where it is not."""
    from nbpipe.environment.distributions import brought_by, distributions_of, is_known

    names = distributions_of(item.module)
    top = item.top.replace("_", "-").lower()
    if not (installed | project.declared | project.own).isdisjoint((*names, top)) or project.has_module(item.module):
        return None
    declares = f"{_files(project)} declare{'s' if len(project.files) == 1 else ''}"
    what = f"'{item.top}' is imported, but"
    missing = names[0] if names[0] != top else "it"
    if bringer := brought_by(names[0], project.declared | installed):
        text = f"{what} only comes along with '{bringer}': {_not(declares)} {missing}"
        return names[0], text, Severity.INFO
    if not is_known(item.module):
        if project.has_module_anywhere(item.module):
            return None
        return names[0], f"{what} possibly undeclared: {_not(declares)} a package of that name", Severity.INFO
    return names[0], f"{what} {_not(declares)} {missing}", None


def _files(project: Project) -> str:
    files = project.files[:MOST_FILES]
    if len(project.files) > MOST_FILES:
        return f"no dependency file of the project ({listed(files, 'or')}...)"
    return f"neither {files[0]} nor {files[1]}" if len(files) > 1 else files[0]


def _not(declares: str) -> str:
    """Turn "x declares" into "x does not declare"; "neither" and "no" say it already."""
    if declares.startswith(("neither ", "no ")):
        return declares if declares.endswith("s") else f"{declares}s"
    return declares.removesuffix("declares") + "does not declare"
