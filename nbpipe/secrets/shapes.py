"""The shapes of well-known services' tokens, as the services document them or as they have issued them for years.

Each has the texts of which one must occur, which is looked for first because it costs next to nothing, and an
expression whose group `secret`, or the whole of it, is what must not be known.
"""

from __future__ import annotations

import re
from functools import cache

# Tokens are no shorter than an AWS access key's id.
WORD = 20
SHORT_WORD = 10


class Shape:
    """One kind of token.

    Attributes:
        name: with its article, for messages.
        marks: one of these must be in the text, in a word as long as `word` (one with a blank: anywhere).
        expression: matches the token.
        word: the fewest characters, up to the next blanks, of the word that a mark stands in.
        also: this must stand behind the mark in its word.
    """

    __slots__ = ("also", "expression", "marks", "name", "word")

    def __init__(self, name: str, marks: tuple[str, ...], expression: str, word: int = WORD, also: str = "") -> None:
        self.name = name
        self.marks = marks
        self.expression = expression
        self.word = word
        self.also = also


def _in_run(byte: int) -> bool:
    return byte >= 0x80 or chr(byte).isalnum() or byte in b"_+/-"  # noqa: PLR2004 - beyond ASCII


# Longer than most words of code, and no longer than the longest part of any token of `WORD` characters or more.
_LONG_RUN = b"w" * 20
# The kind of each byte of a text: of a blank, of a run (letters beyond ASCII are), of neither.
_KINDS = bytes.maketrans(
    bytes(range(256)),
    bytes(0x20 if byte in b" \t\n\r\v\f\x1c\x1d\x1e\x1f" else 0x77 if _in_run(byte) else 0x2E for byte in range(256)),
)
_START = r"(?<![A-Za-z0-9_-])"
_END = r"(?![A-Za-z0-9_-])"


def _token(name: str, expression: str, *marks: str) -> Shape:
    """Give the shape of a token that stands by itself."""
    return Shape(name, marks, f"{_START}{expression}{_END}")


