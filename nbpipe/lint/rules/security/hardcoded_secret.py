"""NB601."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class HardcodedSecret(Rule):
    """A key, token or password stands in a cell.

    ## What it does

    Reports tokens that have the shape of a well-known service's (AWS, GitHub, GitLab, Slack, Stripe, OpenAI, Anthropic,
    Google, Hugging Face, Azure, Databricks and others), private keys, JSON web tokens, passwords in addresses
    (`postgresql://ann:...@host`), and literals that are given to a name, argument, key or environment variable called
    password, secret, token or key and look random. In cells of every kind and language.

    A password, which need not look random, is a warning. Nothing shows the secret: the message has its first four
    characters and its length, of a short one fewer, and whatever quotes the cell has it masked, in every format.

    Silent for gaps (`YOUR_API_KEY`, `xxx`, `<token>`, `changeme`), examples of documentations
    (`AKIAIOSFODNN7EXAMPLE`), values that come from elsewhere (`os.environ[...]`, `getpass()`), tokens of a language
    model (`pad_token`), passwords for this machine (`...@localhost`), and for hashes and identifiers by themselves.

    ## Why is this bad?

    Whoever gets the notebook gets the key, and version control keeps it after it is deleted. Bots find keys in public
    repositories within minutes. A key that has been shared must be revoked: to remove it from the cell is not enough.

    ## Example

    ```python
    # %%
    client = connect(api_key="q8Zt3vLp0XwRb7NcY2mKf5Hd")
    ```

    ## Use instead

    ```python
    # %%
    import os

    client = connect(api_key=os.environ["SERVICE_API_KEY"])
    ```
    """

    code = "NB601"
    severity = Severity.ERROR
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each secret in each cell."""
        from nbpipe.lint.redaction import place_of
        from nbpipe.secrets.finding import secrets_in_code

        for index, secret in secrets_in_code(context.notebook):
            where = place_of(context.notebook.cells[index], secret)
            yield context.diagnostic(
                where,
                f"{secret.kind} stands in the cell: {secret.redacted}; revoke it and read it from the environment",
                severity=None if secret.certain else Severity.WARNING,
                redact=(where,),
            )
