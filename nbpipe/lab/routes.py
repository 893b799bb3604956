"""Which address calls which handler, and what the handlers share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from nbpipe.lab.handlers import CapabilitiesHandler, CheckHandler, FixHandler, StructureHandler, TagsHandler
from nbpipe.lab.job_handlers import JobHandler, JobsHandler
from nbpipe.lab.jobs import Jobs

if TYPE_CHECKING:
    from jupyter_server.services.contents.manager import ContentsManager
    from tornado.web import Application

PREFIX = "nbpipe"


class Shared:
    """What all handlers of one server share.

    Attributes:
        root: the folder below which they may read and write; "" where the server's contents are not files.
        executor: where notebooks are read and checked, one after the other: that is work for one core, and the event
            loop must stay free.
        jobs: what runs in the background.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nbpipe")
        self.jobs = Jobs()


def add_routes(application: Application, contents: ContentsManager) -> None:
    """Add the handlers to a server, below its own base address."""
    base = url_path_join(application.settings["base_url"], PREFIX)
    arguments = {"shared": Shared(str(getattr(contents, "root_dir", "") or ""))}
    handlers = {
        "capabilities": CapabilitiesHandler,
        "check": CheckHandler,
        "fix": FixHandler,
        "structure": StructureHandler,
        "tags": TagsHandler,
        "jobs": JobsHandler,
        r"jobs/([0-9a-f]+)": JobHandler,
    }
    application.add_handlers(
        ".*$", [(url_path_join(base, address), handler, arguments) for address, handler in handlers.items()]
    )
