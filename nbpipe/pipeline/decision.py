"""Whether a step must run, and why: asked before it does, and by a dry run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.errors import PipelineError
from nbpipe.pipeline.cache import Cache, ingredients, key_of, why_not_kept
from nbpipe.pipeline.code import CodeReader
from nbpipe.pipeline.conditions import World
from nbpipe.pipeline.hashes import FileHashes
from nbpipe.pipeline.history import History, Last, Uses, explain
from nbpipe.pipeline.libraries import read_libraries
from nbpipe.pipeline.process import interpreter, read_answer
from nbpipe.runtime.parameters import encode
from nbpipe.runtime.store import Artifact, Store, StoreFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.pipeline.code import StepCode
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project


class Decision(NamedTuple):
    """What was decided on a step.

    Attributes:
        key: of the first level of the cache.
        ingredients: what the key is made of.
        answer: of an earlier run, where it holds; else None, and the step must run.
        why: in words.
    """

    key: str
    ingredients: Mapping[str, str]
    answer: dict[str, Any] | None
    why: str


@dataclass(slots=True)
class Decider:
    """Knows what steps consist of and what they did before.

    Attributes:
        project: the pipeline and where it lies.
        parameters: encoded values by name.
        python: the interpreter that steps run in; None for this one.
        uses_cache: whether results of earlier runs may be used.
        resumed: folders of runs whose finished steps are not run again, even if they are not to be used otherwise.
        earlier: folders of runs to look into for steps that may not run.
        hash_seed: see `nbpipe.pipeline.process.seed_of_hashes`.
    """

    project: Project
    parameters: Mapping[str, Any]
    python: str | None = None
    uses_cache: bool = True
    resumed: tuple[Path, ...] = ()
    earlier: tuple[Path, ...] = ()
    hash_seed: str = "0"
    world: World = field(init=False)
    cache: Cache = field(init=False)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        kept = self.project.kept
        libraries = read_libraries(interpreter(self.python), kept)
        hashes = FileHashes(kept / "files.json")
        self.world = World(self.project.folder, hashes, CodeReader(self.project.folder), libraries)
        self.cache = Cache(Store(self.project.store), self.world)
        self.history = History(kept / "steps")

    def code(self, step: Step) -> StepCode:
        """Give the code of a step."""
        return self.world.code.of(step.function)

    def known_uses(self) -> dict[str, Uses]:
        """Give what each step was seen to use, where its code is still the same."""
        found = {}
        for step in self.project.pipeline.steps:
            last = self.history.last(step.name)
            if last is not None and last.code == self.code(step).digest:
                found[step.name] = last.uses
        return found

    def decide(
        self,
        step: Step,
        inputs: Mapping[str, Artifact],
        generators: dict[str, Any] | None,
        *,
        reuse: bool = True,
        any_run: bool = False,
    ) -> Decision:
        """Decide on a step whose inputs are there.

        Args:
            step: the step.
            inputs: name to artifact.
            generators: states that it would start from.
            reuse: whether it may be taken from anywhere.
            any_run: whether the result of any recent run will do, as it must not run itself.
        """
        parameters = {name: self.parameters[name] for name in step.parameters}
        parts = ingredients(step, self.code(step), self.world, parameters, inputs)
        parts["seed of hashes"] = self.hash_seed
        key = key_of(parts)
        for folder in (self.earlier if any_run else self.resumed) if reuse else ():
            answer = self._of_run(folder, step, key, generators)
            if answer is not None:
                return Decision(key, parts, answer, f"it has finished in run {folder.name}")
        if not reuse or step.cache is False or not (self.uses_cache or any_run):
            why = "the step says cache=False" if step.cache is False else "results of earlier runs are not used"
            return Decision(key, parts, None, why)
        try:
            found = self.cache.find(key, generators)
        except StoreFault as error:
            return Decision(key, parts, None, str(error))
        return Decision(key, parts, found.answer, found.why if found.answer else self._why(step, parts, found.why))

    def _why(self, step: Step, parts: Mapping[str, str], found: str) -> str:
        last = self.history.last(step.name)
        if last is None:
            return "it has not run before"
        not_kept = f"its result is not kept: {last.why_not_kept}" if last.why_not_kept else ""
        return explain(last, parts) or not_kept or found

    def _of_run(self, folder: Path, step: Step, key: str, generators: dict[str, Any] | None) -> dict[str, Any] | None:
        """Give the answer of a step in an earlier run, where it finished there and all that it met still is so."""
        answer = read_answer(folder / f"{step.name}.json")
        if answer is None or answer.get("status") != "ok" or answer.get("key") != key:
            return None
        if not all(self.cache.store.has(artifact["key"]) for artifact in answer["outputs"].values()):
            return None
        if "modules" in answer:  # it ran there
            conditions = self.world.conditions(answer, frozenset(self.code(step).files))
            if generators is None:
                conditions["generators"] = {}
            if self.world.unmet(conditions, generators):
                return None
        return answer

    def forget(self, decision: Decision, damaged: str) -> None:
        """Forget an artifact that is damaged, and the results of the step that gave it, as far as the store lets us."""
        with suppress(StoreFault, OSError):
            self.cache.store.remove(damaged)
            self.cache.forget(decision.key)

    def keep(self, run: str, step: Step, decision: Decision, answer: dict[str, Any], log: Path) -> str:
        """Keep the result of a step that ran, if it may be used again; say why not, or "".

        Raises:
            StoreFault: the store cannot be written.
        """
        why = why_not_kept(step, self.code(step), answer)
        uses = Uses.of(answer)
        self.history.keep(step.name, Last(self.code(step).digest, decision.ingredients, uses, why))
        if not why:
            self.cache.keep(decision.key, run, step, self.code(step), answer, log)
        return why


def encoded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give parameters as JSON.

    Raises:
        PipelineError: one is of a type that a parameter cannot have.
    """
    found = {}
    for name, value in values.items():
        try:
            found[name] = encode(value)
        except TypeError as error:
            raise PipelineError(f"parameter '{name}': {error}") from None
    return found
