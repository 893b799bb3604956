"""Commands that only show: what they depend on is known; all others may do anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.runtime import showing_commands
from nbpipe.runtime.commands import Command, started
from nbpipe.runtime.effects import EffectObserver
from nbpipe.runtime.showing_commands import Shown, shown

FILES = {
    "a.csv": "x,y\n2,b\n1,a\n",
    "b.csv": "x,y\n3,c\n",
    "with space.txt": "one\n",
    "sub/deep/c.csv": "x,y\n",
    "sub/d.txt": "d\n",
    "[e].txt": "e\n",
}
# A line for the shell, the files that it reads and the folders that it lists, by their names.
SHOWS: dict[str, tuple[set[str], set[str]]] = {
    "cat a.csv": ({"a.csv"}, set()),
    "/bin/cat a.csv b.csv": ({"a.csv", "b.csv"}, set()),
    "cat -n ./a.csv": ({"a.csv"}, set()),
    "head -1 a.csv": ({"a.csv"}, set()),
    "head -n 1 -q a.csv b.csv": ({"a.csv", "b.csv"}, set()),
    "head -n1 gone.csv": ({"gone.csv"}, set()),
    "tail -n +2 a.csv": ({"a.csv"}, set()),
    "tail -c5 sub/d.txt": ({"sub/d.txt"}, set()),
    "wc -l *.csv": ({"a.csv", "b.csv"}, {"."}),
    "wc -lw sub/deep/?.csv": ({"sub/deep/c.csv"}, {"sub/deep"}),
    "wc -l [ab].csv": ({"a.csv", "b.csv"}, {"."}),
    "wc *.tsv": ({"*.tsv"}, {"."}),
    "cat '[e].txt'": ({"[e].txt"}, set()),
    'cat "with space.txt"': ({"with space.txt"}, set()),
    "cat 'with'\" \"space.txt": ({"with space.txt"}, set()),
    "cut -d, -f2 a.csv": ({"a.csv"}, set()),
    "cut -d ';' -f 1 a.csv": ({"a.csv"}, set()),
    "grep -in 'B' a.csv b.csv": ({"a.csv", "b.csv"}, set()),
    "grep -m1 '^x|y$' a.csv": ({"a.csv"}, set()),
    "grep -A 1 2 a.csv": ({"a.csv"}, set()),
    "diff a.csv b.csv": ({"a.csv", "b.csv"}, set()),
    "cmp -s a.csv b.csv": ({"a.csv", "b.csv"}, set()),
    "md5sum a.csv": ({"a.csv"}, set()),
    "sha256sum *.csv": ({"a.csv", "b.csv"}, {"."}),
    "cksum a.csv": ({"a.csv"}, set()),
    "cat a.csv | sort | uniq -c": ({"a.csv"}, set()),
    "cat a.csv|grep 1|wc -l": ({"a.csv"}, set()),
    "cat a.csv | tr 'a-z' A-Z | head -n 2": ({"a.csv"}, set()),
    "ls": (set(), {"."}),
    "ls -1a sub": (set(), {"sub"}),
    "ls -R": (set(), {".", "sub", "sub/deep"}),
    "ls -d *": (set(), {"."}),
    "ls a.csv gone.csv": (set(), set()),
    "ls sub/*.txt": (set(), {"sub"}),
    "ls | wc -l": (set(), {"."}),
    "echo *": (set(), {"."}),
    "echo done": (set(), set()),
    "echo -n 'a;b' | cut -c 1": (set(), set()),
    "printf '%s\\n' x": (set(), set()),
    "pwd": (set(), set()),
    "seq 3 | tail -1": (set(), set()),
    "basename sub/d.txt .txt": (set(), set()),
    "dirname sub/d.txt": (set(), set()),
}
# A line for the shell, and the program that people are told.
HIDES = {
    "cat a.csv > out.txt": "cat",
    "cat < a.csv": "cat",
    "cat": "cat",
    "cat -": "cat",
    "cat a.csv -": "cat",
    "cat a.csv; rm b.csv": "cat",
    "cat a.csv && ls": "cat",
    "cat a.csv || ls": "cat",
    "cat a.csv &": "cat",
    "cat a.csv |": "cat",
    "cat a.csv | tee out.txt": "cat",
    "cat $HOME/a.csv": "cat",
    "cat ~/a.csv": "cat",
    "cat `ls`": "cat",
    'cat "$x"': "cat",
    "cat {a,b}.csv": "cat",
    "cat a\\ b": "cat",
    "cat a.csv\nrm b.csv": "cat",
    "cat [a-b].csv": "cat",
    "cat [!a].csv": "cat",
    "cat '*'.*": "cat",
    "cat */d.txt": "cat",
    "cat .*": "cat",
    "cat 'a.csv": "cat",
    "cat --help": "cat",
    "cat sub": "cat",
    "cat /proc/uptime": "cat",
    "cat /dev/null": "cat",
    "cat a.csv # all of it": "cat",
    "head -z a.csv": "head",
    "head -n": "head",
    "tail -f a.csv": "tail",
    "wc --files0-from=a.csv": "wc",
    "grep x": "grep",
    "grep -r x": "grep",
    "grep -f a.csv b.csv": "grep",
    "grep * a.csv": "grep",
    "diff a.csv": "diff",
    "diff -u a.csv b.csv": "diff",
    "diff sub sub": "diff",
    "cmp a.csv b.csv 1": "cmp",
    "md5sum -c a.csv": "md5sum",
    "sort a.csv": "sort",
    "cat a.csv | sort -o a.csv": "cat",
    "cat a.csv | uniq - out.txt": "cat",
    "uniq": "uniq",
    "ls -l": "ls",
    "ls -t": "ls",
    "ls -F": "ls",
    "ls /proc": "ls",
    "printf '%(%s)T'": "printf",
    "date": "date",
    "env": "env",
    "sub/cat a.csv": "cat",
    "LC_ALL=C cat a.csv": "cat",
    "sudo cat a.csv": "sudo",
    "cd sub && python make.py": "python",
    "export A=1; make -j": "make",
    "for f in *.csv; do gzip $f; done": "gzip",
    "if [ -e a.csv ]; then rm a.csv; fi": "rm",
    "(cd sub; tar xf d.tar)": "tar",
    "wget -q 'https://a.b/c?d'": "wget",
    "2>/dev/null git status": "git",
    "$(which git) status": "which",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the files, and an own program with the name of a system's."""
    folder = Path(os.path.realpath(tmp_path_factory.mktemp("shown")))
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "sub" / "cat").write_text("#!/bin/sh\nrm a.csv\n")
    (folder / "sub" / "cat").chmod(0o755)
    return folder


