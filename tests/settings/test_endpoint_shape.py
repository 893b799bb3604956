"""The shapes of addresses, and that passwords in them are not shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.settings.endpoint_shape import Address, address_of, has_secret, is_public, redacted

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("s3://churn-prod/data", Address.BUCKET),
        ("abfss://raw@lake.dfs.core.windows.net/x", Address.BUCKET),
        ("hdfs://namenode:8020/x", Address.BUCKET),
        ("postgresql+psycopg2://ann@db/churn", Address.DATABASE),
        ("mongodb+srv://cluster0.corp.net/churn", Address.DATABASE),
        ("jdbc:postgresql://db:5432/churn", Address.DATABASE),
        ("Server=db;Database=churn;Trusted_Connection=yes", Address.DATABASE),
        ("redis://cache:6379/0", Address.BROKER),
        ("tcp://10.0.0.5:8786", Address.BROKER),
        ("http://models.corp:8501", Address.PRIVATE),
        ("http://192.168.0.7/api", Address.PRIVATE),
        ("https://models.svc/api", Address.PRIVATE),
        ("https://churn.openai.azure.com/", Address.PRIVATE),
        ("https://example-corp.com/api", Address.URL),
        ("db.corp:5432", Address.HOST),
        ("10.0.0.5", Address.HOST),
        ("db.corp", Address.HOST),
    ],
)
def test_what_an_address_is_of(text: str, kind: Address) -> None:
    assert address_of(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3://{}/data",
        "s3://your-bucket/data",
        "s3://sagemaker-sample-files/a",
        "gs://cloud-ml-data/a",
        "https://<host>/api",
        "https://",
        "ftp://example.org/a",
        "sqlite:///churn.db",
        "https://api.openai.com/v1",
        "http://169.254.169.254/latest",
        "a sentence; with a server = in it",
        "3.14",
        "10",
        "a b",
        "http://models.corp/a b",
        "http://localhost:8501/v1",
        "localhost:8000",
        "tcp://127.0.0.1:1883",
    ],
)
def test_what_is_no_address_of_one_deployment(text: str) -> None:
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        ("https://sqs.", None),
        ("s3://churn-", None),
        ("http://models.corp:", None),
        ("db", None),
        ("s3://churn/", Address.BUCKET),
        ("http://models.corp:8501/v1/", Address.PRIVATE),
    ],
)
def test_of_a_beginning_the_host_must_be_whole(beginning: str, kind: Address | None) -> None:
    assert address_of(beginning, complete=False) is kind


@pytest.mark.parametrize("name", ["cloud-samples-data", "bigquery-public-data.a.b", "vertex-ai", "noaa-goes16"])
def test_what_everyone_may_read_is_public(name: str) -> None:
    assert is_public(name)
    assert not is_public("churn-prod")


@given(WORDS, st.text(alphabet="pqrs!$.-_=+", min_size=8, max_size=20), WORDS)
def test_a_password_is_not_shown(user: str, password: str, host: str) -> None:
    for text in (f"postgresql://{user}:{password}@{host}/db", f"Server={host};Database=x;Uid={user};Pwd={password};"):
        assert has_secret(text)
        assert password not in redacted(text)
        assert host in redacted(text)


@given(WORDS, WORDS)
def test_an_address_without_a_password_is_shown_as_it_is(user: str, host: str) -> None:
    for text in (f"postgresql://{user}@{host}/db", f"http://{host}:80/{user}"):
        assert not has_secret(text)
        assert redacted(text) == text


@given(st.text(max_size=60))
def test_any_text_is_looked_at(text: str) -> None:
    assert address_of(text) in {None, *Address}
    assert address_of(text, complete=False) in {None, *Address}
