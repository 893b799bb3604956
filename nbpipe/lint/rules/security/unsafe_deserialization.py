"""NB603."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.origins import Origin, Origins
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

# Callables that run what the data says, and what to use instead.
PICKLES = "use a format that only holds data (Parquet, JSON, safetensors), or check what it is before"
LOADERS = {
    **dict.fromkeys(
        ("pickle.load", "pickle.loads", "_pickle.load", "_pickle.loads", "cPickle.load", "cPickle.loads", "dill.load",
         "dill.loads", "cloudpickle.load", "cloudpickle.loads", "joblib.load", "pandas.read_pickle",
         "sklearn.externals.joblib.load", "numpy.load", "torch.load"),
        PICKLES,
    ),
    **dict.fromkeys(("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load"), "use yaml.safe_load"),
}  # fmt: skip
SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader", "CBaseLoader")
# What fetches from the network or is given by whoever runs or calls: the last parts of names.
FETCHING = pattern(
    r"(?:^|\.)(?:requests\.(?:Session\(\)\.)?(?:get|post|request)|urlopen|urlretrieve|wget\.download|gdown\.download"
    r"|gdown\.cached_download|httpx\.(?:get|post)|hf_hub_download|cached_download|files\.upload|download_url|get_file"
    r"|cached_path|load_state_dict_from_url|download_url_to_file)$"
)
ASKING = frozenset(["input", "raw_input"])
SAVING = pattern(r"(?:^|\.)(?:urlretrieve|wget\.download|gdown\.download|download_url|download_url_to_file)$")
# A bucket that says that it is everybody's; of others nobody knows whose they are.
PUBLIC_BUCKET = pattern(r"(?i)public|sample|example|open-?data")
# Before 2.6, `torch.load` ran code in what it loaded unless told not to.
OLD_TORCH = pattern(r"\btorch\s*(?:==|~=|<=?)\s*(?:[01]\.|2\.[0-5]\b)")
PICKLED = (".pkl", ".pickle")
URL = pattern(r"(?:https?|ftp)://")


class UnsafeDeserialization(Rule):
    """Data that came from outside is loaded in a way that runs code in it.

    ## What it does

    Reports `pickle.load`, `joblib.load`, `dill`, `cloudpickle`, `pandas.read_pickle`, `numpy.load` with
    `allow_pickle=True`, `torch.load` with `weights_only=False`, and `yaml.load` without a safe loader, where what they
    are given was fetched from the network, typed in or uploaded: directly, through names, or through a file that the
    notebook downloads, from a public S3 bucket as well. It names the place where the data comes in.

    From PyTorch 2.6 on, `torch.load` loads no code unless told to. Without `weights_only` it is reported only where the
    notebook pins an older version, or the file is a pickle by its name.

    Silent for files of which the notebook does not say where they come from, or which it writes itself: loading what
    one wrote oneself is what these formats are for.

    ## Why is this bad?

    A pickle is a program: whoever can change the data, on the server or on the way, runs what they like with the rights
    of whoever opens the notebook.

    ## Example

    ```python
    # %%
    import pickle
    import requests

    model = pickle.loads(requests.get("https://example.org/model.pkl").content)
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd

    scores = pd.read_parquet("https://example.org/scores.parquet")
    ```
    """

    code = "NB603"
    severity = Severity.WARNING
    triggers = ("pickle", "joblib", "torch.load", "yaml.", "dill", "allow_pickle")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each call."""
        from nbpipe.analysis.origins import Origins

        origins: Origins | None = None
        for site in context.analysis.calls:
            name = next((each for each in site.names if each in LOADERS), None)
            given = _given(site) if name is not None else None
            if name is None or given is None or not _is_unsafe(site.node, name):
                continue
            origins = origins or Origins(context.analysis)
            place = _outside(context, origins, site, given)
            advice = LOADERS[name] if name != "torch.load" else _torch_advice(context, origins, site, given)
            if place is not None and advice:
                yield _report(context, site, name, place, advice)


def _given(site: CallSite) -> ast.expr | None:
    """Give the data or place that is loaded."""
    if site.node.args:
        return site.node.args[0]
    named = ("file", "filename", "f", "data", "filepath_or_buffer", "stream")
    return next((keyword.value for keyword in site.node.keywords if keyword.arg in named), None)


