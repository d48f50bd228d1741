"""The interface, below `/api/v1`: what each call is, and its answer."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from jaxsoundart.picture.stores.store import stores
from jaxsoundart.serve import exports, orders, schemas
from jaxsoundart.serve.bodies import Body, drain
from jaxsoundart.serve.desk import Desk
from jaxsoundart.serve.job import FINAL
from jaxsoundart.serve.options import OptionsView, options
from jaxsoundart.serve.page_files import is_known
from jaxsoundart.serve.problems import Problem, later
from jaxsoundart.serve.rates import Rate
from jaxsoundart.serve.views import JobView

JSON = "application/json"
_WORDS_BYTES = 1 << 17
_EXPORTS = 2

Id = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{22}$")]
Number = Annotated[int, Path(ge=1, le=1000)]
# Lettering has its own limits; these keep what it looks at short.
Text = Annotated[str, Query(max_length=300)]
StoreName = Annotated[str, Query(json_schema_extra={"enum": list(stores())})]


def interface(desk: Desk) -> APIRouter:
    """Returns the routes of a desk."""
    limits = desk.limits
    router = APIRouter(prefix="/api/v1")
    jobs = Rate(limits.jobs_per_minute)
    exporting = asyncio.Semaphore(_EXPORTS)
    offered = options(desk.studio, limits)

    def check_rate(request: Request) -> None:
        client = request.client.host if request.client else ""
        if wait_s := jobs.wait_s(client):
            raise later(
                429,
                f"more than {limits.jobs_per_minute} jobs a minute are not taken from "
                "one client; wait as long as Retry-After says",
                wait_s,
            )

    @router.get("/options", responses=schemas.problems())
    def read_options() -> OptionsView:
        """What can be asked for."""
        return offered

    @router.post(
        "/jobs",
        status_code=202,
        response_model=JobView,
        responses={
            202: {"headers": {"Location": {"schema": {"type": "string"}}}},
            **schemas.problems(408, 413, 415, 422, 503),
        },
        openapi_extra={"requestBody": schemas.job_body(limits.pictures)},
    )
    async def create_job(request: Request) -> Response:
        """Takes a song in."""
        try:
            check_rate(request)
            job = await desk.take(request)
        except Problem:
            await drain(request)
            raise
        return Response(
            await asyncio.to_thread(desk.workshop.shown, job),
            status_code=202,
            headers={"Location": f"/api/v1/jobs/{job.id}"},
            media_type=JSON,
        )

    @router.get(
        "/jobs/{id}", response_model=JobView, responses=schemas.problems(404, 422)
    )
    def read_job(id: Id) -> Response:
        """How a job is."""
        return Response(desk.workshop.shown(desk.job(id)), media_type=JSON)

    @router.put(
        "/jobs/{id}/words",
        status_code=202,
        response_model=JobView,
        responses=schemas.problems(404, 408, 409, 413, 422, 503),
        openapi_extra={"requestBody": schemas.words_body(limits.pictures)},
    )
    async def put_words(request: Request, id: Id) -> Response:
        """Has pictures painted of your own words."""
        check_rate(request)
        body = Body(request, limits, most_bytes=_WORDS_BYTES, what="body")
        said = orders.words(await body.whole(), most=limits.pictures)
        job = await asyncio.to_thread(desk.put_words, id, said)
        shown = await asyncio.to_thread(desk.workshop.shown, job)
        return Response(shown, status_code=202, media_type=JSON)

    @router.delete(
        "/jobs/{id}",
        status_code=204,
        response_class=Response,
        responses=schemas.problems(404, 422),
    )
    def delete_job(id: Id) -> Response:
        """Cancels and forgets a job."""
        desk.cancel(id)
        return Response(status_code=204)

    @router.get(
        "/jobs/{id}/events",
        response_class=StreamingResponse,
        responses={
            200: schemas.binary("What happens, as it happens.", "text/event-stream"),
            **schemas.problems(404, 422),
        },
    )
    async def read_events(request: Request, id: Id) -> Response:
        """What happens to a job, as it happens."""
        await asyncio.to_thread(desk.job, id)

        def snapshot() -> tuple[str, bool]:
            try:
                job = desk.job(id)
            except Problem:  # deleted in this moment: who listens was told
                return "{}", True
            return desk.workshop.shown(job), job.state in FINAL

        heard = request.headers.get("last-event-id", "")
        after = int(heard) if heard.isdecimal() and len(heard) < 20 else None
        return StreamingResponse(
            desk.board.stream(id, after, snapshot),
            media_type="text/event-stream",
            headers={"X-Accel-Buffering": "no"},
        )

    @router.get(
        "/jobs/{id}/pictures/{n}",
        response_class=Response,
        responses={
            200: schemas.binary("The picture, its record inside.", "image/png"),
            304: {"description": "It is the one that you have."},
            **schemas.problems(404, 422),
        },
    )
    def read_picture(request: Request, id: Id, n: Number) -> Response:
        """A finished picture."""
        job, picture = desk.picture(id, n)
        etag = f'"{picture.digest}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_known(request, etag):
            return Response(status_code=304, headers=headers)
        content = desk.picture_bytes(job, picture)
        return Response(content, headers=headers, media_type="image/png")

    @router.get(
        "/jobs/{id}/pictures/{n}/export",
        response_class=Response,
        responses={
            200: schemas.binary("The file.", "image/jpeg", "image/png"),
            **schemas.problems(404, 422),
        },
    )
    async def export_picture(
        request: Request,
        id: Id,
        n: Number,
        store: StoreName,
        title: Text = "",
        artist: Text = "",
    ) -> Response:
        """A finished picture as a file that a store takes."""
        check_rate(request)
        job, picture = await asyncio.to_thread(desk.picture, id, n)
        async with exporting:
            made = await asyncio.to_thread(
                exports.export,
                desk.store.picture_path(job.id, picture),
                n,
                job.song.file_name,
                store=store,
                title=title,
                artist=artist,
            )
        return Response(
            made.content,
            media_type=made.media_type,
            headers={"Content-Disposition": made.disposition},
        )

    return router
