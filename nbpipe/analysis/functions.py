"""Functions and classes of the notebook: defining, entering and resuming them."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from nbpipe.analysis.flow import Definition
from nbpipe.analysis.scopes import parameter_names
from nbpipe.analysis.state import RAISED, RUNNING
from nbpipe.analysis.values import NOTHING, Class, Container, Deferred, Function, Instance, Obj, Value, union

if TYPE_CHECKING:
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.scopes import FunctionNode

# Bounds on following calls; beyond them a call is taken as unknown. Real notebooks stay far below.
MAX_DEPTH = 20
# Runs of one function for one cell: what the twentieth call would show, the first nineteen have shown; and the fewer,
# the deeper in a chain of calls, where repeats multiply.
MAX_RUNS = 20
NESTED = 2
MAX_NESTED_RUNS = 4


class Arguments:
    """What a call passes.

    Attributes:
        spread: what ``*args`` and ``**kwargs`` at the call may contain, for parameters not given otherwise.
    """

    __slots__ = ("keywords", "positional", "spread")

    def __init__(
        self, positional: list[Value], keywords: dict[str, Value] | None = None, spread: Value = NOTHING
    ) -> None:
        self.positional = positional
        self.keywords = keywords or {}
        self.spread = spread

    def after(self, receiver: Value) -> Arguments:
        """Give the same arguments behind a first one."""
        return Arguments([receiver, *self.positional], self.keywords, self.spread)

    def all(self) -> Value:
        """Give everything passed."""
        if not self.keywords and not self.spread:
            return self.positional[0] if len(self.positional) == 1 else union(*self.positional)
        return union(*self.positional, *self.keywords.values(), self.spread)

    def active(self) -> bool:
        """Tell whether anything passed may run code of the notebook when it is used or called."""
        for value in self.positional:
            for obj in value:
                if not obj.inert:
                    return True
        for value in self.keywords.values():
            for obj in value:
                if not obj.inert:
                    return True
        return any(not obj.inert for obj in self.spread)


def define(interp: Interpreter, node: FunctionNode) -> Function:
    """Make a function: its defaults are evaluated now, its body when it is called."""
    interp.frame.capture()
    arguments = node.args
    defaults: dict[str, Value] = {}
    positional = [*arguments.posonlyargs, *arguments.args]
    for argument, default in zip(
        positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True
    ):
        defaults[argument.arg] = interp.evaluate(default)
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            defaults[argument.arg] = interp.evaluate(keyword_default)
    assured = frozenset(interp.state.bound_globals() if interp.paths else ())
    function = Function(interp.site(), interp.home, node, interp.frame, defaults, paths=interp.paths, assured=assured)
    interp.functions.setdefault(id(node), function)
    return function


def enter(interp: Interpreter, function: Function, arguments: Arguments) -> Value:
    """Call a function of the notebook: run its body with these arguments, give what it may return."""
    if isinstance(function.node, ast.AsyncFunctionDef):
        interp.entered.add(id(function.node))
        return (Deferred(interp.site(), function, _parameters(interp, function, arguments)),)
    if interp.scope(function.node, function.frame.private).is_generator:
        results: list[Value] = []
        interp.possibly(partial(_collect, interp, results, function, _parameters(interp, function, arguments)))
        return (Container(interp.site(), "generator", {}, union(*results), nonempty=False),)
    if not function.sure:
        results = []
        interp.possibly(partial(_collect, interp, results, function, _parameters(interp, function, arguments)))
        return union(*results)
    return _run(interp, function, _parameters(interp, function, arguments))


def resume(interp: Interpreter, value: Value) -> Value:
    """Await a value: coroutines of the notebook run now."""
    results: list[Value] = []
    for obj in value:
        if isinstance(obj, Deferred):
            if len(value) == 1:
                results.append(_run(interp, obj.function, obj.arguments))
            else:
                interp.possibly(partial(_collect, interp, results, obj.function, obj.arguments))
    return union(*results) if results else interp.thing()


def enter_uncalled(interp: Interpreter, function: Function) -> None:
    """Look into a function that nothing calls, with unknown arguments."""
    interp.cell = interp.home = function.home
    mark = interp.state.mark()
    interp.state.certain = False
    _run(interp, function, _parameters(interp, function, Arguments([])))
    interp.entered.add(id(function.node))
    interp.state.undo(mark)
    interp.state.ended = RUNNING


def escape(interp: Interpreter, value: Value, *, kept: bool = False) -> None:
    """Hand a value to code that cannot be seen: functions in it may be called there; `kept`: perhaps only later."""
    deferred, interp.deferred = interp.deferred, interp.deferred or kept
    watcher = interp.watcher
    returned: list[Value] = [] if watcher is None else watcher.returned
    for obj in value:
        if obj.inert:
            continue
        targets = obj.elements() if isinstance(obj, Container) else (obj,)
        for target in targets:
            function = getattr(target, "function", target)
            if isinstance(function, Function):
                receiver: Value = (target.receiver,) if hasattr(target, "receiver") else NOTHING
                given = Arguments([receiver] if receiver else [])
                if watcher is not None and watcher.handed:
                    given.positional.append(watcher.handed)
                parameters = _parameters(interp, function, given)
                interp.possibly(partial(_collect, interp, returned, function, parameters))
    interp.deferred = deferred


def operate(interp: Interpreter, *values: Value) -> None:
    """Apply an operator: special methods of the notebook's classes may be called by it."""
    for value in values:
        for obj in value:
            if obj.__class__ is Instance and isinstance(obj, Instance):
                for cls, method in _special_methods(interp, obj.cls):
                    if method.node not in interp.stack and cls is not None:
                        given = Arguments([(obj,)])
                        interp.possibly(partial(_run, interp, method, _parameters(interp, method, given)))