def _is_unsafe(call: ast.Call, name: str) -> bool:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if name == "numpy.load":
        return _constant(keywords.get("allow_pickle")) is True
    if name == "torch.load":
        return _constant(keywords.get("weights_only")) is not True
    if name in ("yaml.load", "yaml.load_all"):
        loader = keywords.get("Loader", call.args[1] if len(call.args) > 1 else None)
        return loader is None or not ast.unparse(loader).endswith(SAFE_LOADERS)
    return True


def _torch_advice(context: Context, origins: Origins, site: CallSite, given: ast.expr) -> str:
    """Say what to use instead of a `torch.load` that runs code; "" for one that loads tensors only."""
    told = any(keyword.arg == "weights_only" and _constant(keyword.value) is False for keyword in site.node.keywords)
    if told or any(OLD_TORCH.search(cell.source) for cell in context.notebook.cells if cell.cell_type == "code"):
        return "pass weights_only=True, or use safetensors"
    named = (_constant(origin.node) for origin in origins.of(given, site.cell, site.home))
    return PICKLES if any(isinstance(name, str) and name.endswith(PICKLED) for name in named) else ""


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _outside(context: Context, origins: Origins, site: CallSite, given: ast.expr) -> tuple[Range, str] | None:
    """Give where the data comes in, and how; None where nothing says that it comes from outside."""
    for origin in origins.of(given, site.cell, site.home):
        node = origin.node
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if URL.match(node.value):
                return context.analysis.range(origin.home, node), f"comes from {node.value.partition('?')[0][:80]}"
            found = _downloaded(context, origins, node.value)
            if found is not None:
                return found, f"comes from a file that the notebook downloads ('{node.value}')"
        elif isinstance(node, ast.Call) and (how := _incoming(context, origin)):
            return context.callee(origin.home, node), how
    return None


def _incoming(context: Context, origin: Origin) -> str:
    """Say how a call brings something in; "" where it does not."""
    call = origin.node
    names = _names(context, call) if isinstance(call, ast.Call) else ()
    if any(FETCHING.search(name) for name in names):
        short = names[0].rpartition(".")[2]
        return f"is fetched by '{short}'" if short != "upload" else "is uploaded by whoever runs the notebook"
    return "is typed in by whoever runs the notebook" if ASKING.intersection(names) else ""


def _names(context: Context, call: ast.Call) -> tuple[str, ...]:
    """Give the qualified names of what a call may call, and how it is written."""
    site = context.analysis.top_down.calls.get(id(call))
    return (*(site.names if site is not None else ()), ast.unparse(call.func))


def _from_public_bucket(origins: Origins, site: CallSite) -> bool:
    """Tell whether a call downloads from a bucket of S3 that says that it is public."""
    if not (isinstance(site.node.func, ast.Attribute) and site.node.func.attr in ("download_file", "download_fileobj")):
        return False
    bucket = next((each.value for each in site.node.keywords if each.arg == "Bucket"), None)
    bucket = site.node.args[0] if bucket is None and site.node.args else bucket
    parts = origins.of(bucket, site.cell, site.home) if bucket is not None else ()
    return any(isinstance(text := _constant(part.node), str) and PUBLIC_BUCKET.search(text) for part in parts)


def _downloaded(context: Context, origins: Origins, path: str) -> Range | None:
    """Give where the notebook downloads the file that is then loaded by this path."""
    base = path.rpartition("/")[2]
    if len(base) < len("x.y") or "." not in base:
        return None
    for site in context.analysis.calls:
        if any(SAVING.search(name) for name in site.names) or _from_public_bucket(origins, site):
            for node in (*site.node.args[1:], *(keyword.value for keyword in site.node.keywords)):
                if isinstance(node, ast.Constant) and node.value == path:
                    return context.callee(site.home, site.node)
    for command in context.analysis.commands:
        if command.words[0].rpartition("/")[2] in ("wget", "curl", "gdown", "aria2c"):
            named = any(word in (path, base, f"-O{path}") for word in command.words[1:])
            if named or any(URL.match(word) and word.rpartition("/")[2] == base for word in command.words[1:]):
                return command.range
    return None


def _report(context: Context, site: CallSite, name: str, came: tuple[Range, str], advice: str) -> Diagnostic:
    place, how = came
    short = name if name.count(".") == 1 else name.rpartition(".")[2]
    where = context.callee(site.home, site.node)
    related = (Related(place, "it comes in here"),) if place != where else ()
    return context.diagnostic(where, f"'{short}' runs code in what it loads, which {how}; {advice}", related=related)
