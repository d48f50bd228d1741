"""The application: the interface, the page, and the guard before both."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from jaxsoundart import __version__
from jaxsoundart.serve import page_files, schemas
from jaxsoundart.serve.desk import Desk
from jaxsoundart.serve.guard import Access, Guard
from jaxsoundart.serve.problems import Problem, later
from jaxsoundart.serve.rates import Rate
from jaxsoundart.serve.routes import interface
from jaxsoundart.serve.store import StoreError

_log = logging.getLogger("jaxsoundart")

_SAID = {
    404: "there is nothing here; /api/v1/openapi.json says what there is",
    405: "this cannot be done here; /api/v1/openapi.json says what can",
}


class HealthView(BaseModel):
    """That the server is there."""

    status: str
    version: str
    waiting: int


def application(desk: Desk, access: Access) -> FastAPI:
    """Returns the application of a desk.

    Args:
        desk: Opened when the application starts, and closed when it ends.
        access: Who may ask.
    """

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(desk.open)
        sweeping = asyncio.create_task(desk.sweep())
        yield
        sweeping.cancel()
        await asyncio.to_thread(desk.close)

    app = FastAPI(
        title="jaxsoundart",
        version=__version__,
        summary="Sound in, picture out.",
        lifespan=life,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    calls = Rate(desk.limits.calls_per_minute)
    app.add_middleware(Guard, access=access, calls=calls)
    _tell_problems(app)
    # Checked by the guard; here it is only described.
    described = [Depends(HTTPBearer(auto_error=False))] if access.token else []
    app.include_router(interface(desk), dependencies=described)
    files = page_files.read()

    @app.get("/healthz", responses=schemas.problems())
    async def health() -> HealthView:
        """Whether the server is there."""
        waiting = desk.store.unfinished()
        return HealthView(status="ok", version=__version__, waiting=waiting)

    @app.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return page_files.answer(files, page_files.INDEX, request)

    @app.get("/page/{name:path}", include_in_schema=False)
    async def page_part(request: Request, name: str) -> Response:
        return page_files.answer(files, name, request)

    return app


def _allowed(app: FastAPI, request: Request) -> set[str]:
    """Returns all that can be done with what is asked for: one route says only its."""
    allowed: set[str] = set()
    for method in ("GET", "POST", "PUT", "DELETE"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] == Match.FULL for route in app.router.routes):
            allowed.add(method)
    return allowed


def _tell_problems(app: FastAPI) -> None:
    """Makes every answer that is not what was asked for a problem of the standard."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(HTTPException)
    async def http_problem(request: Request, error: HTTPException) -> Response:
        detail = _SAID.get(error.status_code, str(error.detail))
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(_allowed(app, request)))
        return Problem(error.status_code, detail, headers).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:])
        if first["loc"][0] == "path":
            return Problem(404, f"{place} names nothing: {first['msg']}").response()
        return Problem(422, f"{place} cannot be meant: {first['msg']}").response()

    @app.exception_handler(StoreError)
    async def full(request: Request, error: StoreError) -> Response:
        _log.error("%s", error)
        detail = "the server's disk takes no more; come back later"
        return later(503, detail, 60.0).response()

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody is there to read it

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        return Problem(
            500, "the server failed, which is its own fault; its log says more"
        ).response()
