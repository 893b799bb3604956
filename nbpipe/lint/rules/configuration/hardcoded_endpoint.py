"""NB203."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic, Fix
    from nbpipe.settings.setting import Setting

LONGEST = 60


class HardcodedEndpoint(Rule):
    r"""The address of a service, a database, a bucket or a table stands in the code.

    ## What it does

    Reports addresses that one deployment has and another has not:

    - connection strings (`postgresql://...`, `mongodb://...`, `jdbc:...`, ODBC's `Server=...;Database=...`), buckets
      (`s3://`, `gs://`, `abfss://`, `hdfs://`...), brokers and clusters (`redis://`, `spark://`, `tcp://`), and URLs in
      a private network or of one account (`http://models.corp:8501`, `https://x.azurewebsites.net`), wherever they are
      evaluated;
    - any other URL where a service is called: `requests.post`, `base_url=`, `endpoint_url=`, `set_tracking_uri`;
    - hosts, ports, databases and buckets where a connection is opened (`connect(host=..., port=...)`,
      `bootstrap_servers=`, `Bucket=`);
    - tables that are named in full (`schema.table`) in `spark.table`, `saveAsTable` and the text of queries.

    One finding a call, which names all of them. Passwords in connection strings are not shown; `hardcoded-secret`
    speaks of them.

    Silent for what is read as data from a public address: pages, files, public buckets and data sets, what `pip`
    installs, links that are shown; and for services that have one address for all of their users
    (`api.openai.com`). Silent in cells tagged `parameters`, on Colab form lines, in defaults of environment
    variables, for addresses to fill in (`https://<your-host>`), for those that are put together from variables, for
    what goes with an address that was chosen (`if url == "s3://a": ...`), for the address on which a server listens
    (`app.run(host=...)`), and for servers on the machine that the notebook runs on (`http://localhost:8501`), which it
    or its reader has started there; a database there has a name of its own, and is reported.

    ## Why is this bad?

    The notebook works against one system only. Who wants to run it against another, such as a test system before
    production, must find and edit every place; and the run that was meant for one system may write to the other.

    ## Example

    ```python
    # %%
    import requests

    answer = requests.post("https://models.example-corp.com/v1/predict", json={"rows": [1, 2]})
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    service_url = "https://models.example-corp.com/v1/predict"
    # %%
    import requests

    answer = requests.post(service_url, json={"rows": [1, 2]})
    ```

    ## Fix safety

    The fix moves the literal to the parameters cell, which it makes where there is none, and puts the parameter's name
    where the literal stood; an assignment that gives the literal to a name already is moved as it is. The notebook
    computes the same. It is unsafe because it changes how the notebook reads, and because literals with the same value
    for the same purpose become one parameter. There is no fix where a name bound at the top might be bound again by
    something that cannot be seen (`from x import *`, `%run`, `exec`), where a name cannot take the literal's place, or
    where it holds a password.
    """

    code = "NB203"
    severity = Severity.WARNING
    triggers = (
        "://", "jdbc:", "atabase=", "host=", "hostname=", "hosts=", "_url=", "base=", "endpoint=", "servers=", "Bucket",
        "bucket=", "bucket_name=", ".bucket(", "get_bucket(", "able(", "saveAsTable", "insertInto", ".sql(", "read_sql",
        "read_gbq", ".query(", "MongoClient(", "Redis(", "Elasticsearch(", "OpenSearch(", "InferenceServerClient",
    )  # fmt: skip

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each call, or for each literal that no call is known for."""
        from nbpipe.lint.extraction import extraction_of
        from nbpipe.settings.endpoints import find_endpoints

        places: dict[int, list[Setting]] = {}
        for setting in find_endpoints(context.analysis):
            places.setdefault(id(setting.place), []).append(setting)
        for settings in places.values():
            yield _report(context, settings, extraction_of(context.analysis).fix(settings))


def _report(context: Context, settings: list[Setting], fix: Fix | None) -> Diagnostic:
    first = settings[0]
    single = len(settings) == 1
    related: tuple[Related, ...] = ()
    if single and first.via:
        use = context.analysis.range(first.home, first.place)
        related = (Related(use, f"'{first.via}' is passed to '{first.sink}' here"),)
    if single:
        message = f"the {_what(first)} {_shown(first.value)} is hard-coded"
        return context.diagnostic(first.range, message, related=related, fix=fix)
    listed = ", ".join(f"{setting.keyword or 'address'}={_shown(setting.value)}" for setting in settings)
    place = first.place
    assert isinstance(place, ast.Call)  # noqa: S101 - nothing else has several
    where = context.callee(first.home, place)
    return context.diagnostic(where, f"'{first.sink}' has the hard-coded addresses {listed}", fix=fix)


def _what(setting: Setting) -> str:
    """Give the word for what an address is of."""
    from nbpipe.settings.endpoint_shape import Address, address_of

    words = {"table_name": "table", "port": "port", "bucket": "bucket", "Bucket": "bucket", "bucket_name": "bucket"}
    if setting.keyword in words:
        return words[setting.keyword]
    if setting.keyword in ("database", "db", "dbname", "schema", "warehouse", "account"):
        return setting.keyword
    kind = address_of(str(setting.value))
    named = {Address.BUCKET: "bucket", Address.DATABASE: "connection", Address.HOST: "host", Address.BROKER: "address"}
    return named.get(kind, "URL") if kind is not None else "URL"


def _shown(value: object) -> str:
    from nbpipe.settings.endpoint_shape import redacted

    text = repr(redacted(value) if isinstance(value, str) else value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"
