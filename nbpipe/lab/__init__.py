"""L6: nbpipe in JupyterLab: the server's side here, the browser's in ``ts/``, built into ``static/``.

The handlers hold no logic: they call the functions of `nbpipe.api` that the command line calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

NAME = "@nbpipe/lab"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Say where the browser's side is: JupyterLab asks when the extension is developed."""
    return [{"src": "static", "dest": NAME}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Say which module the server loads."""
    return [{"module": "nbpipe.lab"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    """Add the handlers to a server that starts."""
    from nbpipe.lab.routes import add_routes

    add_routes(server.web_app, server.contents_manager)
    server.log.info("nbpipe: check, fix, verify and convert notebooks in JupyterLab")
