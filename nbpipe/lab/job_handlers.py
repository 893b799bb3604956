"""Handlers of what takes long: begin, follow, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, authenticated

from nbpipe.lab.base import Handler
from nbpipe.lab.paths import api_path

if TYPE_CHECKING:
    from nbpipe.lab.jobs import Job

KINDS = ("convert", "parameters", "run", "verify", "view")
_WAIT_SECONDS = 20.0


class JobsHandler(Handler):
    """``GET jobs``, and ``POST jobs`` with kind and path, perhaps also kernel, parameters and afresh.

    The kernel is for what runs a notebook; parameters (name to text) and whether known results are not to be used are
    for what runs a pipeline.
    """

    @authenticated
    async def get(self) -> None:
        """Give the jobs that run, the newest last: a page that is loaded anew goes on following them."""
        self.finish({"jobs": [self._started(job) for job in self.shared.jobs.running()]})

    @authenticated
    async def post(self) -> None:
        """Begin a job."""
        body: dict[str, Any] = self.get_json_body() or {}
        kind, path = body.get("kind"), body.get("path")
        if kind not in KINDS or not isinstance(path, str):
            raise HTTPError(400, reason=f"a job has a kind ({', '.join(KINDS)}) and a path")
        parameters = body.get("parameters") or {}
        if not isinstance(parameters, dict):
            raise HTTPError(400, reason="parameters are an object as {name: value}")
        file = self.file(path)
        request = {
            "kind": kind,
            "path": file.name,
            "kernel": body.get("kernel"),
            "parameters": parameters,
            "afresh": bool(body.get("afresh")),
        }
        serving = self.shared.jobs.serving(file) if kind == "view" else None
        job = serving or self.shared.jobs.start(kind, request, file)
        self.set_status(201)
        self.finish(self._started(job))

    def _started(self, job: Job) -> dict[str, str]:
        return {"id": job.id, "kind": job.kind, "path": api_path(job.file, self.shared.root)}


class JobHandler(Handler):
    """``GET jobs/<id>?after=N`` and ``DELETE jobs/<id>``."""

    @authenticated
    async def get(self, name: str) -> None:
        """Give what happened since the event number `after`, waiting for it a while."""
        job = self._job(name)
        after = self.get_query_argument("after", "0")
        if not after.isdecimal():
            raise HTTPError(400, reason="after is a number of events")
        events = await job.wait(int(after), _WAIT_SECONDS)
        self.finish({"id": job.id, "kind": job.kind, "events": events, "ended": job.has_ended})

    @authenticated
    async def delete(self, name: str) -> None:
        """Ask the job to stop; how it ended is the last of its events."""
        await self._job(name).cancel()
        self.set_status(204)
        self.finish()

    def _job(self, name: str) -> Job:
        job = self.shared.jobs.get(name)
        if job is None:
            raise HTTPError(404, reason="there is no such job (any more)")
        return job