SHAPES = (
    # In an address that is signed for a while the key's id is no secret.
    Shape(
        "an AWS access key",
        ("AKIA", "ASIA"),
        r"(?<![A-Za-z0-9_/+-])(?<!X-Amz-Credential=)(?<!AWSAccessKeyId=)(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9_/+])",
    ),
    _token("a GitHub token", r"gh[pousr]_[A-Za-z0-9]{36,251}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _token("a GitHub token", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "github_pat_"),
    _token("a GitLab token", r"glpat-[\w-]{20,}", "glpat-"),
    _token("a Slack token", r"xox[abeoprs]-(?:\d+-)?[A-Za-z0-9-]{20,}", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "xoxe-"),
    Shape(
        "a Slack webhook",
        ("hooks.slack.com/services/",),
        r"hooks\.slack\.com/services/(?P<secret>T\w{8,}/B\w{8,}/\w{20,})",
    ),
    _token("a Stripe key", r"[rs]k_live_[A-Za-z0-9]{20,}", "k_live_"),
    _token("an Anthropic key", r"sk-ant-[a-z]+\d\d-[\w-]{80,}", "sk-ant-"),
    _token("an OpenAI key", r"sk-(?!ant-)[\w-]{16,}T3BlbkFJ[\w-]{16,}", "T3BlbkFJ"),
    _token("an OpenAI key", r"sk-(?:proj|svcacct|admin)-[\w-]{40,}", "sk-proj-", "sk-svcacct-", "sk-admin-"),
    _token("a Google API key", r"AIza[A-Za-z0-9_-]{35}", "AIza"),
    _token("a Google OAuth secret", r"GOCSPX-[\w-]{28}", "GOCSPX-"),
    _token("a Google access token", r"ya29\.[\w-]{60,}", "ya29."),
    _token("a Hugging Face token", r"hf_[A-Za-z]{34}", "hf_"),
    Shape("an Azure storage key", ("AccountKey=",), r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    Shape("an Azure shared access key", ("SharedAccessKey=",), r"SharedAccessKey=(?P<secret>[A-Za-z0-9+/]{43}=)"),
    Shape(
        "a private key",
        ("PRIVATE KEY",),
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"
        r"(?:\\n|\s)+(?P<secret>[A-Za-z0-9+/=\s\\:,-]{40,8000}?)(?:-----END|\Z|\"|')",
    ),
    _token("a SendGrid key", r"SG\.[\w-]{22}\.[\w-]{43}", "SG."),
    _token("a Telegram bot's token", r"\d{8,10}:AA[\w-]{33}", ":AA"),
    _token("an npm token", r"npm_[A-Za-z0-9]{36}", "npm_"),
    _token("a PyPI token", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}", "pypi-AgEI"),
    _token("a Databricks token", r"dapi[0-9a-f]{32}(?:-\d)?", "dapi"),
    _token("a Groq key", r"gsk_[A-Za-z0-9]{52}", "gsk_"),
    _token("a Replicate token", r"r8_[A-Za-z0-9]{37}", "r8_"),
    _token("a Pinecone key", r"pcsk_\w{60,}", "pcsk_"),
    _token("a LangSmith key", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", "lsv2_"),
    _token("a Perplexity key", r"pplx-[A-Za-z0-9]{48}", "pplx-"),
    _token("a Tavily key", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}", "tvly-"),
    _token("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}", "_v1_"),
    _token("a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "shpat_", "shpca_", "shppa_", "shpss_"),
    _token("a Notion token", r"(?:secret_|ntn_)[A-Za-z0-9]{43,46}", "secret_", "ntn_"),
    Shape(
        "a Kaggle key",
        ("username",),
        r"username\\?['\"]\s*:\s*\\?['\"][\w-]+\\?['\"]\s*,\s*\\?['\"]key\\?['\"]\s*:\s*\\?['\"](?P<secret>[0-9a-f]{32})\b",
        SHORT_WORD,
    ),
    Shape(
        "a Discord webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{15,}/(?P<secret>[\w-]{60,})"
    ),
    # Links to GitHub's images carry one that is good for five minutes.
    Shape(
        "a JSON web token",
        ("eyJ",),
        r"(?<![\w.=-])(?<!jwt)eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}" + _END,
    ),
    Shape(
        "a password in an address",
        ("://",),
        r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"<>{}$?#]{1,100}:"
        r"(?P<secret>[^\s/@'\"<>{}$]{3,200})@(?P<host>[\w.-]{1,200})",
        SHORT_WORD,
        "@",
    ),
)


def shapes_in(text: str) -> list[Shape]:
    """Give the shapes of which a text may hold a token: most texts hold no word that is long enough for any."""
    long = _long_words(text)
    return [shape for shape in SHAPES if _may_hold(shape, text, long)]


def _long_words(text: str) -> str:
    """Give the words of a text that have a run as tokens have, with blanks between.

    Each byte is made its kind first, at a nanosecond each: then to look for a run is to look for a plain text.
    """
    raw = text.encode("utf-8", "surrogatepass")
    kinds = raw.translate(_KINDS)
    words: list[bytes] = []
    at = kinds.find(_LONG_RUN)
    while at >= 0:
        end = kinds.find(b" ", at)
        words.append(raw[kinds.rfind(b" ", 0, at) + 1 : end if end >= 0 else len(raw)])
        at = kinds.find(_LONG_RUN, end) if end >= 0 else -1
    return b" ".join(words).decode("utf-8", "surrogatepass")


def _is_followed(text: str, mark: str, also: str) -> bool:
    """Tell whether something stands behind a mark in one word; each word is read once."""
    at = text.find(mark)
    while at >= 0:
        rest = compiled(r"\S*").match(text, at)
        end = rest.end() if rest is not None else at
        if text.find(also, at, end) >= 0:
            return True
        at = text.find(mark, end)
    return False


def _may_hold(shape: Shape, text: str, long: str) -> bool:
    if shape.also:
        return any(_is_followed(text, mark, shape.also) for mark in shape.marks)
    return any(mark in (text if shape.word < WORD or " " in mark else long) for mark in shape.marks)


@cache
def compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression when it is first needed: few notebooks hold anything like a token."""
    return re.compile(expression)
