"""Random notebooks with random step boundaries: aliases, changes in place, files, generators, random numbers, state.

Every statement runs without an error in one plain namespace; what it holds is put into the counts, by kind of hazard.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field

from nbpipe.notebook import Cell, Notebook

DEFINITIONS = """\
def add_to(items, item):
    items.append(item)
    return len(items)


def total(items):
    result = 0
    for item in items:
        result += item
    return result


def remember(item, seen=[]):
    seen.append(item)
    return len(seen)


@functools.lru_cache
def cached(number):
    return number + 1


def make_adder():
    held = []

    def add(item):
        held.append(item)
        return len(held)

    return add


class Bag:
    made = 0

    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        return self

    @classmethod
    def count(cls):
        cls.made += 1
        return cls.made"""
IMPORTS = """\
import copy
import decimal
import functools
import itertools
import math
import os
import random
import numpy as np
import pandas as pd"""


OWN = """\
import random

LEVEL = 3
KEPT = []
_count = 0


class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.number = Counter.made

    def of_all(self):
        return Counter.made


def times(x):
    return x * LEVEL


def count():
    global _count
    _count += 1
    return _count


def keep(x):
    KEPT.append(x)
    return len(KEPT)


def collect(x, items=[]):
    items.append(x)
    return items


def is_kept(items):
    return items is KEPT


def roll():
    return random.randint(1, 100)
"""


TOOL = """\
import sys

BASE = [1]


def tool_sum(x):
    BASE.append(x)
    return sum(BASE)


if __name__ == "__main__":
    tool_result = tool_sum(int(sys.argv[1]))
