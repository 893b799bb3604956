"""Secrets in parameters, records, logs, the executed notebook and MLflow's copy of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.execute import run_notebook
from nbpipe.execute.hiding import shareable_bytes
from nbpipe.secrets.redaction import HIDDEN, Redactor
from tests.execute.making import Heard, code, shown, write_notebook

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "zQ8vW3nT6rYp1LxK"
TOKEN = "ghp_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5z7A"


class Logged(Heard):
    def __init__(self) -> None:
        super().__init__()
        self.printed = ""

    def cell_printed(self, name: str, text: str) -> None:
        self.printed += text


def test_a_secret_parameter_is_nowhere_to_be_found(tmp_path: Path) -> None:
    parameters = code("api_key = ''\nn = 1", "parameters")
    show = "print('key', api_key)\napi_key"
    source = write_notebook(tmp_path / "a.ipynb", parameters, show, f"print('{TOKEN}')", "raise ValueError(api_key)")
    heard = Logged()
    record = run_notebook(
        source, parameters={"api_key": SECRET, "n": 2}, listener=heard, note=f"with {TOKEN}", tags={"a": TOKEN}
    )
    assert record.parameters == {"api_key": HIDDEN, "n": 2}
    assert record.note == f"with {HIDDEN}"
    assert record.tags == {"a": HIDDEN}
    assert record.error is not None
    assert record.error.message == HIDDEN
    assert heard.printed.startswith(f"key {HIDDEN}\n")
    assert SECRET not in heard.printed
    assert TOKEN not in heard.printed
    for path in tmp_path.iterdir():
        assert SECRET not in path.read_text()
    assert TOKEN not in (tmp_path / "a.executed.run.json").read_text()
    cells = json.loads((tmp_path / "a.executed.ipynb").read_text())["cells"]
    assert cells[1]["source"] == ["# Parameters\n", f"api_key = '{HIDDEN}'\n", "n = 2"]
    assert shown(tmp_path / "a.executed.ipynb")[2] == f"key {HIDDEN}\n"


def test_a_secret_in_the_notebook_itself_is_not_recorded_and_outputs_stay_as_they_are(tmp_path: Path) -> None:
    parameters = code(f"api_key = '{SECRET}'", "parameters")
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", parameters, "print(api_key)\nraise OSError(api_key)"))
    assert record.parameters == {"api_key": HIDDEN}
    assert SECRET not in (tmp_path / "a.executed.run.json").read_text()
    # Whoever verifies the notebook compares what it shows.
    assert shown(tmp_path / "a.executed.ipynb")[1] == f"{SECRET}\n"


def test_the_copy_that_leaves_the_machine_has_no_shaped_secret(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": [f"t {TOKEN}\n", "x\n"]}
    source = write_notebook(
        tmp_path / "a.ipynb", code(f"token = '{TOKEN}'\npassword = 'hT7kPq92xZv4'", outputs=[output])
    )
    before = source.read_bytes()
    copy = shareable_bytes(before, Redactor({}))
    assert TOKEN not in copy.decode()
    assert "hT7kPq92xZv4" not in copy.decode()
    cell = json.loads(copy)["cells"][0]
    assert cell["outputs"][0]["text"] == [f"t {HIDDEN}\n", "x\n"]
    assert source.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "value", "hidden"),
    [
        ("password", SECRET, True),
        ("db_password", "short", True),
        ("AWS_SECRET_ACCESS_KEY", SECRET, True),
        ("token_count", "12345678", False),
        ("max_tokens", 100, False),
        ("api_key", "", False),
        ("api_key", "your-key-here", False),
        ("path", f"https://user:{SECRET}@host.org/x", True),
        ("name", "a plain text", False),
        ("keys", {"api_key": SECRET}, True),
    ],
)
def test_which_parameters_are_secrets(name: str, value: object, hidden: bool) -> None:  # noqa: FBT001
    shown_value = Redactor({name: value}).parameters({name: value})[name]
    assert (HIDDEN in str(shown_value)) is hidden
    assert hidden or shown_value == value


@given(st.text(), st.text(alphabet="abcdefXYZ0123456789", min_size=8, max_size=30), st.text())
def test_a_known_secret_never_survives(before: str, secret: str, after: str) -> None:
    redactor = Redactor({"password": secret})
    if redactor.is_idle:
        return
    assert secret not in redactor.text(before + secret + after).replace(HIDDEN, "\0")
