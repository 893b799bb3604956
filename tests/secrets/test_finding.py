"""What is a secret in a text, what is none, and that looking takes time in proportion to the text."""

from __future__ import annotations

from itertools import pairwise
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.notebook import Cell, Notebook
from nbpipe.secrets.finding import find_secrets, secrets_in_code
from nbpipe.secrets.outputs import LONGEST, texts_of

LETTERS = ascii_letters + digits


def filler(length: int, alphabet: str = LETTERS) -> str:
    """Give a text that looks random. Tokens are put together here so that none stands in this file."""
    return "".join(alphabet[(7 * at * at + 13 * at + 5) % len(alphabet)] for at in range(length))


HEX = "0123456789abcdef"
TOKENS = [
    ("AKIA" + filler(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), "AWS"),
    ("ghp_" + filler(36), "GitHub"),
    ("github_pat_" + filler(22) + "_" + filler(59), "GitHub"),
    ("glpat-" + filler(20), "GitLab"),
    ("xoxb-" + filler(12, digits) + "-" + filler(24), "Slack"),
    ("sk_live_" + filler(24), "Stripe"),
    ("sk-ant-api03-" + filler(95), "Anthropic"),
    ("sk-proj-" + filler(60) + "T3Blbk" + "FJ" + filler(60), "OpenAI"),
    ("sk-" + filler(20) + "T3Blbk" + "FJ" + filler(20), "OpenAI"),
    ("AIza" + filler(35), "Google API"),
    ("GOCSPX-" + filler(28), "OAuth"),
    ("hf_" + filler(34, ascii_letters), "Hugging Face"),
    ("SG." + filler(22) + "." + filler(43), "SendGrid"),
    (filler(9, "123456789") + ":AA" + filler(33), "Telegram"),
    ("npm_" + filler(36), "npm"),
    ("dapi" + filler(32, HEX), "Databricks"),
    ("gsk_" + filler(52), "Groq"),
    ("r8_" + filler(37), "Replicate"),
    ("lsv2_pt_" + filler(32, HEX) + "_" + filler(10, HEX), "LangSmith"),
    ("eyJ" + filler(20) + ".eyJ" + filler(30) + "." + filler(43), "web token"),
]


@pytest.mark.parametrize(("token", "service"), TOKENS, ids=[service for _, service in TOKENS])
def test_a_services_token_is_found_wherever_it_stands(token: str, service: str) -> None:
    for text in (token, f"x = f({token!r})", f"see {token}, then go on", f'"{token}"\n'):
        (found,) = find_secrets(text)
        assert found.text == token
        assert text[found.start : found.end] == token
        assert service in found.kind
        assert find_secrets(text, names=())[0].text == token


@pytest.mark.parametrize(("token", "service"), TOKENS, ids=[service for _, service in TOKENS])
def test_what_may_be_shown_is_its_beginning_and_length(token: str, service: str) -> None:
    (found,) = find_secrets(token)

    assert found.redacted == f"{token[:4]}\N{HORIZONTAL ELLIPSIS} ({len(token)} characters)"


def test_keys_of_azure_and_private_keys_are_found_in_their_surroundings() -> None:
    storage = f"DefaultEndpointsProtocol=https;AccountName=churn;AccountKey={filler(86)}==;EndpointSuffix=x"
    assert [secret.text for secret in find_secrets(storage)] == [filler(86) + "=="]
    kind = "PRIVATE " + "KEY"
    for end in ("\n", "\\n"):
        key = f'"-----BEGIN RSA {kind}-----{end}{filler(64)}{end}{filler(64)}{end}-----END RSA {kind}-----"'
        (found,) = find_secrets(key)
        assert found.kind == "a private key"
        assert filler(64) in found.text
    assert not find_secrets(f"-----BEGIN {kind}-----\n...\n-----END {kind}-----")


def test_a_private_key_in_a_cell_is_found() -> None:
    kind = "PRIVATE " + "KEY"
    source = f'key = """-----BEGIN {kind}-----\n{filler(64)}\n{filler(64)}\n-----END {kind}-----"""'

    ((index, found),) = secrets_in_code(Notebook((Cell(0, "code", source),), {}))

    assert (index, found.kind) == (0, "a private key")


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "hf_" + "a" * 34,
        f"X-Amz-Credential=AKIA{filler(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}/20240101",
        f"https://images.example.org/a.png?jwt=eyJ{filler(20)}.eyJ{filler(30)}.{filler(43)}",
        "sk-learn-extra-is-a-package-with-a-long-name",
        f"ghp_{filler(36)}{filler(300)}",
        "postgresql://ann:tr0ub4dor@localhost/churn",
        "https://user:password@host.acme.io",
        "git@github.com:org/tool.git",
    ],
)
def test_what_looks_like_one_and_is_none_is_left_alone(text: str) -> None:
    assert not find_secrets(text)


def test_a_short_secret_shows_less_of_itself() -> None:
    (found,) = find_secrets('password = "Tr0ub4d!"')

    assert found.redacted.startswith("Tr\N{HORIZONTAL ELLIPSIS}")
    assert not found.certain


def test_long_runs_are_read_in_time() -> None:
    for part in ("a", "password", "eyJ", "://", "-----BEGIN ", "a:", "token=", "env ", "://a:"):
        assert not find_secrets(part * 50_000)


def test_pictures_in_text_are_not_read() -> None:
    token = "AIza" + filler(35)

    assert not find_secrets(f"data:image/png;base64,{filler(200)}+{token}")
    assert find_secrets(f"data:image/png;base64,{filler(200)}) {token}")


@given(st.text(alphabet=LETTERS + "=:'\"./@ \n-_", max_size=200))
def test_what_is_found_is_in_the_text_and_does_not_overlap(text: str) -> None:
    found = find_secrets(f"token = {text!r} password='{text}' {text}")

    assert all(first.end <= second.start for first, second in pairwise(found))


def test_texts_of_outputs_of_either_format_and_no_pictures() -> None:
    picture = {"image/png": "iVBOR", "application/json": {"a": "b"}, "text/plain": ["one\n", "two"]}
    assert list(texts_of({"output_type": "display_data", "data": picture})) == ["one\ntwo"]
    assert list(texts_of({"output_type": "stream", "text": ["a", "b"]})) == ["ab"]
    assert list(texts_of({"output_type": "pyout", "text": "a", "html": "<b>", "png": "iVBOR"})) == ["a", "<b>"]
    assert list(texts_of({"output_type": "error", "evalue": "no", "traceback": ["x", "y"]})) == ["no", "xy"]
    assert [len(text) for text in texts_of({"text": "a" * (LONGEST + 1)})] == [LONGEST]
