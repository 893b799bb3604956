"""What the server's side answers: the same as the command line, and nothing to strangers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
import time
import urllib.error
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from nbpipe.api.convert import convert
from nbpipe.api.load import load
from nbpipe.cli import main
from nbpipe.lab.handlers import capabilities
from tests.ui.replies import valid
from tests.ui.running import document, sums, tagged

if TYPE_CHECKING:
    from tests.ui.running import Lab

MESSY = document(
    [
        {"cell_type": "markdown", "source": "# Wörds"},
        {"source": "print(later)\n!pip install pandas==2.2.0", "execution_count": 2},
        {"source": "later = 1", "execution_count": 1},
    ]
)


def data(notebook: Any = MESSY) -> bytes:
    return json.dumps(notebook).encode()


def follow(lab: Lab, job: dict[str, Any]) -> list[dict[str, Any]]:
    """Give all events of a job, when it has ended."""
    events: list[dict[str, Any]] = []
    end = time.monotonic() + 300
    while time.monotonic() < end:
        reply = valid("followed", lab.json(f"jobs/{job['id']}?after={len(events)}"))
        events += reply["events"]
        if reply["ended"]:
            return events
    raise TimeoutError(events)


def start(lab: Lab, kind: str, path: str, **options: Any) -> dict[str, Any]:
    request = {"kind": kind, "path": path, **options}
    started: dict[str, Any] = valid("started", lab.json("jobs", json.dumps(request).encode()))
    return started


def refusal(lab: Lab, address: str, body: bytes | None = None, **options: Any) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        lab.request(address, body, **options)
    with caught.value as error:
        return error.code, error.read().decode()


ADDRESSES = [
    ("capabilities", None),
    ("check?path=a.ipynb", b"{}"),
    ("fix?path=a.ipynb", b"{}"),
    ("structure?path=a.ipynb", b"{}"),
    ("tags?path=a.ipynb", b"{}"),
    ("jobs", b'{"kind": "verify", "path": "a.ipynb"}'),
    ("jobs", None),
    ("jobs/abc", None),
]


@pytest.mark.parametrize(("address", "body"), ADDRESSES)
def test_nobody_without_the_token_gets_anything(lab: Lab, address: str, body: bytes | None) -> None:
    assert refusal(lab, address, body, token="wrong")[0] == 403


@pytest.mark.parametrize("path", ["../outside.ipynb", "a/../../b.ipynb", "link/secret.ipynb", "drive:a.ipynb"])
def test_paths_lead_nowhere_outside_of_the_root(lab: Lab, tmp_path: Path, path: str) -> None:
    link = lab.root / "link"
    if not link.exists():
        link.symlink_to(tmp_path)
    for address, body in ADDRESSES[1:5]:
        code, text = refusal(lab, address.replace("a.ipynb", quote(path)), body)
        assert code == 403
        assert "server's root" in json.loads(text)["reason"]
    assert refusal(lab, "jobs", json.dumps({"kind": "run", "path": path}).encode())[0] == 403


def test_checking_gives_what_the_command_line_gives_of_what_is_in_the_browser(
    lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    file = lab.root / "checked nb.ipynb"
    file.write_text(json.dumps(document([{"source": "fine = 1"}])))

    reply = valid("checked", lab.json("check?path=checked%20nb.ipynb", data()))

    file.write_bytes(data())
    main(["check", "--output-format", "json", str(file)])
    expected = json.loads(capsys.readouterr().out)
    assert {item["rule"] for item in reply["diagnostics"]} >= {"use-before-definition", "shell-pip"}
    for item in (*reply["diagnostics"], *expected["diagnostics"]):
        item["json_line"] = None  # a line of the file, which the browser has none of
        for other in item["related"]:
            other["json_line"] = None
    assert reply["diagnostics"] == expected["diagnostics"]
    assert reply["summary"] == expected["summary"]
    assert reply["failures"] == []


def test_what_is_no_notebook_is_a_finding_in_words(lab: Lab) -> None:
    reply = valid("checked", lab.json("check?path=broken.ipynb", data()[:100]))
    assert [item["rule"] for item in reply["diagnostics"]] == ["invalid-notebook"]
    assert "is cut off" in reply["diagnostics"][0]["message"]

    assert "is cut off" in valid("fixed", lab.json("fix?path=broken.ipynb", data()[:100]))["problem"]
    code, text = refusal(lab, "structure?path=broken.ipynb", data()[:100])
    assert (code, "is cut off" in json.loads(text)["reason"]) == (400, True)


def test_the_settings_of_the_project_count_and_wrong_ones_are_told(lab: Lab) -> None:
    folder = lab.root / "project"
    folder.mkdir()
    (folder / "nbpipe.toml").write_text('ignore = ["NB1"]\n')
    rules = [item["rule"] for item in lab.json("check?path=project/a.ipynb", data())["diagnostics"]]
    assert "shell-pip" in rules
    assert "use-before-definition" not in rules

    (folder / "nbpipe.toml").write_text("ignor = []\n")
    code, text = refusal(lab, "check?path=project/a.ipynb", data())
    assert code == 400
    assert "Did you mean 'ignore'?" in json.loads(text)["reason"]


def test_fixing_gives_the_cells_to_change_and_writes_nothing(lab: Lab) -> None:
    safe = valid("fixed", lab.json("fix?path=unwritten.ipynb", data()))
    assert [item["rule"] for item in safe["applied"]] == ["shell-pip"]
    assert [(cell["origin"], cell["source"]) for cell in safe["cells"]] == [
        (0, None),
        (1, "print(later)\n%pip install pandas==2.2.0"),
        (2, None),
    ]
    assert "-!pip install pandas==2.2.0" in safe["diff"]

    unsafe = valid("fixed", lab.json("fix?path=unwritten.ipynb&unsafe=1", data()))
    assert [cell["origin"] for cell in unsafe["cells"]] == [0, 2, 1]
    assert "cell 3 (id cell-3): is now below cell 1 (id cell-1)" in unsafe["diff"]
    assert not (lab.root / "unwritten.ipynb").exists()


def test_steps_and_what_is_out_of_date(lab: Lab) -> None:
    notebook = document(
        [
            {"source": "a = 1", "metadata": tagged("step:load"), "execution_count": 1},
            {"source": "b = a + 1", "metadata": tagged("step:use it"), "execution_count": 2},
            {"source": "c = b", "execution_count": 3},
            {"source": "d = 0", "metadata": tagged("step:after", "after:load"), "execution_count": 4},
        ]
    )
    reply = valid("structure", lab.json("structure?path=s.ipynb", data(notebook)))
    assert [(step["name"], step["title"], step["cells"]) for step in reply["steps"]] == [
        ("load", "load", [1]),
        ("use_it", "use it", [2, 3]),
        ("after", "after", [4]),
    ]
    assert reply["edges"] == [
        {"from": "load", "to": "use_it", "names": ["a"], "late": False},
        {"from": "load", "to": "after", "names": [], "late": False},
    ]
    assert [role["tagged"] for role in reply["roles"]] == [True, True, False, True]
    assert reply["stale"] == []

    edited = lab.json("structure?path=s.ipynb&edited=cell-1", data(notebook))["stale"]
    assert edited == [
        {"cell": 1, "reason": "was edited since it ran"},
        {"cell": 2, "reason": "uses a of cell 1, which was edited since it ran"},
        {"cell": 3, "reason": "uses b of cell 2, which is out of date itself"},
    ]
    notebook["cells"][0]["execution_count"] = 9
    assert [(item["cell"], item["reason"]) for item in lab.json("structure?path=s.ipynb", data(notebook))["stale"]] == [
        (2, "uses a of cell 1, which ran again since"),
        (3, "uses b of cell 2, which is out of date itself"),
    ]
    notebook["cells"][1]["metadata"] = tagged("stp:use")
    assert "Did you mean" in lab.json("structure?path=s.ipynb", data(notebook))["problems"][0]["message"]


@pytest.mark.skipif(find_spec("nbpipe.api.tag") is None, reason="this nbpipe has no `nbpipe tag`")
def test_steps_are_suggested_for_what_is_in_the_browser(lab: Lab) -> None:
    notebook = document(
        [
            {"source": "import pandas as pd"},
            {"source": "df = pd.read_csv('a.csv')", "metadata": tagged("mine")},
            {"source": "print(df.mean())"},
        ]
    )
    cells = valid("suggested", lab.json("tags?path=new.ipynb", data(notebook)))["cells"]
    assert [(cell["cell"], cell["tags"]) for cell in cells][:2] == [(1, ["imports"]), (2, ["mine", "step:load"])]

    reply = valid("suggested", lab.json("tags?path=new.ipynb", data(document([]))))
    assert (reply["cells"], reply["problem"][:35]) == ([], "there is nothing to make a step of:")
    assert "no headings" in lab.json("tags?path=new.ipynb&split=headings", data(notebook))["problem"]
    assert refusal(lab, "tags?path=new.ipynb&split=odd", data(notebook))[0] == 400


def test_what_is_not_installed_is_not_offered(lab: Lab) -> None:
    commands = valid("capabilities", lab.json("capabilities"))["commands"]

    assert commands["check"]
    assert commands["tag"] == (find_spec("nbpipe.api.tag") is not None)
    assert capabilities(None, "")["commands"] == commands


def test_a_pipeline_is_found_run_with_parameters_and_seen_in_mlflow(lab: Lab) -> None:
    folder = lab.root / "jobs and more"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "sums.ipynb").write_bytes(data(sums()))
    assert valid("capabilities", lab.json("capabilities?path=jobs%20and%20more/sums.ipynb"))["pipelines"] == []

    convert(folder / "sums.ipynb", split="headings", verify=False)
    found = lab.json("capabilities?path=jobs%20and%20more/sums.ipynb")["pipelines"]
    path = "jobs and more/sums_pipeline"  # which git does not track yet
    assert found == [{"path": path, "problem": "", "mlflow": None}]
    (asked,) = follow(lab, start(lab, "parameters", path))
    assert asked["result"]["parameters"] == [{"name": "limit", "type": "int", "help": "how many", "value": "3"}]

    wrong = follow(lab, start(lab, "run", path, parameters={"limit": "many"}))[-1]
    assert (wrong["event"], "parameter 'limit' must be int, not 'many'" in wrong["message"]) == ("failed", True)
    result = follow(lab, start(lab, "run", path, parameters={"limit": "2"}))[-1]["result"]
    assert (result["status"], result["problem"]) == ("ok", "")
    assert load("latest", "add_up", "total", folder=folder / "sums_pipeline") == 12
    assert result["mlflow"]["see"].startswith("mlflow ui --backend-store-uri sqlite:///")
    assert len(result["mlflow"]["run"]) == 32
    (after,) = valid("capabilities", lab.json("capabilities?path=jobs%20and%20more/sums.ipynb"))["pipelines"]
    assert after["mlflow"] == result["mlflow"]


def test_what_cannot_be_converted_says_why_in_one_line(lab: Lab) -> None:
    (lab.root / "untagged.ipynb").write_bytes(data(document([{"source": "a = 1"}])))

    ending = follow(lab, start(lab, "convert", "untagged.ipynb"))[-1]

    assert ending["event"] == "failed"
    assert ending["message"].startswith("untagged.ipynb: no cell is tagged as a step: tag the cells")
    assert "Traceback" not in ending["message"]


def test_a_job_is_cancelled_and_leaves_no_process(lab: Lab) -> None:
    mark = lab.root / "pid.txt"
    source = (
        "import os, pathlib, time\npathlib.Path('pid.txt').write_text(str(os.getpid()))\nwhile True:\n    time.sleep(1)"
    )
    (lab.root / "endless.ipynb").write_bytes(data(document([{"source": source}])))
    job = start(lab, "verify", "endless.ipynb")
    end = time.monotonic() + 200
    while not (mark.is_file() and mark.read_text()):
        assert time.monotonic() < end
        threading.Event().wait(0.2)

    assert job in valid("running", lab.json("jobs"))["jobs"]

    lab.request(f"jobs/{job['id']}", method="DELETE")

    assert follow(lab, job)[-1]["event"] == "cancelled"
    while Path(f"/proc/{mark.read_text()}").exists() and time.monotonic() < end and os.name == "posix":
        threading.Event().wait(0.2)
    assert not Path(f"/proc/{mark.read_text()}").exists()
    assert refusal(lab, "jobs/0123")[0] == 404


def test_what_is_asked_wrongly_is_refused_in_words(lab: Lab) -> None:
    code, text = refusal(lab, "jobs", b'{"kind": "dance", "path": "a.ipynb"}')
    kinds = "convert, parameters, run, verify, view"
    assert (code, json.loads(text)["reason"]) == (400, f"a job has a kind ({kinds}) and a path")
    ending = follow(lab, start(lab, "run", "nowhere"))[-1]
    assert ending["event"] == "failed"
    assert ending["message"] == "nowhere: no such folder"


def test_checks_that_nobody_waits_for_any_more_are_dropped_in_silence(lab: Lab) -> None:
    notebook = data(document([{"source": f"a{number} = {number}\nprint(b{number})"} for number in range(300)]))
    host, port = lab.url.removeprefix("http://").strip("/").split(":")
    head = (
        f"POST /nbpipe/check?path=typed.ipynb HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: token {lab.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(notebook)}\r\n\r\n"
    )
    for _ in range(5):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + notebook)

    assert len(lab.json("check?path=typed.ipynb", notebook)["diagnostics"]) >= 300
    assert "CancelledError" not in lab.log.read_text()
