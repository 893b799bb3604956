"""Whether `nbpipe verify --runs 2` names the right cause: forty notebooks of one cell, one cause each.

    python -m tests.benchmarks.nondeterminism [-j N] [--write]

Each notebook is run once to have stored outputs, then verified. ``--write`` writes docs/benchmarks/nondeterminism.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbpipe.api.verify import Request, verify_each
from nbpipe.execute import run_notebook
from tests.execute.making import write_notebook

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "nondeterminism.md"

WORDS = "words = {'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta'}\n"
HASH, RANDOM, CLOCK, THREADS = "hash order", "random seed", "clock", "threads"
ADDRESS, PROCESS, IDENTIFIER = "memory address", "process id", "random identifier"
TIMING, PROGRESS, FLOAT, PATH = "measured time", "progress bar", "float noise", "path"


@dataclass(frozen=True)
class Case:
    """One notebook: what makes it differ, the cause that is right, and its cell."""

    name: str
    cause: str
    code: str


POOL = "from concurrent.futures import ThreadPoolExecutor, as_completed\nimport time\n"
CASES = (
    Case("a set of texts, as text", HASH, WORDS + "str(words)"),
    Case("a dictionary made from a set", HASH, WORDS + "print({word: len(word) for word in words})"),
    Case("hash() of a text", HASH, "print(hash('alpha'))"),
    Case("lines printed from a set", HASH, WORDS + "for word in words:\n    print(word)"),
    Case("columns in the order of a set", HASH, WORDS + "import pandas as pd\npd.Series(list(words))"),
    Case("random.random", RANDOM, "import random\nprint(random.random())"),
    Case("random.shuffle", RANDOM, "import random\nitems = list(range(50))\nrandom.shuffle(items)\nprint(items)"),
    Case("random.Random()", RANDOM, "import random\nprint(random.Random().random())"),
    Case("random.SystemRandom", RANDOM, "import random\nprint(random.SystemRandom().randint(1, 10**9))"),
    Case("secrets.token_hex", RANDOM, "import secrets\nprint('token', secrets.token_hex(8))"),
    Case("os.urandom", RANDOM, "import os\nprint(list(os.urandom(8)))"),
    Case("numpy.random.rand", RANDOM, "import numpy as np\nnp.random.rand(3)"),
    Case("numpy.random.default_rng", RANDOM, "import numpy as np\nnp.random.default_rng().normal(size=3)"),
    Case("numpy.random.RandomState", RANDOM, "import numpy as np\nprint(np.random.RandomState().randint(0, 10**6, 4))"),
    Case("DataFrame.sample", RANDOM, "import pandas as pd\npd.DataFrame({'a': range(1000)}).sample(5)"),
    Case("scipy.stats", RANDOM, "from scipy import stats\nprint(stats.norm.rvs(size=3))"),
    Case(
        "train_test_split",
        RANDOM,
        "from sklearn.model_selection import train_test_split\nprint(train_test_split(list(range(100)))[1])",
    ),
    Case(
        "a forest",
        RANDOM,
        "from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\n"
        "RandomForestClassifier(10).fit(*load_iris(return_X_y=True)).feature_importances_",
    ),
    Case(
        "a picture of random points",
        RANDOM,
        "import matplotlib.pyplot as plt, numpy as np\nplt.plot(np.random.rand(20))\nplt.show()",
    ),
    Case("time.time", CLOCK, "import time\nprint(hash(time.time()))"),
    Case("microseconds of now", CLOCK, "import datetime\nprint(datetime.datetime.now().microsecond, 'us')"),
    Case("a seed from the clock", CLOCK, "import random, time\nrandom.seed(time.time_ns())\nprint(random.random())"),
    Case("the time of day", CLOCK, "import datetime\nprint('run at', datetime.datetime.now())"),
    Case("seconds since 1970", CLOCK, "import time\nprint(time.time())"),
    Case("a name with a time stamp", CLOCK, "import time\nprint(time.strftime('run-%Y%m%d-%H%M%S.csv'))"),
    Case("%timeit", TIMING, "%timeit -n 10 -r 3 sum(range(100))"),
    Case("%%time", TIMING, "%%time\nsum(range(10000))"),
    Case(
        "elapsed seconds",
        TIMING,
        "import time\nstart = time.time()\nsum(range(10**6))\nprint(f'took {time.time() - start:.6f} seconds')",
    ),
    Case("an object's repr", ADDRESS, "print(object())"),
    Case("a function's repr", ADDRESS, "print(lambda x: x)"),
    Case("id()", ADDRESS, "print(id([]))"),
    Case("a process id in words", PROCESS, "import os\nprint('pid', os.getpid())"),
    Case("a process id as a number", PROCESS, "import os\nos.getpid()"),
    Case("uuid4", IDENTIFIER, "import uuid\nuuid.uuid4()"),
    Case(
        "lines of threads",
        THREADS,
        POOL + "def work(n):\n    time.sleep(0.01)\n    return n\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    for future in as_completed([pool.submit(work, n) for n in range(64)]):\n"
        "        print('done', future.result())",
    ),
    Case(
        "a list that threads fill",
        THREADS,
        "import threading, time\nfound = []\ndef work(n):\n    for _ in range(20):\n        time.sleep(0.001)\n"
        "        found.append(n)\nthreads = [threading.Thread(target=work, args=(n,)) for n in range(6)]\n"
        "for thread in threads:\n    thread.start()\nfor thread in threads:\n    thread.join()\nprint(found)",
    ),
    Case(
        "a sum in the order of a set",
        FLOAT,
        "import math\nvalues = {f'key {n}': math.sin(n) for n in range(2000)}\n"
        "print(sum(values[key] for key in set(values)))",
    ),
    Case(
        "a progress bar", PROGRESS, "from tqdm import tqdm\nimport time\nfor _ in tqdm(range(9)):\n    time.sleep(0.01)"
    ),
    Case(
        "a Styler's HTML",
        IDENTIFIER,
        "import pandas as pd\nfrom IPython.display import HTML\n"
        "HTML(pd.DataFrame({'a': [1, 2]}).style.highlight_max().to_html())",
    ),
    Case("a temporary folder", PATH, "import tempfile\nprint(tempfile.mkdtemp())"),
)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nondeterminism-") as name:
        folder = Path(name)
        for number, case in enumerate(CASES, 1):
            path = write_notebook(folder / f"{number:02}.ipynb", case.code)
            run_notebook(path, in_place=True)
        rows, right = [], 0
        for case, verdict in zip(CASES, verify_each([name], Request(runs=2, jobs=given.jobs)), strict=True):
            (cell,) = verdict.cells
            named = cell.cause.kind.value if cell.cause is not None else "none"
            right += named == case.cause
            rows.append((case, named, cell.outcome.value, verdict.runs))
            sys.stdout.write(
                f"{'ok  ' if named == case.cause else 'FAIL'} {case.name}: {named} ({verdict.runs} runs)\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"{right} of {len(CASES)}\n")
    if given.write:
        PAGE.write_text(_page(rows, right), encoding="utf-8")
    return int(right < len(CASES) * 9 // 10)


def _page(rows: list[tuple[Case, str, str, int]], right: int) -> str:
    lines = [
        "# Causes of non-determinism",
        "",
        f"{len(rows)} notebooks of one cell with one cause of non-determinism each; `nbpipe verify --runs 2` names the",
        f"right cause for {right} of them. Made by `python -m tests.benchmarks.nondeterminism --write`, which holds",
        "the code of each. A cell is *equivalent* where what differs may be looked past. `runs` counts the two plain",
        "runs and the ones that hold things still.",
        "",
        "| what differs | cause | named | cell | runs |",
        "|---|---|---|---|---|",
        *(f"| {case.name} | {case.cause} | {named} | {outcome} | {runs} |" for case, named, outcome, runs in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
