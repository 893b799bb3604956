"""The shape of a text: whether it is the address of a service, a database or a bucket that one deployment has.

Decided by the text alone, never by what answers there.
"""

from __future__ import annotations

import re
from enum import Enum

from nbpipe.patterns import pattern


class Address(Enum):
    """What kind of address a text is."""

    BUCKET = "bucket"  # of an object store
    DATABASE = "database"  # a connection string
    BROKER = "broker"  # of a cluster, a queue or a cache
    PRIVATE = "private"  # a URL in a private network or of one account
    URL = "url"  # any other URL: an endpoint only where a service is called
    HOST = "host"  # host:port, an IP address or a bare host name: only where a host is wanted


_URL = pattern(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:(?P<user>[^\s/@:]*)(?::(?P<password>[^\s/@]*))?@)?(?P<rest>\S*)")
_BUCKETS = frozenset(["abfs", "abfss", "adl", "az", "gs", "hdfs", "oss", "s3", "s3a", "s3n", "wasb", "wasbs"])
_DATABASES = (
    "postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", "mongodb", "snowflake", "clickhouse", "redshift",
    "trino", "presto", "hive", "cassandra", "neo4j", "bolt", "cockroachdb", "databricks", "teradatasql", "vertica",
)  # fmt: skip
_BROKERS = frozenset(["amqp", "amqps", "grpc", "kafka", "mqtt", "nats", "redis", "rediss", "spark", "tcp", "tls"])
_WEB = frozenset(["http", "https", "ws", "wss"])
_JDBC = pattern(r"jdbc:\w+:")
_ODBC = pattern(r"(?i)(?=.*\b(?:server|data source|host)\s*=)(?=.*\b(?:database|initial catalog|uid|driver)\s*=)")
# Names in a private network, accounts' own addresses in clouds, tunnels.
_PRIVATE = pattern(
    r"(?:10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+"
    r"|host\.docker\.internal|[\w-]+|[\w.-]+\.(?:local|internal|corp|lan|intranet|svc|cluster\.local)"
    r"|[\w.-]+\.(?:execute-api\.[\w-]+\.amazonaws\.com|rds\.amazonaws\.com|es\.amazonaws\.com|azurewebsites\.net"
    r"|openai\.azure\.com|cognitiveservices\.azure\.com|search\.windows\.net|vault\.azure\.net|database\.windows\.net"
    r"|documents\.azure\.com|azurecontainer\.io|azuredatabricks\.net|cloud\.databricks\.com|snowflakecomputing\.com"
    r"|cloudfunctions\.net|run\.app|herokuapp\.com|ngrok\.io|ngrok-free\.app|trycloudflare\.com|gradio\.live))"
    r"(?::\d+)?(?:[/?#].*)?"
)
# This machine: a server that the notebook, or its reader, has started there, the same for everyone.
_LOCAL = pattern(r"(?i)(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1\])(?::\d*)?$")
# Where a machine in a cloud asks about itself: the same address for all of them.
_METADATA = ("metadata.google.internal", "169.254.169.254")
# Services with one address for all of their users.
_SHARED = pattern(
    r"(?:[\w-]+\.)*(?:googleapis\.com|openai\.com|openrouter\.ai|anthropic\.com|huggingface\.co|mistral\.ai|groq\.com"
    r"|together\.(?:xyz|ai)|deepseek\.com|cohere\.(?:ai|com)|perplexity\.ai|github\.com|gitlab\.com|wandb\.ai|telegram\.org"
    r"|slack\.com|discord\.com|httpbin\.org|postman-echo\.com)(?::\d+)?"
)
_HOST = pattern(r"(?!\d+(?:\.\d+)*$)[A-Za-z0-9][\w.-]*(?::\d{2,5})?|(?:\d{1,3}\.){3}\d{1,3}(?::\d{2,5})?")
# Data that anyone can read, where the address is what the notebook is about; and addresses to fill in.
_PUBLIC = pattern(
    r"(?i)sample|example|public|open|tutorial|demo|dataset|noaa|landsat|sentinel|common-?crawl"
    r"|^(?:google-cloud-aiplatform|cloud-ml-(?:tables-)?data|vertex-.*|ucaip-.*|dataflow-templates|github-repo|spark-lib"
    r"|t5-data|aws-ml-blog.*|jumpstart-cache-.*|hf-sagemaker-.*|nyc-tlc|download\.tensorflow\.org|tfhub-.*|fast-ai-.*"
    r"|scenic-bucket|vit_models|dm_graphcast|gresearch|magentadata|weatherbench2?|ml-pipeline-playground)(?:$|\.)"
)
_BLANK = pattern(r"(?i)[<>{}%$*\s]|your|xxx|placeholder|changeme|\.\.\.|my-?bucket|^path$|^bucket$|:port$|foo|bar\b")
_LONGEST = 400


def is_public(name: str) -> bool:
    """Tell whether a bucket, project or schema holds data that anyone may read."""
    return _PUBLIC.search(name) is not None


def is_local(authority: str) -> bool:
    """Tell whether a host, perhaps with a port, is the machine that the notebook runs on."""
    return _LOCAL.match(authority) is not None


def address_of(text: str, *, complete: bool = True) -> Address | None:
    """Give what kind of address a text is, None where it is none or one to be filled in.

    Args:
        text: the text.
        complete: whether it is all of the address; of a beginning (as of an f-string) the host must be whole.
    """
    if not 3 <= len(text) <= _LONGEST or "\n" in text:  # noqa: PLR2004
        return None
    found = _URL.match(text)
    if found is None:
        if complete and (_JDBC.match(text) or (";" in text and _ODBC.match(text))):
            return None if re.search(r"[<>]|(?i:your)", text) else Address.DATABASE
        host = complete and _HOST.fullmatch(text) and not _BLANK.search(text) and not is_local(text)
        return Address.HOST if host else None
    authority = re.split(r"[/?#]", found["rest"], maxsplit=1)[0]
    if not authority or _BLANK.search(authority) or any(character.isspace() for character in text):
        return None
    if not complete and authority == found["rest"]:
        return None
    return _of_url(found["scheme"], authority, found["rest"])


def _of_url(scheme: str, authority: str, rest: str) -> Address | None:
    if scheme in _BUCKETS:
        bucket = authority.rpartition("@")[2]
        return Address.BUCKET if re.fullmatch(r"[\w.-]{2,}(?::\d+)?", bucket) and not is_public(bucket) else None
    if scheme.partition("+")[0] in _DATABASES:
        return Address.DATABASE
    if is_local(authority) and scheme not in _BUCKETS:
        return None
    if scheme in _BROKERS:
        return Address.BROKER
    if scheme in _WEB and not authority.startswith(_METADATA) and not _SHARED.fullmatch(authority):
        return Address.PRIVATE if _PRIVATE.fullmatch(rest) else Address.URL
    return None


def has_secret(text: str) -> bool:
    """Tell whether an address holds a password, which is another finding and is not shown."""
    found = _URL.match(text)
    return bool(found is not None and found["password"]) or bool(re.search(r"(?i)(?:pwd|password)=[^;&]+", text))


def redacted(text: str) -> str:
    """Give an address with its password left out."""
    found = _URL.match(text)
    if found is not None and found["password"]:
        start, end = found.span("password")
        text = f"{text[:start]}***{text[end:]}"
    return re.sub(r"(?i)\b((?:pwd|password)=)[^;&]+", r"\1***", text)
