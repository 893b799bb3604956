"""``def`` and ``class``: decorators, annotations and class bodies are run where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.analysis.calls import apply
from nbpipe.analysis.functions import Arguments, define
from nbpipe.analysis.scopes import Scope
from nbpipe.analysis.values import NOTHING, Bound, Class, External, Function, Member, Value

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from nbpipe.analysis.frames import Frame
    from nbpipe.analysis.interpreter import Interpreter

_ROLES = {
    "property": "property",
    "functools.cached_property": "property",
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
}
# Decorators after which a call surely runs the body: by their documentation.
_TRANSPARENT = ("functools.", "contextlib.", "abc.", "typing.", "numba.", "torch.", "tensorflow.", "dataclasses.")


def define_function(interp: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Run a def statement."""
    decorators = [interp.evaluate(decorator) for decorator in node.decorator_list]
    outer = _enter_type_parameters(interp, node)
    function = define(interp, node)
    if not interp.lazy_annotations:
        _evaluate_annotations(interp, node)
    interp.frame = outer
    value = _decorate(interp, (function,), decorators, node.decorator_list)
    interp.bind(node.name, node, "function", value)


def define_class(interp: Interpreter, node: ast.ClassDef) -> None:
    """Run a class statement: its body is executed at once, in a namespace of its own."""
    decorators = [interp.evaluate(decorator) for decorator in node.decorator_list]
    outer = _enter_type_parameters(interp, node)
    bases = tuple(interp.evaluate(base) for base in node.bases)
    for keyword in node.keywords:
        interp.evaluate(keyword.value)
    frame = interp.enter(node, interp.frame, interp.home)
    # What every class body finds in its namespace, and its methods in `__class__` (Python data model, "Creating the
    # class object").
    interp.scope(node, node.name).locals.update(("__module__", "__qualname__", "__class__"))
    interp.frame = frame
    for name in ("__module__", "__qualname__"):
        interp.bind(name, node, "class", NOTHING)
    interp.execute(node.body)
    interp.frame = outer
    cls = Class(interp.site(), interp.home, node, frame, bases)
    interp.bind_key((frame, "__class__"), "__class__", node, "class", (cls,))
    interp.bind(node.name, node, "class", _decorate(interp, (cls,), decorators, node.decorator_list))


def type_alias(interp: Interpreter, node: Any) -> None:
    """Run ``type X = ...``: the value is evaluated only when somebody asks (PEP 695)."""
    interp.bind(node.name.id, node, "assignment", NOTHING)


def _enter_type_parameters(interp: Interpreter, node: Any) -> Frame:
    """Make type parameters visible to annotations, bases and the body (PEP 695); give the frame to go back to."""
    outer = interp.frame
    parameters = getattr(node, "type_params", None)
    if parameters:
        scope = Scope("function")
        scope.locals.update(parameter.name for parameter in parameters)
        interp.frame = interp.open_frame(scope, outer, interp.home, outer.private)
        for parameter in parameters:
            interp.bind(parameter.name, parameter, "parameter", NOTHING)
    return outer


def _evaluate_annotations(interp: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Evaluate annotations in CPython's order (compile.c, compiler_visit_annotations)."""
    declared = node.args
    arguments = [*declared.args, *declared.posonlyargs, declared.vararg, *declared.kwonlyargs, declared.kwarg]
    for argument in arguments:
        if argument is not None and argument.annotation is not None:
            interp.evaluate(argument.annotation)
    if node.returns is not None:
        interp.evaluate(node.returns)


def _decorate(interp: Interpreter, value: Value, decorators: Sequence[Value], nodes: Sequence[ast.expr]) -> Value:
    """Apply decorators, the innermost first."""
    for decorator, node in zip(reversed(decorators), reversed(nodes), strict=True):
        known = [obj for obj in decorator if isinstance(obj, Function | Bound | Class)]
        if known:
            value = apply(interp, decorator, Arguments([value]), node, None)
        else:
            _wrap_unknown(value, decorator)
    return value


def _wrap_unknown(value: Value, decorator: Value) -> None:
    """Take a library's decorator to keep the function, and to call it, surely where that is documented."""
    names = [obj.name for obj in decorator if isinstance(obj, External)]
    for obj in value:
        if isinstance(obj, Function):
            roles = [_ROLES[name] for name in names if name in _ROLES]
            accessor = any(
                isinstance(part, Member) and part.attr in ("setter", "deleter", "getter") for part in decorator
            )
            if roles or accessor:
                obj.role = roles[0] if roles else "property"
            elif not (names and all(name.startswith(_TRANSPARENT) for name in names)):
                obj.sure = False
