"""The console over HTTP: from a request to a page, an export, or the end of a form."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, quote

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from orgward.app.attempts import TooManyAttemptsError
from orgward.app.execute import Call, Door
from orgward.app.operation import Public
from orgward.console.changing.calls import Api
from orgward.console.frame import cookies
from orgward.console.frame.carrying import carried_out
from orgward.console.frame.declaration import (
    ROUTES,
    ArrivalRoute,
    End,
    ExportRoute,
    FormRoute,
    Goto,
    PageRoute,
    Plan,
    Route,
    Show,
    acts_of,
)
from orgward.console.frame.entering import require_entrance
from orgward.console.frame.exporting import exported
from orgward.console.frame.page import Asked, Posted, Values
from orgward.console.frame.places import with_first
from orgward.console.frame.posting import Fields, fields_of
from orgward.console.frame.problems import sentence_of
from orgward.console.frame.reading import read_page
from orgward.console.frame.refusals import SHOW_REFUSAL, status_of
from orgward.console.frame.rendering import assets
from orgward.console.frame.toasts import open_toast, seal_toast
from orgward.console.frame.visitors import Doorkeeper, Visitor, comes_from_here
from orgward.console.frame.words import Words
from orgward.edge.pipeline import Pipeline
from orgward.edge.replies import STRICT_TRANSPORT, headers_of
from orgward.edge.router import Match, MethodNotAllowedError, PathValueError, Router, VersionGoneError, check_values
from orgward.kernel.errors import (
    DeniedError,
    GateError,
    MalformedError,
    NotFoundError,
    OrgwardError,
    UnauthenticatedError,
)

_log = structlog.get_logger(__name__)

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, HX-Request",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FOR_A_YEAR: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_MOST_PARAMETERS: Final = 1_000
_MATCHES: Final = "orgward.console.matches"
"""Where a request keeps which route serves it, by method."""


class Console:
    """Serves every declared page, export and form."""

    def __init__(self, door: Door, pipeline: Pipeline, *, public_url: str = "", mail: str = "") -> None:
        """Serve through `door`; calls of the API are run as `pipeline` runs them. `mail` says where messages go."""
        self.door = door
        self.runner = pipeline.runner
        self.security_log = pipeline.security_log
        self.mail = mail
        self._doorkeeper = Doorkeeper(door.store, pipeline.authenticator, pipeline.trusted, public_url)
        self._router: Router[Route] = Router(ROUTES)

    def operations(self) -> Iterator[str]:
        """Yield the id of every operation that a page shows or a form may call."""
        for route in ROUTES:
            yield from acts_of(route)

    def serves(self, scope: Scope) -> bool:
        """Say whether the console is to answer: a page, a form, a static file, or a person at a wrong address."""
        accepted = next((value for name, value in scope["headers"] if name == b"accept"), b"")
        return b"text/html" in accepted or scope["path"].startswith("/static/") or self._knows(scope)

    def _knows(self, scope: Scope) -> bool:
        try:
            self.match(_method(scope), scope)
        except MethodNotAllowedError:
            return True
        except (NotFoundError, VersionGoneError):
            return False
        return True

    def match(self, method: str, scope: Scope) -> Match[Route]:
        """Return the route for the path of `scope`, which keeps it: whoever asks again gets the same."""
        kept: dict[str, Match[Route]] = scope.setdefault(_MATCHES, {})
        if method not in kept:
            raw = scope.get("raw_path", b"").decode("latin-1")
            kept[method] = self._router.match(method, "/home" if raw == "/" else raw)
        return kept[method]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._response(request)
        except ClientDisconnect:
            return
        response.headers["Orgward-Revision"] = str(self.door.store.snapshot.revision)
        if scope["scheme"] == "https" or self._doorkeeper.has_secure_url:
            response.raw_headers.append(STRICT_TRANSPORT)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        found = assets().get(request.url.path)
        if found is not None:
            return Response(found.content, headers=_FOR_A_YEAR, media_type=found.content_type)
        self.door.store.follow()
        try:
            visitor = await self.runner.in_thread(self._doorkeeper.visitor, request)
        except MalformedError:
            return Response("This address is not served here.", 400, _HEADERS, "text/plain")
        exchange = _Exchange(self, request, visitor)
        try:
            response = await exchange.answered()
        except Exception:  # noqa: BLE001 - whatever it is, the visitor gets an answer without internals
            _log.exception("page_failed", request_id=visitor.request_id, path=request.url.path)
            response = await exchange.failed()
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if visitor.is_new:
            cookies.put(response, cookies.VISIT, visitor.visit, is_secure=visitor.is_secure)
        return response


class _Exchange:
    """One request and its answer."""

    def __init__(self, console: Console, request: Request, visitor: Visitor) -> None:
        self._console = console
        self._door = console.door
        self._runner = console.runner
        self._request = request
        self._visitor = visitor
        self._values: Mapping[str, str] = {}
        self._api = Api(self._door, self._runner, visitor.caller)
        self._problem: OrgwardError | None = None
        # Browsers read `//` at the beginning as another host: no link or form may begin with what was asked for.
        self._path = f"/{request.url.path.lstrip('/')}"
        self._query: Values = {}

    async def answered(self) -> Response:
        """Return the answer, or the page that tells why not; whoever asked too often gets a line that costs less."""
        visitor = self._visitor
        try:
            self._runner.rates.admit_page(visitor.principal, visitor.address)
        except TooManyAttemptsError as error:
            text = sentence_of(Words(visitor.look.language), error)
            return Response(text, status_of(error), headers_of(error), "text/plain")
        try:
            response = await self.answer()
        except OrgwardError as error:
            response = await self.refused(error)
        if self._problem is not None and response.status_code in _TELLING:
            response.headers.update(headers_of(self._problem))
        return response

    async def failed(self) -> Response:
        """Return the page that tells of a fault of ours by the number of the request; without it, a line."""
        number = self._visitor.request_id
        try:
            return await self.refused(OrgwardError("UNEXPECTED_ERROR", number))
        except Exception:  # noqa: BLE001 - the page itself may be what is faulty
            return Response(f"Something went wrong here; the request is {number}.", 500, media_type="text/plain")

    async def answer(self) -> Response:
        """Return the answer, or raise what stands in its way."""
        request = self._request
        self._query = _query_of(request)
        match = self._console.match(_method(request.scope), request.scope)
        self._values = match.values
        check_values(match.values)
        match match.endpoint:
            case FormRoute() as route:
                return await self._posted(route)
            case ArrivalRoute(form=form):
                return await self._arrived(form)
            case ExportRoute() as route:
                if not self._visitor.principal.id:
                    return self._to_sign_in()
                return await exported(self._runner, self._door, route, self._call(route, self._asked()))
            case PageRoute() as route:
                return await self._shown(route, self._asked())

    def _asked(self, **more: Any) -> Asked:
        visitor, door = self._visitor, self._door
        keyring = door.store.keyring
        toast = cookies.read(self._request.cookies, cookies.TOAST, is_secure=visitor.is_secure)
        return Asked(
            self._path,
            self._query,
            visitor.look,
            cookies.form_token(keyring, visitor.bound_to),
            visitor.base_url,
            keyring,
            toast=open_toast(keyring, toast, Words(visitor.look.language)),
            cookies=self._request.cookies,
            is_secure=visitor.is_secure,
            mail=self._console.mail,
            rehearse=self._api.rehearse,
            ask=self._api.ask,
            **more,
        )

    def _call(self, route: PageRoute | ExportRoute, asked: Asked) -> Call:
        visitor = self._visitor
        if isinstance(route, PageRoute):
            asked.entry, asked.scope = route.entry, route.scope
        return Call(
            route.operation, visitor.principal, dict(self._values), query=asked, base_url=visitor.base_url,
            request_id=visitor.request_id, address=visitor.address, device=visitor.device,
        )  # fmt: skip

    async def _shown(self, route: PageRoute, asked: Asked, status: int = 200) -> Response:
        if not (self._visitor.principal.id or isinstance(route.operation.requires, Public)):
            return self._to_sign_in()
        found = await self._runner.in_thread(read_page, self._door, self._call(route, asked))
        if isinstance(found, Goto):
            return RedirectResponse(_own(found.url), 303)
        response = Response(found, status, media_type="image/svg+xml" if route.is_drawing else "text/html")
        if route.is_drawing:
            response.headers["Content-Disposition"] = f'attachment; filename="{route.path.rsplit("/", 1)[-1]}"'
        if asked.toast:
            cookies.put(response, cookies.TOAST, None, is_secure=self._visitor.is_secure)
        self._remember_place(response)
        return response

    def _remember_place(self, response: Response) -> None:
        org = self._values.get("orgId") or self._door.store.snapshot.attribute(
            "projects", self._values.get("groupId", "")
        )
        known = with_first(self._request.cookies, org) if org else None
        if known is not None:
            cookies.put(response, cookies.PLACES, known, is_secure=self._visitor.is_secure)

    def _to_sign_in(self) -> Response:
        query = f"?{self._request.url.query}" if self._request.url.query else ""
        here = self._path + query if self._request.method in {"GET", "HEAD"} else "/"
        url = f"/signin?next={quote(here, safe='/')}" if here != "/" else "/signin"
        if "hx-request" in self._request.headers:
            return Response(status_code=401, headers={"HX-Redirect": url})
        response = RedirectResponse(url, 303)
        if cookies.read(self._request.cookies, cookies.SESSION, is_secure=self._visitor.is_secure):
            cookies.put(response, cookies.SESSION, None, is_secure=self._visitor.is_secure)
        return response

    # ------------------------------------------------------------ forms

    async def _posted(self, route: FormRoute) -> Response:
        visitor = self._visitor
        fields = await fields_of(self._request)
        token = (fields.values.get("_csrf") or [self._request.headers.get("x-csrf", "")])[-1]
        if not route.public and not visitor.principal.id:
            return self._to_sign_in()
        if not (comes_from_here(self._request) and cookies.fits(self._door.store.keyring, visitor.bound_to, token)):
            raise ForgedFormError("FORM_NOT_OURS")
        return await self._filled_in(route, fields)

    async def _arrived(self, route: FormRoute) -> Response:
        """Carry out what a browser brings back from elsewhere; whoever only looks ahead, by HEAD, brings nothing."""
        if self._request.method == "HEAD":
            raise MethodNotAllowedError("METHOD_NOT_ALLOWED", "GET")
        return await self._filled_in(route, Fields({name: list(found) for name, found in self._query.items()}, {}))

    async def _filled_in(self, route: FormRoute, fields: Fields) -> Response:
        visitor = self._visitor
        posted = Posted(
            dict(self._values), fields.values, fields.files, visitor.principal, self._door.store.view,
            self._door.store.snapshot, self._door.store.clock(), self._path, self._query,
            self._request.cookies, visitor.look.language, self._door.store.keyring, visitor.is_secure,
            self._api.rehearse,
        )  # fmt: skip
        plan: Plan | None = None
        try:
            plan = await self._runner.in_thread(self._planned, route, posted)
            end = await carried_out(self._api, route, plan, posted)
        except OrgwardError as error:
            self._problem = error
            found = plan.failed(error) if plan is not None and plan.failed is not None else None
            if found is None:
                return await self._not_done(error, posted)
            end = found
        return await self._ended(end, posted)

    def _planned(self, route: FormRoute, posted: Posted) -> Plan:
        posted.view = self._door.store.view  # that of this thread
        require_entrance(posted, route.acts)
        return route.plan(posted)

    async def _ended(self, end: End, posted: Posted) -> Response:
        # What is shown now belongs to the session's new token already, if it has one.
        self._visitor.session = end.cookies.get(cookies.SESSION) or self._visitor.session
        if isinstance(end, Show):
            asked = self._asked(posted=posted.fields, extra=end.model)
            response = await self._shown(self._page_here(), asked, end.status)
        else:
            response = RedirectResponse(_own(end.url), 303)
            if end.done:
                sealed = seal_toast(self._door.store.keyring, end.done, end.params)
                cookies.put(response, cookies.TOAST, sealed, is_secure=self._visitor.is_secure)
        for name, value in end.cookies.items():
            cookies.put(response, name, value, is_secure=self._visitor.is_secure)
        return response

    def _page_here(self) -> PageRoute:
        found = self._console.match("GET", self._request.scope).endpoint
        if not isinstance(found, PageRoute):
            raise NotFoundError("RESOURCE_NOT_FOUND", self._request.url.path)
        return found

    async def _not_done(self, error: OrgwardError, posted: Posted) -> Response:
        """Return the form again with what is wrong with it; where there is no page for it, say so on one."""
        if isinstance(error, UnauthenticatedError):
            return self._to_sign_in()
        if error.code in _PROOFS:
            return RedirectResponse(f"/prove?next={quote(posted.one('_back') or posted.path, safe='/')}", 303)
        status = status_of(error)
        if isinstance(error, _REFUSALS) and error.code != "PROOF_REFUSED":
            raise error
        try:
            route = self._page_here()
        except (NotFoundError, MethodNotAllowedError):
            raise error from None
        return await self._shown(route, self._asked(posted=posted.fields, problem=error), status)

    async def refused(self, error: OrgwardError) -> Response:
        """Return the page that tells why not."""
        visitor, self._problem = self._visitor, error
        self._console.security_log.note(
            error, self._request.method, self._request.url.path, caller=visitor.principal,
            request_id=visitor.request_id, address=visitor.address,
        )  # fmt: skip
        if isinstance(error, UnauthenticatedError):
            return self._to_sign_in()
        call = Call(SHOW_REFUSAL, visitor.principal, dict(self._values), query=self._asked(), prepared=error)
        call.base_url, call.request_id = visitor.base_url, visitor.request_id
        return HTMLResponse(await self._runner.in_thread(self._door.read, call), status_of(error))


_TELLING: Final = {405, 429, 503}
"""Statuses with which a client is told what else to do."""

_REFUSALS: Final = (DeniedError, GateError, NotFoundError, PathValueError)
"""What is told on a page of its own, also after a form: none of it can be mended by filling in another value."""


_PROOFS: Final = {"REAUTHENTICATION_REQUIRED", "SECOND_FACTOR_REQUIRED"}
"""What asks whoever posts to prove once more who they are, and then lets them go on."""


class ForgedFormError(OrgwardError):
    """The form was not made by this server for this visitor."""


def _method(scope: Scope) -> str:
    """Return the method by which a route is found: whoever asks for a head asks for a page."""
    return "GET" if scope["method"] == "HEAD" else str(scope["method"])


def _query_of(request: Request) -> Values:
    try:
        return parse_qs(request.url.query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise MalformedError("INVALID_QUERY_PARAMETER", f"number {_MOST_PARAMETERS + 1}") from None


def _own(url: str) -> str:
    """Return `url` if it is a path of this server, else that of the first page: nobody is sent elsewhere."""
    return url if is_own_path(url) else "/"


def is_own_path(url: str) -> bool:
    """Say whether `url` is a path of this server: browsers read `//` and a backslash as the start of another host."""
    return url.startswith("/") and not url.startswith("//") and not any(c in url for c in "\\\r\n\t\0")