_MADE_BY_CALLS = frozenset(["__init__", "__new__", "__call__", "__post_init__", "__init_subclass__", "__set_name__"])


def _special_methods(interp: Interpreter, cls: Class) -> list[tuple[Class, Function]]:
    found: list[tuple[Class, Function]] = []
    for statement in cls.node.body:
        if (
            isinstance(statement, ast.FunctionDef)
            and statement.name.startswith("__")
            and statement.name not in _MADE_BY_CALLS
        ):
            for definition in interp.state.names.get((cls.frame, statement.name), ()):
                found.extend((cls, obj) for obj in definition.value if isinstance(obj, Function))
    return found


def _parameters(interp: Interpreter, function: Function, arguments: Arguments) -> dict[str, Value]:
    """Match arguments to parameters; what is not given and has no default may be anything."""
    declared = function.node.args
    found: dict[str, Value] = {}
    positional = [argument.arg for argument in (*declared.posonlyargs, *declared.args)]
    found.update(zip(positional, arguments.positional, strict=False))
    if declared.vararg:
        more = arguments.positional[len(positional) :]
        items = dict(enumerate(more))
        found[declared.vararg.arg] = (Container(interp.site(), "tuple", items, arguments.spread, nonempty=bool(more)),)
    named = {*positional, *(argument.arg for argument in declared.kwonlyargs)}
    others: dict[str, Value] = {}
    for name, value in arguments.keywords.items():
        (found if name in named else others)[name] = value
    if declared.kwarg:
        found[declared.kwarg.arg] = (
            Container(interp.site(), "dict", dict(others), arguments.spread, nonempty=bool(others)),
        )
    for name in parameter_names(declared):
        if name not in found:
            found[name] = union(function.defaults.get(name, NOTHING), arguments.spread)
    return found


def _run(interp: Interpreter, function: Function, parameters: dict[str, Value]) -> Value:
    """Run a body in a frame of its own and join its exits."""
    node = function.node
    interp.entered.add(id(node))
    place_of_runs = (interp.cell, id(node))
    runs = interp.runs.get(place_of_runs, 0)
    most = MAX_RUNS if len(interp.stack) < NESTED else MAX_NESTED_RUNS
    if node in interp.stack or len(interp.stack) >= MAX_DEPTH or runs >= most:
        return interp.thing()
    interp.runs[place_of_runs] = runs + 1
    state = interp.state
    frame = interp.enter(node, function.frame, function.home)
    saved = (interp.frame, interp.home, interp.loops, state.certain, interp.paths, interp.jumps)
    assured = interp.assured
    if function.assured:
        interp.assured = assured | function.assured
    place = interp.place()
    interp.frame, interp.home, interp.loops = frame, function.home, []
    interp.paths = (*interp.paths, *function.paths)
    interp.stack.append(node)
    for name, value in parameters.items():
        definition = Definition(name, interp.cell, function.home, node, "parameter", value or interp.thing())
        state.set_names(frame.key(name), (definition,))
    if isinstance(node, ast.Lambda):
        frame.returns.append(interp.evaluate(node.body))
    else:
        interp.execute(node.body)
    interp.stack.pop()
    interp.frame, interp.home, interp.loops, certain, interp.paths, interp.jumps = saved
    interp.assured = assured
    interp.back_to(place)
    exits = frame.exits
    if state.ended == RUNNING:
        exits.append(state.delta(frame.mark))
    state.undo(frame.mark)
    state.merge([frame.leave(delta) for delta in exits])
    state.ended = RUNNING if exits else RAISED
    state.certain = certain
    return frame.left()


def _collect(interp: Interpreter, results: list[Value], function: Function, parameters: dict[str, Value]) -> None:
    results.append(_run(interp, function, parameters))


def instantiate(interp: Interpreter, cls: Class, arguments: Arguments) -> Value:
    """Make an object of a notebook's class: its ``__init__`` runs."""
    from nbpipe.analysis.attributes import class_attribute

    instance = Instance(interp.site(), cls)
    for name in ("__init__", "__post_init__"):
        found = class_attribute(interp, cls, name, receiver=instance)
        for method in found or ():
            function: Obj = getattr(method, "function", method)
            if isinstance(function, Function):
                given = arguments if name == "__init__" else Arguments([])
                enter(interp, function, given.after((instance,)))
        if found:
            break
    else:
        escape(interp, arguments.all())
    return (instance,)
