"""Which files programs write is told by what changes on the disk, for the recorder and for steps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nbpipe.runtime import files, programs
from nbpipe.runtime.effects import EffectObserver
from nbpipe.runtime.observing import FileObserver


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the current folder, with a file in it."""
    folder = Path(os.path.realpath(tmp_path)) / "here"
    (folder / "sub").mkdir(parents=True)
    (folder / "old.txt").write_text("old")
    monkeypatch.chdir(folder)
    return folder


def shell(line: str, **options: Any) -> None:
    subprocess.run(line, shell=True, check=True, **options)


def watched(*lines: str) -> dict[str, list[str]]:
    observer = FileObserver()
    with observer.observing():
        for line in lines:
            shell(line)
    return observer.found()


@pytest.mark.parametrize(
    ("line", "name", "written"),
    [
        ("echo a > new.txt", "echo", ["new.txt"]),
        ("mkdir -p sub/deep; echo a > sub/deep/new.txt", "mkdir", ["sub/deep/new.txt"]),
        ("echo a >> old.txt", "echo", ["old.txt"]),
        ("printf new > old.txt", "printf", ["old.txt"]),
        ("mv old.txt new.txt", "mv", ["new.txt", "old.txt"]),
        ("rm old.txt", "rm", ["old.txt"]),
        ("touch -t 200001010000 old.txt", "touch", ["old.txt"]),
        ("true", "true", []),
    ],
)
def test_what_programs_write_is_seen(line: str, name: str, written: list[str], here: Path) -> None:
    found = watched(line)
    assert found["programs"] == [name]
    assert found["written"] == [str(here / each) for each in written]
    (here / "old.txt").write_text("old")
    (here / "new.txt").unlink(missing_ok=True)
    observer = EffectObserver()
    with observer.observing():
        shell(line)
    effects = observer.found()
    assert effects["written"] == [str(here / each) for each in written if (here / each).exists()]
    assert effects["hidden"] == [f"it starts {name}"]


def test_a_change_within_a_tick_of_the_clock_is_seen(here: Path) -> None:
    program = programs.Programs(lambda _: False)
    (here / "old.txt").write_text("one")
    program.start("make", str(here), ())
    before = (here / "old.txt").stat()
    with open("old.txt", "r+") as file:  # noqa: PTH123 - in place
        file.write("two")
    os.utime(here / "old.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert program.changed() == {str(here / "old.txt")}


def test_every_start_is_heard(here: Path) -> None:
    observer = FileObserver()
    with observer.observing():
        os.system("echo a > by_system.txt")
        subprocess.run([sys.executable, "-c", "open('by_list.txt', 'w')"], check=True)
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "echo > by_spawn.txt"], os.environ), 0)
    found = observer.found()
    assert found["written"] == [str(here / f"by_{how}.txt") for how in ("list", "spawn", "system")]
    assert found["programs"] == sorted(["echo", Path(sys.executable).name])


def test_what_was_written_before_the_first_program_is_told_apart(here: Path) -> None:
    (here / "made.txt").write_text("by another")
    found = watched("echo a > one.txt", "echo b > two.txt")
    assert found["written"] == [str(here / "one.txt"), str(here / "two.txt")]


def test_folders_of_tools_do_not_count(here: Path) -> None:
    out = ["mlruns/a", "mlartifacts/a", "node_modules/a", "__pycache__/a", ".git/a", "store/a"]
    observers = FileObserver(ignored=[str(here / "store")]), EffectObserver(ignored=[str(here / "store")])
    line = "; ".join([f"mkdir -p {Path(name).parent}; echo a > {name}" for name in out])
    for observer in observers:
        with observer.observing():
            shell(f"{line}; echo a > mlflow.db; echo a > mlflow.db-wal; echo a > .hidden; echo a > own")
        assert observer.found()["written"] == [str(here / ".hidden"), str(here / "own")]
        (here / ".hidden").unlink()
        (here / "own").unlink()


