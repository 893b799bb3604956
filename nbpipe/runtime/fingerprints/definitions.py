"""Handlers of what code defines: functions by their code, classes by what they hold, modules by name."""

from __future__ import annotations

import inspect
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .walk import Handler, Sink, Walk

# Where a definition stands and what is derived from it: not what it means.
_INCIDENTAL = frozenset(
    {
        "__annotate__",
        "__annotate_func__",
        "__annotations__",
        "__annotations_cache__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__qualname__",
        "__static_attributes__",
        "__slotnames__",  # copyreg keeps it there once an instance was reduced
        "__weakref__",
        "_abc_impl",
    }
)


def _is_importable(walk: Walk, definition: Any) -> bool:
    module = getattr(definition, "__module__", None)
    if module is None or walk.is_local(module):
        return False
    found: Any = sys.modules.get(module)
    for name in str(getattr(definition, "__qualname__", "")).split("."):
        found = getattr(found, name, None)
    return found is definition


def encode_function(value: types.FunctionType, sink: Sink) -> None:
    """Import path; for local functions code, defaults, closure and attributes (not the globals they will look up)."""
    if _is_importable(sink.walk, value):
        sink.label("function", sink.walk.name_of(value))
        return
    sink.label("local function", value.__name__)
    sink.value(value.__code__)
    sink.value(value.__defaults__, ".__defaults__")
    sink.value(value.__kwdefaults__, ".__kwdefaults__")
    names = value.__code__.co_freevars
    for name, cell in zip(names, value.__closure__ or ()):  # noqa: B905 - `strict` is newer than Python 3.9
        sink.label(name)
        try:
            content = cell.cell_contents
        except ValueError:
            sink.label("empty")
        else:
            sink.value(content, f".__closure__[{name!r}]")
    attributes = {name: item for name, item in vars(value).items() if name != "__wrapped__"}
    sink.attributes(attributes)


def encode_code(value: types.CodeType, sink: Sink) -> None:
    """What the interpreter executes, without the file and the lines it came from."""
    sink.label("code", value.co_name)
    sink.raw(value.co_code)
    own = value.co_flags & ~inspect.CO_NESTED  # where it stands: a cell that became a function holds the same code
    flags = [value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, own]
    sink.items(flags)
    for names in (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars):
        sink.items(names)
    sink.items(value.co_consts)


def encode_method(value: types.MethodType, sink: Sink) -> None:
    """The function and the object it is bound to."""
    sink.label("method")
    sink.value(value.__func__, ".__func__")
    sink.value(value.__self__, ".__self__")


def encode_builtin(value: types.BuiltinFunctionType, sink: Sink) -> None:
    """Import path, and the object it is bound to."""
    sink.label("builtin", value.__qualname__, str(value.__module__))
    if not isinstance(value.__self__, types.ModuleType):
        sink.value(value.__self__, ".__self__")


def encode_class(value: type, sink: Sink) -> None:
    """Import path; for local classes their bases and all that they define."""
    if not sink.walk.is_local(value.__module__):
        sink.label("class", sink.walk.name_of(value))
        return
    sink.label("local class", sink.walk.name_of(value))
    sink.items([sink.walk.name_of(base) for base in value.__bases__])
    sink.attributes({name: item for name, item in vars(value).items() if name not in _INCIDENTAL})


def encode_property(value: property, sink: Sink) -> None:
    """Its three functions."""
    sink.label("property")
    for name in ("fget", "fset", "fdel"):
        sink.value(getattr(value, name), "." + name)


def encode_wrapper(value: Any, sink: Sink) -> None:
    """The function that a static or class method wraps."""
    sink.label(type(value).__name__)
    sink.value(value.__func__, ".__func__")


def encode_descriptor(value: Any, sink: Sink) -> None:
    """A slot or method of a class, by name."""
    sink.label("descriptor", sink.walk.name_of(value.__objclass__), value.__name__)


def encode_module(value: types.ModuleType, sink: Sink) -> None:
    """Its name: a module is what importing it gives."""
    sink.label("module", value.__name__)


HANDLERS: dict[tuple[str, str], Handler] = {
    ("builtins", "function"): encode_function,
    ("builtins", "code"): encode_code,
    ("builtins", "method"): encode_method,
    ("builtins", "builtin_function_or_method"): encode_builtin,
    ("builtins", "type"): encode_class,
    ("builtins", "property"): encode_property,
    ("builtins", "staticmethod"): encode_wrapper,
    ("builtins", "classmethod"): encode_wrapper,
    ("builtins", "member_descriptor"): encode_descriptor,
    ("builtins", "getset_descriptor"): encode_descriptor,
    ("builtins", "method_descriptor"): encode_descriptor,
    ("builtins", "wrapper_descriptor"): encode_descriptor,
    ("builtins", "classmethod_descriptor"): encode_descriptor,
    ("builtins", "module"): encode_module,
}
