"""`nbpipe verify NOTEBOOK PIPELINE`: every option either holds for the proof or is refused, none is ignored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.convert import convert
from nbpipe.cli import main
from nbpipe.cli.proof import NOT_OF_PROOFS
from nbpipe.cli.verify import command
from nbpipe.execute.limits import Limits
from nbpipe.verify.proof_verdict import OutputVerdict, Proof, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"

# What each other option has to become: the option, its value, and the argument of the proof with its value.
HELD: Mapping[str, tuple[str | None, str, Any]] = {
    "rtol": ("0.5", "rtol", 0.5),
    "atol": ("0.25", "atol", 0.25),
    "cell_timeout": ("3", "limits", Limits(cell=3.0)),
    "timeout": ("4", "limits", Limits(total=4.0)),
    "idle_timeout": ("5", "limits", Limits(idle=5.0)),
    "max_memory": ("6GB", "limits", Limits(memory=6_000_000_000)),
    "max_output": ("7kB", "limits", Limits(output=7000)),
    "kernel": ("other", "kernel", "other"),
    "allow": ("a.b", "allow", ("a.b",)),
    "no_cache": (None, "rtol", 0.0),  # a proof always runs everything
    "output_format": ("json", "rtol", 0.0),
    "json_path": ("report.json", "rtol", 0.0),
    "html_path": ("report.html", "rtol", 0.0),
}
REFUSED = {"image_threshold": "0.5", "no_normalize": "all", "runs": "2", "jobs": "2", "junit_path": "report.xml"}
OPTIONS = {str(option.name): option for option in command.params if option.opts[0].startswith("-")}


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    Path("nb.ipynb").write_text("{}")
    Path("nb_pipeline/.nbpipe").mkdir(parents=True)
    return ["-q", "verify", "nb.ipynb", "nb_pipeline"]


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the proof was asked for."""
    asked: list[dict[str, Any]] = []

    def prove(*_: str, **options: Any) -> Proof:
        asked.append(options)
        return Proof((OutputVerdict("a", "b", Verdict.EQUAL),))

    monkeypatch.setattr("nbpipe.api.prove.prove", prove)
    return asked


def test_each_option_is_held_or_refused() -> None:
    own = {"quiet", "debug"}  # of all commands
    assert {*HELD, *NOT_OF_PROOFS} == OPTIONS.keys() - own
    assert HELD.keys().isdisjoint(NOT_OF_PROOFS)


@pytest.mark.parametrize("name", HELD)
def test_options_that_hold(name: str, arguments: list[str], proved: list[dict[str, Any]]) -> None:
    value, argument, expected = HELD[name]
    given = [OPTIONS[name].opts[-1], *([value] if value is not None else [])]
    assert main([*arguments, *given]) == 0
    assert proved[0][argument] == expected
    if name.endswith("_path"):
        assert Path(str(value)).read_text()


@pytest.mark.parametrize("name", NOT_OF_PROOFS)
def test_options_that_mean_nothing(
    name: str, arguments: list[str], proved: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    flag = OPTIONS[name].opts[-1]
    assert main([*arguments, flag, *([REFUSED[name]] if name in REFUSED else [])]) == 2
    error = capsys.readouterr().err
    assert error == f"error: {flag} means nothing with a notebook and its pipeline: {NOT_OF_PROOFS[name]}\n"
    assert proved == []


def test_an_output_to_allow_means_nothing_without_a_pipeline(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments[:-1], "--allow", "a.b"]) == 2
    assert capsys.readouterr().err.startswith("error: --allow means nothing without a pipeline: ")


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--max-output", "1kB"], "5 of 5 step outputs equal"),
        (["--cell-timeout", "0.0001"], "does not run in a fresh kernel: the cell took longer than 0.0001 s"),
        (["--timeout", "0.001"], "the notebook's run was ended: the notebook took longer than 0.001 s (--timeout)"),
        (["--max-memory", "1MB"], "(--max-memory)"),
    ],
)
def test_limits_end_a_real_proof(
    option: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["-q", "verify", str(project / "words.ipynb"), str(project / "words_pipeline"), *option])
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert code == (0 if "equal" in said else 1)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proof")
    shutil.copy(FIXTURES / "word_counts" / "notebook.ipynb", folder / "words.ipynb")
    convert(folder / "words.ipynb", verify=False)
    return folder