def test_the_folder_in_which_a_program_starts_is_compared_too(here: Path, tmp_path: Path) -> None:
    elsewhere = Path(os.path.realpath(tmp_path)) / "elsewhere"
    elsewhere.mkdir()
    observer = FileObserver()
    with observer.observing():
        shell("echo a > new.txt", cwd=elsewhere)
        shell("echo a > new.txt", cwd=here / "sub")
    assert observer.found()["written"] == [str(elsewhere / "new.txt"), str(here / "sub" / "new.txt")]


def test_beside_too_many_files_nothing_is_compared(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST_FILES", 20)
    for number in range(21):
        (here / f"{number}.txt").write_text("")
    observer = EffectObserver()
    with observer.observing():
        shell("echo a > new.txt")
    found = observer.found()
    assert found["written"] == []
    assert found["hidden"] == ["it starts echo", "what programs write beside more than 20,000 files is not looked for"]
    for number in range(21):
        (here / f"{number}.txt").unlink()
    assert observer.found()["written"] == []
    assert watched("true")["written"] == []


def test_files_in_folders_that_do_not_count_are_not_too_many(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "MOST_FILES", 20)
    for folder in ("store", "node_modules"):
        (here / folder).mkdir()
        for number in range(21):
            (here / folder / f"{number}.txt").write_text("")
    observer = FileObserver(ignored=[str(here / "store")])
    with observer.observing():
        shell("echo a > new.txt")
    assert observer.found()["written"] == [str(here / "new.txt")]


def test_programs_that_only_show_and_those_of_libraries_are_none(here: Path) -> None:
    observer = FileObserver()
    with observer.observing():
        shell("cat old.txt | wc -l; true", stdout=subprocess.DEVNULL)
    assert observer.found()["programs"] == ["cat"]
    observer = FileObserver()
    with observer.observing():
        shell("cat old.txt | wc -l", stdout=subprocess.DEVNULL)
        subprocess.run(["uname"], check=True, stdout=subprocess.DEVNULL)
    found = observer.found()
    assert found["programs"] == []
    assert found["read"] == [str(here / "old.txt")]


def test_what_programs_may_have_written_unseen_is_told_when_it_is_read(here: Path, tmp_path: Path) -> None:
    elsewhere = Path(os.path.realpath(tmp_path)) / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "old.txt").write_text("old")
    while time.time_ns() - (elsewhere / "old.txt").stat().st_ctime_ns <= files.TICK_NS:
        continue
    first = FileObserver()
    with first.observing():
        (elsewhere / "old.txt").read_text()
        shell("echo a > ../elsewhere/new.txt; echo a > .hidden; mkdir .git; echo a > .git/new.txt")
        Path("made.txt").write_text("here")
    seen = first.found()
    assert seen["unexplained"] == []
    assert seen["written"] == [str(here / ".hidden"), str(here / "made.txt")]
    second = FileObserver(programs=first.programs.following(seen["read"], seen["written"]))
    with second.observing():
        for name in ("../elsewhere/new.txt", ".git/new.txt", ".hidden", "made.txt", "../elsewhere/old.txt", "old.txt"):
            Path(name).read_text()
    found = second.found()
    assert found["programs"] == []
    assert found["unexplained"] == [str(elsewhere / "new.txt"), str(here / ".git" / "new.txt")]


def test_what_was_met_elsewhere_before_is_compared(here: Path, tmp_path: Path) -> None:
    other = Path(os.path.realpath(tmp_path)) / "other.txt"
    other.write_text("old")
    first = FileObserver()
    with first.observing():
        other.read_text()
    seen = first.found()
    second = FileObserver(programs=first.programs.following(seen["read"], seen["written"]))
    with second.observing():
        shell("echo new > ../other.txt")
    assert second.found()["written"] == [str(other)]
    assert here.is_dir()
