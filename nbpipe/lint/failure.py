"""What reports say of nbpipe's own errors."""

from __future__ import annotations


class RuleFailure:
    """A rule that raised: an error of nbpipe, not of the notebook.

    Attributes:
        rule: code and name.
        error: what it raised, with its traceback.
    """

    __slots__ = ("error", "path", "rule")

    def __init__(self, rule: str, path: str, error: Exception) -> None:
        self.rule = rule
        self.path = path
        self.error = error

    def __str__(self) -> str:
        problem = f"{type(self.error).__name__}: {self.error}".replace("\n", " ")
        return f"internal error: rule {self.rule} failed on {self.path}: {problem} ({_place(self.error)})"


def _place(error: Exception) -> str:
    """Give the file and line that raised."""
    traceback = error.__traceback__
    if traceback is None:
        return "at an unknown place"
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"
