"""Somebody who visits the console without a browser: cookies, forms with their tokens, and what the pages say."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.world import Caller, World

ORIGIN = "http://orgward.test"


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it came back."""

    status: int
    headers: httpx.Headers
    text: str

    @property
    def location(self) -> str:
        """Return where a redirect leads, empty if this is none."""
        return self.headers.get("location", "")

    @property
    def words(self) -> str:
        """Return what can be read on the page: its text without markup, spaces made one."""
        bare = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", self.text, flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(bare)).strip()

    @property
    def links(self) -> list[str]:
        """Return the addresses of all links."""
        return [html.unescape(href) for href in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', self.text)]

    @property
    def actions(self) -> list[str]:
        """Return where the forms of the page are posted to, and the buttons that send one elsewhere."""
        posted = [tag for tag in re.findall(r"<form\b[^>]*>", self.text) if 'method="post"' in tag]
        buttons = re.findall(r"<button\b[^>]*\bformaction=[^>]*>", self.text)
        found = [re.search(r'\b(?:form)?action="([^"]*)"', tag) for tag in (*posted, *buttons)]
        return [html.unescape(match[1]) for match in found if match]

    def hidden(self, name: str) -> str:
        """Return the value of the first hidden field `name`."""
        found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', self.text)
        assert found, f"no field `{name}` on the page"
        return html.unescape(found[1])


@dataclass(slots=True)
class Visitor:
    """A browser of the simplest kind; `token` is that of a session, empty for somebody who has not signed in."""

    world: World
    token: str = ""
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the cookie of the session."""
        if self.token:
            self.cookies["orgward"] = self.token

    def get(self, path: str, **headers: str) -> Shown:
        """Open a page."""
        return self._send("GET", path, None, headers)

    def head(self, path: str) -> Shown:
        """Look ahead to a page."""
        return self._send("HEAD", path, None, {})

    def post(self, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Shown:
        """Send a form, with the token of this session or visit unless `fields` brings another."""
        sent = {"_csrf": self.form_token(), **(fields or {})}
        body = urlencode([(name, value) for name, values in sent.items() for value in _listed(values)]).encode()
        given = {"content-type": "application/x-www-form-urlencoded", "origin": ORIGIN, **headers}
        return self._send("POST", path, body, given)

    def check(self, path: str, fields: Mapping[str, Any] | None = None) -> Shown:
        """Send a form that leads to a check, and open the check."""
        sent = self.post(path, fields)
        assert sent.location.startswith("/changes/"), (sent.status, sent.location, sent.words[:600])
        return self.get(sent.location)

    def apply(self, path: str, fields: Mapping[str, Any] | None = None) -> Shown:
        """Send a form that leads to a check, and carry the change out."""
        sent = self.post(path, fields)
        assert sent.location.startswith("/changes/"), (sent.status, sent.location, sent.words[:600])
        checked = self.get(sent.location)
        assert checked.status == 200, checked.words[:600]
        return self.post(sent.location, {"digest": checked.hidden("digest"), "read": "on"})

    def form_token(self) -> str:
        """Return the token that this session's forms carry, as a page shows it."""
        shown = self.get("/me/profile") if "orgward" in self.cookies else self.get("/signin")
        return (shown if shown.status == 200 else self.get("/signin")).hidden("_csrf")

    def follow(self, shown: Shown) -> Shown:
        """Open the page that a redirect leads to."""
        assert shown.status == 303, (shown.status, shown.words[:600])
        return self.get(shown.location)

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Shown:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named.setdefault("accept", "text/html")
        caller = Caller(self.world, address=self.address)
        reply = self.world.send(caller, method, path, None, accept=None, headers=named, raw=body)
        shown = Shown(reply.status, httpx.Headers(reply.headers), reply.body.decode())
        self._keep(shown.headers)
        return shown

    def _keep(self, headers: httpx.Headers) -> None:
        for line in headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0].strip('"')
            if "max-age=0" in line.lower() or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


def _listed(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list | tuple) else [str(values)]


def visitor_of(caller: Caller) -> Visitor:
    """Return the person of `caller`, signed in to the console."""
    return Visitor(caller.world, caller.token)
