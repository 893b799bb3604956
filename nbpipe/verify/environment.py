"""In which environment the stored outputs were made, as far as the notebook records it, and in which it runs now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.notebook import Notebook
    from nbpipe.verify.fresh import Fresh

_SHOWN = 3


class Drift:
    """How the environment of a run compares with the recorded one.

    Attributes:
        note: what differs, in words; "" where nothing that is recorded does.
        same: whether Python and the packages that the notebook imports are recorded, and the same.
    """

    __slots__ = ("note", "same")

    def __init__(self, note: str, *, same: bool) -> None:
        self.note = note
        self.same = same


def drift(stored: Notebook, fresh: Fresh) -> Drift:
    """Compare the recorded environment with that of a run."""
    versions = [language_version(notebook) for notebook in (stored, fresh.notebook)]
    note = f"stored with {versions[0]}, run with {versions[1]}" if all(versions) and versions[0] != versions[1] else ""
    recorded = _recorded(stored)
    if recorded is None or not fresh.kernel:
        return Drift(note, same=False)
    packages = fresh.kernel.get("packages", {})
    changed = [
        f"{name} {version} then, {packages.get(name, 'none')} now"
        for name, version in sorted(recorded.items())
        if packages.get(name) != version
    ]
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    told = ", ".join(changed[:_SHOWN]) + more
    return Drift("; ".join(filter(None, (note, told))), same=not note and not changed)


def language_version(notebook: Notebook) -> str:
    """Give the language and its version that the notebook was run with, "" where it does not say."""
    info = notebook.metadata.get("language_info")
    version = info.get("version") if isinstance(info, dict) else None
    return f"{notebook.language.capitalize()} {version}" if version else ""


def record_of(fresh: Fresh, modules: Iterable[str]) -> dict[str, Any] | None:
    """Give what to record about a run's environment: the versions of what the notebook imports; None if not known.

    A module's package is the one of its name, or the well-known one of another name.
    """
    if not fresh.kernel:
        return None
    packages = fresh.kernel["packages"]
    names = [_OTHER_NAMES.get(module, module.replace("_", "-").lower()) for module in modules]
    return {"packages": {name: packages[name] for name in sorted(names) if name in packages}}


# Modules whose package is called otherwise; others that are not found are left out of the record.
_OTHER_NAMES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
}


def _recorded(stored: Notebook) -> dict[str, str] | None:
    own = stored.metadata.get("nbpipe")
    environment = own.get("environment") if isinstance(own, dict) else None
    packages = environment.get("packages") if isinstance(environment, dict) else None
    if not isinstance(packages, dict):
        return None
    return {str(name): str(version) for name, version in packages.items()}