def of_line(line: str, folder: Path) -> Command:
    return started("subprocess.Popen", ("/bin/sh", ["/bin/sh", "-c", line], str(folder), None))


def names(paths: Any, folder: Path) -> set[str]:
    return {os.path.relpath(path, folder) for path in paths}


@pytest.mark.parametrize("line", SHOWS)
def test_what_a_command_depends_on(line: str, folder: Path, tmp_path: Path) -> None:
    found = shown(of_line(line, folder))
    assert found is not None
    assert (names(found.read, folder), names(found.listed, folder)) == SHOWS[line]
    # And on nothing else: it writes nothing, and whatever else changes, it shows the same.
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = contents(copy)
    first = output(line, copy)
    assert contents(copy) == before
    own = shown(of_line(line, copy))
    assert own is not None
    change_what_is_not_named(copy, own)
    assert output(line, copy) == first


PIECES = (
    *("cat", "head", "tail", "wc", "grep", "cut", "diff", "cmp", "sort", "uniq", "tr", "ls", "echo", "printf", "seq"),
    *(
        "md5sum",
        "touch",
        "tee",
        "sh",
        "-c",
        "-n",
        "-n1",
        "-1",
        "-d,",
        "-f1",
        "-R",
        "-l",
        "-a",
        "-o",
        "-",
        "--",
        "2",
        "x",
    ),
    *("a.csv", "b.csv", "gone", "made", "sub", "sub/d.txt", "*", "*.csv", "?.csv", "[ab].csv", "[!a]*", "sub/*", "*/*"),
    *(
        "'",
        '"',
        "'a b'",
        '"*"',
        "'*'.csv",
        "|",
        "|",
        "||",
        "|&",
        ">",
        ">made",
        "<",
        "&",
        ";",
        "&&",
        "$x",
        "`",
        "$(",
        ")",
    ),
    *("{a,b}.csv", "~", "#", "!", "\\", "\n", "\t", "=", "a=1", "%s", "'%(%s)T'", "^", "é"),
)


PROGRAMS = st.sampled_from([*showing_commands._USAGES, *showing_commands._OF_TEXT, "ls"])
PARTS = st.builds(lambda program, pieces: [program, *pieces], PROGRAMS, st.lists(st.sampled_from(PIECES), max_size=4))


@given(parts=st.lists(PARTS, min_size=1, max_size=3))
def test_no_line_that_counts_as_showing_does_more(parts: list[list[str]]) -> None:
    line = "|".join(map(" ".join, parts))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(os.path.realpath(place)) / "here"
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        found = shown(of_line(line, folder))
        if found is None:
            return
        before = contents(folder)
        first = output(line, folder)
        assert contents(folder) == before
        change_what_is_not_named(folder, found)
        assert output(line, folder) == first


def change_what_is_not_named(folder: Path, found: Shown) -> None:
    """Change each file and the names in each folder that a command does not depend on."""
    for name in contents(folder).keys() - names(found.read, folder):
        (folder / name).write_text("other\n")
    for where in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        if str(where) not in {os.path.normpath(path) for path in found.listed}:
            (where / "new.csv").write_text("new\n")


