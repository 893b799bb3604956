"""NB602."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell
    from nbpipe.secrets.finding import Secret

# Of all texts of a notebook's outputs together, so that a huge one costs no more than its code does.
MOST_TEXT = 1_000_000


class SecretInOutput(Rule):
    """A key, token or password stands in a stored output.

    ## What it does

    Reports stored outputs that show a token of a well-known service's shape, a private key or a password in an
    address, or a secret which stands in the code. It reads what was printed, text, HTML and tracebacks; images and
    other encoded data never, nor what comes after the first 100,000 characters of a text.

    ## Why is this bad?

    The output goes wherever the notebook goes: into version control, to whoever it is shown, onto a web page. It is
    easily overlooked, for the code itself reads the secret from a safe place.

    ## Example

    ```python
    # %% In [1]
    import os

    print(os.environ["DATABASE"])
    # Stream: postgresql://ann:tr0ub4dor-3@db.acme.io/churn
    ```

    ## Use instead

    ```python
    # %% In [1]
    import os

    print("DATABASE" in os.environ)
    # Stream: True
    ```

    ## Fix safety

    The fix removes the output as a whole. What else it showed is gone until the cell is run again. The secret stays in
    version control's history: it must be revoked all the same.
    """

    code = "NB602"
    severity = Severity.ERROR
    python_only = False
    triggers = ('"output_type"',)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell whose outputs show a secret."""
        from nbpipe.secrets.finding import secrets_in_code

        known = [secret.text for _, secret in secrets_in_code(context.notebook)]
        left = MOST_TEXT
        for cell in context.notebook.cells:
            if cell.cell_type != "code" or not cell.raw_outputs:
                continue
            showing: dict[int, list[Secret]] = {}
            for number, output in enumerate(cell.raw_outputs):
                if left > 0 and isinstance(output, dict):
                    found, read = _secrets(output, known)
                    left -= read
                    if found:
                        showing[number] = found
            if showing:
                yield _report(context, cell, showing)


def _secrets(output: Mapping[str, Any], known: list[str]) -> tuple[list[Secret], int]:
    """Give the secrets that an output shows, and how much text that was."""
    from nbpipe.secrets.finding import Secret, find_secrets
    from nbpipe.secrets.outputs import texts_of

    found: dict[str, Secret] = {}
    read = 0
    for text in texts_of(output):
        read += len(text)
        for secret in find_secrets(text, names=()):
            found.setdefault(secret.text, secret)
        for each in known:
            if each in text:
                found.setdefault(each, Secret("a secret that stands in the code", each, text.index(each)))
    return list(found.values()), read


def _report(context: Context, cell: Cell, showing: dict[int, list[Secret]]) -> Diagnostic:
    secrets = list({secret.text: secret for found in showing.values() for secret in found}.values())
    said = listed([f"{secret.kind}: {secret.redacted}" for secret in secrets], "and")
    kept = [output for number, output in enumerate(cell.raw_outputs) if number not in showing]
    what = "output" if len(showing) == 1 else "outputs"
    fix = Fix(f"clear the {what} that shows it", (FieldEdit(cell.index, "outputs", kept),), Applicability.UNSAFE)
    return context.diagnostic(context.line(cell.index), f"the stored {what} shows {said}", fix=fix)
