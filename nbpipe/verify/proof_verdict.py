"""What a proof says: of each output of each step, and of the pipeline as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConversionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.runtime.showing import Sides
    from nbpipe.verify.cause import Cause


class Verdict(Enum):
    """How an output of the pipeline compares with the notebook's value."""

    EQUAL = "equal"
    CLOSE = "close"
    DIFFERENT = "different"
    SAMPLED = "only sampled"
    NOT_COMPARABLE = "not comparable"
    NON_DETERMINISTIC = "non-deterministic"
    NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class OutputVerdict:
    """One output of one step.

    Attributes:
        difference: the largest absolute difference of two numbers, where there is one.
        where: the part that differs (or differs most).
        reason: in words.
        allowed: somebody said that this output need not be equal.
        cause: what likely made it so, of one that stands against the proof.
        sides: both values as far as they differ, for people; None where they cannot be shown.
        traceback: of the step, where it failed.
    """

    step: str
    name: str
    verdict: Verdict
    difference: float = 0.0
    where: str = ""
    reason: str = ""
    allowed: bool = False
    cause: Cause | None = None
    sides: Sides | None = None
    traceback: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it does not stand against the proof."""
        return self.allowed or self.verdict in (Verdict.EQUAL, Verdict.CLOSE)

    def __str__(self) -> str:
        """Give the step, the name, and what is the matter."""
        place = f"{self.step}.{self.name}{self.where}"
        amount = f" by up to {self.difference:.3g}" if 0 < self.difference < math.inf else ""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{place}: {self.verdict.value}{amount}{reason}"

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values; an infinite difference is null."""
        sides = self.sides
        return {
            "step": self.step,
            "name": self.name,
            "verdict": self.verdict.value,
            "difference": self.difference if math.isfinite(self.difference) else None,
            "where": self.where,
            "reason": self.reason,
            "allowed": self.allowed,
            "cause": self.cause and self.cause.as_json(),
            "shown": sides and {"type": sides.mime, "note": sides.note, "notebook": sides.b, "pipeline": sides.a},
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """All outputs of all steps, in order.

    Attributes:
        run: id of the pipeline's run.
        silent: steps that give nothing, as they only print or draw: the proof says nothing of them.
        notebook, pipeline: what was compared, as shown.
        left_out: results of the notebook (``step.name``) that the pipeline does not give, with the reason.
    """

    outputs: tuple[OutputVerdict, ...]
    run: str = ""
    silent: tuple[str, ...] = ()
    notebook: str = ""
    pipeline: str = ""
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether there is something to compare, and all of it is equal, close within the tolerance, or allowed."""
        return bool(self.outputs) and all(output.is_good for output in self.outputs)

    @property
    def headline(self) -> str:
        """The result in one line: ``12 of 12 step outputs equal``."""
        if not self.outputs:
            return "0 step outputs to compare: nothing is proved"
        equal = sum(output.verdict is Verdict.EQUAL for output in self.outputs)
        parts = [f"{equal} of {len(self.outputs)} step outputs equal"]
        for verdict in Verdict:
            found = [output for output in self.outputs if output.verdict is verdict is not Verdict.EQUAL]
            allowed = sum(output.allowed for output in found)
            if found:
                told = "" if not allowed else " (allowed)" if allowed == len(found) else f" ({allowed} allowed)"
                parts.append(f"{len(found)} {verdict.value}{told}")
        said = ", ".join(parts)
        said += f"; nothing to compare in {', '.join(self.silent)}" if self.silent else ""
        return f"{said}; not compared: {', '.join(self.left_out)}" if self.left_out else said

    @property
    def first_divergence(self) -> OutputVerdict | None:
        """The first output, in the order of the steps, that stands against the proof."""
        return next((output for output in self.outputs if not output.is_good), None)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values, with the version of this layout."""
        return {
            "version": 1,
            "notebook": self.notebook,
            "pipeline": self.pipeline,
            "good": self.is_good,
            "headline": self.headline,
            "run": self.run,
            "silent": list(self.silent),
            "left_out": dict(self.left_out),
            "first_divergence": (first := self.first_divergence) and f"{first.step}.{first.name}",
            "outputs": [output.as_json() for output in self.outputs],
        }


class ProofFailedError(ConversionError):
    """A pipeline that was made does not compute what its notebook computes.

    Attributes:
        proof: that shows it.
    """

    def __init__(self, message: str, proof: Proof) -> None:
        super().__init__(message)
        self.proof = proof