def output(line: str, folder: Path) -> tuple[int, str, str]:
    """Give what a line shows; programs that a pipe joins complain in any order, or end before they do."""
    done = subprocess.run(
        line, shell=True, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, "" if "|" in line else done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("line", HIDES)
def test_what_may_do_anything_and_its_name(line: str, folder: Path) -> None:
    command = of_line(line, folder)
    assert shown(command) is None
    assert command.name == HIDES[line]


def test_a_name_that_begins_like_an_option_is_none_of_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "-o").write_text("")
    assert shown(of_line("cat *", tmp_path)) is None
    assert shown(of_line("cat ./*", tmp_path)) is not None


def test_programs_are_the_systems_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{folder / 'sub'}{os.pathsep}{os.environ['PATH']}")
    assert shown(of_line("cat a.csv", folder)) is None
    assert shown(of_line("wc a.csv", folder)) is not None


@pytest.mark.parametrize("name", ["BASH_ENV", "BASH_FUNC_cat%%"])
def test_a_shell_that_is_prepared_may_do_anything(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "() { rm a.csv; }")
    assert shown(of_line("cat a.csv", folder)) is None


@pytest.mark.parametrize(
    ("event", "arguments", "expected"),
    [
        ("os.system", (b"wc -l a.csv",), "wc shows"),
        ("subprocess.Popen", ("wc", ["wc", "-l", "a.csv"], None, None), "wc shows"),
        ("subprocess.Popen", ("wc", ["wc", "-l", Path("a.csv")], None, None), "wc shows"),
        ("subprocess.Popen", ("wc", ["wc", "*.csv"], None, None), "wc shows"),
        ("subprocess.Popen", ("wc", ["wc", "a.csv;rm b.csv"], None, None), "wc shows"),
        ("subprocess.Popen", ("wc", ["wc", "a.csv"], None, {"PATH": "."}), "wc"),
        ("subprocess.Popen", ("rm", ["wc", "a.csv"], None, None), "rm"),
        ("subprocess.Popen", ("wc", ["wc", 3], None, None), "wc"),
        ("subprocess.Popen", ("/bin/bash", ["/bin/bash", "-c", "wc a.csv"], None, None), "wc shows"),
        ("subprocess.Popen", ("/bin/bash", ["/bin/bash", "-c", "wc $1", "a.csv"], None, None), "wc"),
        ("subprocess.Popen", ("/bin/bash", ["/bin/bash", "-lc", "wc a.csv"], None, None), "wc"),
        ("subprocess.Popen", ("zsh", ["zsh", "-c", "wc a.csv"], None, None), "wc"),
        ("subprocess.Popen", ("bash", ["bash"], None, None), "bash"),
        ("os.posix_spawn", ("/bin/cat", ["cat", "a.csv"], dict(os.environ)), "cat"),
        ("os.exec", (b"/usr/bin/make", ("make",), None), "make"),
        ("os.forkpty", (), "a command"),
    ],
)
def test_every_way_to_start_a_program(
    event: str, arguments: tuple[Any, ...], expected: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    command = started(event, arguments)
    assert command.name + (" shows" if shown(command) is not None else "") == expected


def test_without_a_shell_nothing_is_expanded(folder: Path) -> None:
    command = started("subprocess.Popen", ("wc", ["wc", "*.csv"], str(folder), None))
    assert shown(command) == Shown(read=(str(folder / "*.csv"),))


def test_a_step_that_only_shows_depends_on_what_it_shows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    observer = EffectObserver()
    with observer.observing():
        subprocess.run("wc -l *.csv | sort", shell=True, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ls", "sub", "gone"], check=False, capture_output=True)
    found = observer.found()
    assert names(found["read"], folder) == {"a.csv", "b.csv"}
    assert names(found["listed"], folder) == {".", "sub"}
    assert names(found["absent"], folder) == {"gone"}
    assert found["environ"].keys() >= {"LC_ALL", "LC_COLLATE", "LANG"}
    assert found["hidden"] == found["written"] == []


def test_a_step_that_starts_another_program_is_told_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    observer = EffectObserver()
    with observer.observing():
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        subprocess.run(f"cd sub && '{sys.executable}' -c pass", shell=True, check=True)
        subprocess.run("test -e a.csv; sort a.csv", shell=True, check=True, stdout=subprocess.DEVNULL)
    own = Path(sys.executable).name
    assert observer.found()["hidden"] == [f"it starts {own}", "it starts sort"]


def test_programs_that_libraries_ask_about_the_machine_hide_nothing() -> None:
    assert started("subprocess.Popen", ("lscpu", ["lscpu", "--parse"], None, None)).is_harmless
    assert not started("os.system", (b"lscpu; rm -r x",)).is_harmless