"""


@dataclass(slots=True)
class Program:
    """A notebook, how its cells are tagged, and what is in it.

    Attributes:
        cells: tag ("" for none) and source of each.
        values: of its parameters.
        kinds: how many of each kind of hazard.
        files: beside it, by name.
    """

    cells: list[tuple[str, str]]
    values: dict[str, object]
    kinds: Counter[str] = field(default_factory=Counter)
    files: dict[str, str] = field(default_factory=dict)

    def notebook(self, path: str = "") -> Notebook:
        """It as a notebook in a file."""
        cells = [
            Cell(index, "code", source, metadata={"tags": [tag] if tag else []})
            for index, (tag, source) in enumerate(self.cells)
        ]
        return Notebook(tuple(cells), {}, path=path)

    @property
    def document(self) -> dict[str, object]:
        """It as the content of an .ipynb file."""
        cells: list[dict[str, object]] = [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {"tags": [tag] if tag else []},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, (tag, source) in enumerate(self.cells)
        ]
        return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}

    @property
    def steps(self) -> list[str]:
        """Names of the steps that it wants."""
        return list(dict.fromkeys(tag[5:] for tag, _ in self.cells if tag.startswith("step:")))

    def __str__(self) -> str:
        """Give the cells one below the other."""
        return "\n".join(f"# {tag}\n{source}" for tag, source in self.cells)


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        # By a generator of its own, so that the other programs stay what they were.
        self.has_module = random.Random(f"own {seed}").random() < 0.25
        self.has_commands = random.Random(f"commands {seed}").random() < 0.25
        self.names: dict[str, list[str]] = {}  # kind of value -> names that hold one
        self.kinds: Counter[str] = Counter()
        self.numbers = 0
        self.functions = 0

    def program(self) -> Program:
        """Write it."""
        values: dict[str, object] = {"level": 2, "flag": self.random.random() < 0.5}
        parameters = "\n".join(f"{name} = {value}" for name, value in values.items())
        imports = f"{IMPORTS}\nimport own" if self.has_module else IMPORTS
        cells = [("imports", imports), ("parameters", parameters), ("definitions", f"{DEFINITIONS}\n\n\n{SHOW}")]
        if self.random.random() < 0.2:
            cells.insert(1, ("imports", "random.seed(11)\nnp.random.seed(12)"))
            self.kinds["seed before the steps"] += 1
        steps = self.random.randint(2, 5)
        calm = self.random.random() < 0.45  # with little that ties steps together
        for step in range(steps):
            for _ in range(self.random.choice([1, 1, 2])):
                lines = [self.statement(calm=calm) for _ in range(self.random.randint(2, 4))]
                cells.append((f"step:s{step}", "\n".join(lines)))
                if self.has_commands and self.random.random() < 0.3:
                    cells.append((f"step:s{step}", self.whole_cell()))
            if step < steps - 1 and self.random.random() < 0.08:
                self.kinds["skipped cell"] += 1
                cells.append(("skip", self.any() if self.random.random() < 0.5 else self.statement(calm=True)))
            elif self.random.random() < 0.08:
                self.kinds["untagged cell"] += 1
                cells.append(("", self.statement(calm=calm)))
        everything = self._values()
        shown = self.random.sample(everything, min(len(everything), self.random.randint(1, 5)))
        cells.append((f"step:s{steps - 1}", f"result = str([show(x) for x in [{', '.join(shown)}]])"))
        files = {"own.py": OWN} if self.has_module else {}
        return Program(cells, values, self.kinds, files | ({"tool.py": TOOL} if self.has_commands else {}))

    def statement(self, *, calm: bool) -> str:
        """Write one statement whose names are bound."""
        makers = CALM if calm and self.random.random() < 0.95 else (*CALM, *WILD)
        makers = OF_COMMANDS if self.has_commands and self.random.random() < 0.4 else makers
        makers = OF_MODULE if self.has_module and self.random.random() < 0.4 else makers
        for _ in range(50):
            kind, text = self.random.choice(makers)
            written = self._filled(text)
            if written is not None:
                self.kinds[kind] += 1
                return written
        return self._filled("{new:int} = 1") or ""

    def whole_cell(self) -> str:
        """Write a cell that a magic begins."""
        kind, text = self.random.choice(CELLS)
        # Before the name is there that holds what is captured.
        more = f"\n{self.statement(calm=True)}" if kind == "cell: captured" else ""
        written = self._filled(text)
        if written is None:
            return more.strip() or "pass"
        self.kinds[kind] += 1
        return written + more

    def any(self) -> str:
        """Name any value."""
        names = self._values()
        return self.random.choice(names) if names else "1"

    def _values(self) -> list[str]:
        """Give the names of all values that can be shown."""
        kinds = (names for kind, names in self.names.items() if kind not in ("label", "captured"))
        return [name for names in kinds for name in names]

    def _filled(self, text: str) -> str | None:
        """Put names into a template; None where there is no value of a kind."""
        filling = Filling(self.random, self.names, self.numbers)
        try:
            written = re.sub(r"\{(\w+)(?::(\w+))?\}", filling.put, text)
        except LookupError:
            return None
        self.numbers = filling.numbers
        for kind, name in filling.made:
            if name not in self.names.setdefault(kind, []):
                self.names[kind].append(name)
        for kind, name in filling.gone:
            self.names[kind].remove(name)
        return written


class Filling:
    """The names of one statement: ``{new:list}`` is a new one, ``{list}`` and ``{list2}`` bound ones, ``{n}`` a number.

    Attributes:
        made, gone: kinds and names that the statement binds, and deletes.
    """

    def __init__(self, generator: random.Random, names: dict[str, list[str]], numbers: int) -> None:
        self.random = generator
        self.names = names
        self.numbers = numbers
        self.chosen: dict[str, str] = {}
        self.made: list[tuple[str, str]] = []
        self.gone: list[tuple[str, str]] = []

    def put(self, match: re.Match[str]) -> str:
        """Give what stands for one placeholder; raises LookupError where there is no name of its kind."""
        kind, of = match[1], match[2]
        if kind == "n":
            return str(self.random.randint(1, 9))
        if match[0] not in self.chosen:
            self.chosen[match[0]] = self._new(of) if kind == "new" else self._bound(of or kind, removed=kind == "del")
        return self.chosen[match[0]]

    def _new(self, kind: str) -> str:
        again = self.names.get(kind)
        if again and self.random.random() < 0.2:
            name = self.random.choice(again)
        else:
            self.numbers += 1
            name = f"{'l_' if kind == 'label' else kind[0]}{self.numbers}"
        self.made.append((kind, name))
        return name

    def _bound(self, kind: str, *, removed: bool) -> str:
        kind = kind.rstrip("2")
        names = self.names.get(kind, [])
        if len(names) < 1 + removed:
            raise LookupError
        name = self.random.choice(names)
        if removed:
            self.gone.append((kind, name))
        return name


SHOW = """\
def show(value):
    if isinstance(value, Bag):
        return ["bag", *map(show, value.items)]
    if hasattr(value, "stdout"):
        return value.stdout
    if isinstance(value, dict):
        return [[key, show(item)] for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return [show(item) for item in value]
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state["state"]["state"]
    if isinstance(value, (np.ndarray, pd.DataFrame)):
        return value.tolist() if isinstance(value, np.ndarray) else value.to_dict("list")
    if type(value).__module__ == "own":
        return value.number
    if callable(value) or hasattr(value, "__next__"):
        return "something"
    return value"""

# What a module beside the notebook does, and what is done to it.
OF_MODULE: tuple[tuple[str, str], ...] = (
    ("own module: function", "{new:int} = own.times({int})"),
    ("own module: function", "{new:int} = own.times({n})"),
    ("own module: counter", "{new:int} = own.count()"),
    ("own module: registry", "own.keep({int})"),
    ("own module: registry", "{new:int} = len(own.KEPT)"),
    ("own module: its object", "{new:list} = own.KEPT"),
    ("own module: identity", "{new:int} = int(own.is_kept({list}))"),
    ("own module: default", "{new:list} = own.collect({int})"),
    ("own module: class", "{new:counter} = own.Counter()"),
    ("own module: class", "{new:int} = {counter}.number + {counter}.of_all()"),
    ("own module: attribute", "own.LEVEL = {n}"),
    ("own module: draws", "{new:int} = own.roll()"),
)

IN_FUNCTION = """\
def run_{new:label}(x):
    out = !echo {x} {n}
    return out[0]


{new:text} = run_{new:label}({int})"""
# Commands, and a script beside the notebook.
OF_COMMANDS: tuple[tuple[str, str], ...] = (
    ("command: lines", "{new:lines} = !echo {{int}} {n}; echo '{{text}}'"),
    ("command: lines", "{new:lines} = !echo {{int} + level} | tr 0-9 1-90"),
    ("command: dollar", "{new:lines} = !echo ${int} a"),
    ("command: dollar of the shell", "{new:lines} = !for i in 1 2; do echo $i; done"),
    ("command: lines used", "{new:int} = len({lines}[0])"),
    ("command: lines used", "{new:text} = ' '.join({lines})"),
    ("command: lines changed", "{lines}.append('{n}')"),
    ("command: lines shared", "{new:lines} = {lines}"),
    ("command: file written", "!echo {{int}} > f1.txt"),
    ("command: file written", "!echo {n} >> f2.txt"),
    ("command: file written", "!cp f1.txt f2.txt"),
    ("command: file read", "{new:lines} = !cat f1.txt f2.txt"),
    ("command: file read by Python", "{new:text} = open('f1.txt').read() if os.path.exists('f1.txt') else ''"),
    ("command: file written by Python", "with open('f2.txt', 'w') as stream:\n    stream.write(str({int}))"),
    ("command: in a loop", "for item in range({n}):\n    !echo {item} >> f1.txt"),
    ("command: in a function", IN_FUNCTION),
    ("command: exit code", "!test -e f1.txt\n{new:int} = _exit_code"),
    ("command: failing", "!exit {n}"),
    ("cell: captured, used", "{new:text} = {captured}.stdout"),
    ("script: run", "%run tool.py {n}\n{new:tool} = tool_result"),
    ("script: run", "%run tool.py {n}\n{new:tool} = tool_result"),
    ("script: its function", "{new:int} = tool_sum({n}) + {tool}"),
    ("script: its list", "{new:int} = len(BASE) + {tool}"),
)  # fmt: skip
CELLS: tuple[tuple[str, str], ...] = (
    ("cell: captured", "%%capture {new:captured}\nprint({int}, 'a')\n!echo {{int}}"),
    ("cell: bash", "%%bash\ncat f1.txt f2.txt > f3.txt\ncp f3.txt f1.txt || true"),
    ("cell: bash that gives", "%%bash --out {new:text}\nls f*.txt || echo '{n}'"),
    ("cell: bash with a value", "%%bash -s {{int}}\necho $1 > f1.txt"),
    ("cell: file", "%%writefile f2.txt\na {n} \\n"),
)

# Kind of hazard, template.
CALM: tuple[tuple[str, str], ...] = (
    ("new value", "{new:int} = {n}"),
    ("new value", "{new:list} = [{n}, {n}, {n}]"),
    ("new value", "{new:dict} = {'a': {n}, 'b': {n}}"),
    ("new value", "{new:array} = np.arange({n} + 4.0)"),
    ("new value", "{new:nested} = [[{n}], [{n}, {n}]]"),
    ("new value", "{new:frame} = pd.DataFrame({'a': [1, {n}, 3], 'b': [0.5, {n}, 1.5]})"),
    ("new value", "{new:bag} = Bag().add({n})"),
    ("new value", "{new:text} = 'text {n}'"),
    ("parameter", "{new:int} = level * {n}"),
    ("parameter under a condition", "if flag:\n    {new:int} = {n}\nelse:\n    {new:int} = 0"),
    ("plain use", "{new:int} = len({list}) + {n}"),
    ("plain use", "{new:int} = total({list})"),
    ("plain use", "{new:list} = [item * level for item in {list}]"),
    ("plain use", "{new:int} = int({array}.sum())"),
    ("plain use", "{new:array} = {array} * {n} + level"),
    ("plain use", "{new:dict} = {key: value + {n} for key, value in {dict}.items()}"),
    ("plain use", "{new:frame} = {frame}[{frame}['a'] > 1].copy()"),
    ("plain use", "{new:list} = sorted({list}, key=lambda item: -item)"),
    ("plain use", "print(len({list}), {int})"),
    ("rebinding", "{int} = {int} + {n}"),
    ("augmented assignment", "{int} += {n}"),
    ("augmented assignment", "{list} += [{n}]"),
    ("augmented assignment", "{array} *= {n}"),
    ("conditional rebinding", "if {int} > {n}:\n    {int} = {n}"),
    ("change by method", "{list}.append({n})"),
    ("change by method", "{list}.sort()"),
    ("change by method", "{dict}.update(c={n})"),
    ("change by method", "{bag}.add({n})"),
    ("change of an item", "{dict}['a'] = {n}"),
    ("change of an item", "{array}[0] = {n}"),
    ("change of an item", "{array}[1:] += {n}"),
    ("change of an item", "{frame}['c'] = {frame}['a'] * {n}"),
    ("change of an item", "{frame}.loc[{frame}['a'] > 1, 'b'] = {n}"),
    ("change inside", "{nested}[0].append({n})"),
    ("change inside", "{bag}.items.append({n})"),
    ("change by a function", "add_to({list}, {n})"),
    ("change in a loop", "for item in range({n}):\n    {list}.append(item)"),
    ("change in a comprehension", "{new:list} = [{list}.append(item) or item for item in range(2)]"),
    ("change by a method handed on", "list(map({list}.append, range(2)))"),
    ("change under a parameter", "if flag:\n    {list}.append({n})"),
    ("change under a parameter", "if level > 5:\n    {dict}['z'] = {n}"),
    ("walrus", "{new:list} = [({new:int} := item) for item in range({n})]"),
    ("unpacking", "{new:int}, *{new:list} = [{n}, {n}, {n}]"),
    ("chained assignment", "{new:int} = {dict}['k'] = {n}"),
    ("deletion", "del {del:int}"),
    ("try", "try:\n    {new:int} = {dict}['none']\nexcept KeyError as error:\n    {new:int} = len(str(error))"),
    ("match", "match {int}:\n    case 1:\n        {new:int} = 1\n    case other:\n        {new:int} = other"),
    ("f-string", "{new:text} = f'{{int}:{{n}}}'.strip()"),
    ("name in a query", "{new:frame} = {frame}.query('a > @{int}').copy()"),
    ("name in a query", "{new:frame} = {frame}.query('a <= @level').copy()"),
    ("legacy random numbers", "{new:int} = random.randint(0, 10**6)"),
    ("legacy random numbers", "random.shuffle({list})"),
    ("numpy random numbers", "{new:array} = np.random.normal(size=4)"),
    ("numpy random numbers", "{new:int} = int(np.random.randint(10**6))"),
    ("pandas random numbers", "{new:frame} = {frame}.sample(frac=1).copy()"),
    ("seed in a step", "random.seed({n})"),
    ("seed in a step", "np.random.seed({n})"),
    ("generator object", "{new:rng} = np.random.default_rng({n})"),
    ("generator object", "{new:int} = int({rng}.integers(10**6))"),
    ("copy", "{new:list} = copy.copy({list})"),
    ("copy", "{new:nested} = copy.deepcopy({nested})"),
    ("function reads a global", "def read_{new:label}():\n    return len({list})\n\n\n{new:int} = read_{new:label}()"),
    ("import in a step", "import string\n{new:text} = string.digits"),
)
WILD: tuple[tuple[str, str], ...] = (
    ("alias", "{new:list} = {list}"),
    ("alias", "{new:dict} = {dict}"),
    ("alias", "{new:array} = {array}"),
    ("alias", "{new:frame} = {frame}"),
    ("alias", "{new:bag} = {bag}"),
    ("alias", "{new:rng} = {rng}"),
    ("alias under a parameter", "{new:list} = {list} if flag else {list}.copy()"),
    ("alias in a container", "{new:nested} = [{list}, {list2}]"),
    ("alias in a container", "{new:table} = {'in': {list}, 'a': 1}"),
    ("change inside", "{table}['in'].append({n})"),
    ("alias in an object", "{bag}.items = {list}"),
    ("alias of a member", "{new:list} = {nested}[0]"),
    ("identity asked", "{new:int} = int({list} is {list2})"),
    ("identity asked", "{new:int} = int({array} is {array2}) + int({dict} is {dict2})"),
    ("view", "{new:array} = {array}[1:]"),
    ("view", "{new:array} = {array}.reshape(-1)"),
    ("view", "{new:array} = {frame}['b'].to_numpy(copy=True)[1:]"),
    ("view", "{new:pair} = ({array}, {array}[::2])"),
    ("view", "{pair}[0][0] = {n}"),
    ("shallow copy", "{new:nested} = {nested}[:]"),
    ("mutable default", "{new:int} = remember({n})"),
    ("cache of a function", "{new:int} = cached({n})"),
    ("cache of a function", "{new:int} = cached.cache_info().hits"),
    ("class attribute", "{new:int} = Bag.count()"),
    ("closure with state", "{new:adder} = make_adder()"),
    ("closure with state", "{new:int} = {adder}({n})"),
    ("iterator", "{new:iterator} = iter(range(100))"),
    ("iterator", "{new:iterator} = itertools.count()"),
    ("iterator", "{new:iterator} = (item * item for item in range(50))"),
    ("iterator", "{new:int} = next({iterator})"),
    ("bound method", "{new:call} = {list}.append"),
    ("bound method", "{call}({n})"),
    ("file written", "with open('one.txt', 'w') as stream:\n    stream.write(str({int}))"),
    ("file appended", "with open('one.txt', 'a') as stream:\n    stream.write('{n}')"),
    ("file read", "{new:text} = open('one.txt').read() if os.path.exists('one.txt') else ''"),
    ("file of a frame", "{frame}.to_csv('two.csv', index=False)"),
    ("file of a frame", "{new:frame} = pd.read_csv('two.csv') if os.path.exists('two.csv') else {frame}.copy()"),
    ("file asked for", "{new:int} = int(os.path.exists('one.txt'))"),
    ("file asked for", "{new:int} = len(os.listdir('.'))"),
    ("environment", "os.environ['NBPIPE_TEST'] = '{n}'"),
    ("environment", "{new:text} = os.environ.get('NBPIPE_TEST', '')"),
    ("decimal context", "decimal.getcontext().prec = {n} + 2"),
    ("decimal context", "{new:text} = str(decimal.Decimal(1) / 3)"),
    ("pandas option", "pd.set_option('display.precision', {n})"),
    ("pandas option", "{new:int} = pd.get_option('display.precision')"),
    ("numpy error state", "np.seterr(all='ignore')"),
    ("numpy error state", "{new:text} = str(np.geterr())"),
    ("state of a generator", "{new:state} = random.getstate()"),
    ("state of a generator", "random.setstate({state})"),
    ("lambda passed", "{new:fun} = lambda item: item + {n}\n{new:int} = {new:fun}(1)"),
    ("global in a function", "def write_{new:label}():\n    {list}.append({n})\n\n\nwrite_{new:label}()"),
    ("module attribute", "math.nbpipe = {n}"),
    ("module attribute", "{new:int} = getattr(math, 'nbpipe', 0)"),
)


def program(seed: int) -> Program:
    """Write the program of this number."""
    return Writer(seed).program()
