"""A real OpenID provider as a process of its own on loopback: it signs people in without a question, and can misbehave.

Run as a module it serves until it is killed; a test starts it with `IdentityProvider.started` and tells it what to do.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwk, jws
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "orgward-client"
ROOT = Path(__file__).parent.parent
HOUR = 3_600

BEGINNING: dict[str, Any] = {
    "alg": "RS256",
    "claims": {},
    "client_secret": "",
    "drop": [],
    "faults": [],
    "now": 0,
    "person": {"sub": "sub-1", "email": "fay@acme.example", "email_verified": True, "name": "Fay Ritter"},
    "response": {},
}


class Keys:
    """The keys of a provider: the last one made of each kind signs."""

    def __init__(self) -> None:
        """Make a key of each kind."""
        self.number = 0
        self.made: dict[str, Any] = {}
        self.rotate()

    def rotate(self) -> None:
        """Make new keys; nobody finds the old ones any more."""
        self.number += 1
        make = {"RS256": ("RSA", 2048), "PS256": ("RSA", 2048), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519")}
        self.made = {
            alg: jwk.JWKRegistry.generate_key(kind, size, {"kid": f"{alg}-{self.number}", "use": "sig", "alg": alg})
            for alg, (kind, size) in make.items()
        }

    def published(self) -> list[Any]:
        """Return the public halves."""
        return [key.as_dict(private=False) for key in self.made.values()]


class Provider:
    """The provider itself."""

    def __init__(self, issuer: str) -> None:
        """Be known as `issuer`."""
        self.issuer = issuer
        self.keys = Keys()
        self.codes: dict[str, dict[str, str]] = {}
        self.state = {**BEGINNING}
        self.asked: list[str] = []

    def has(self, fault: str) -> bool:
        """Say whether it is to misbehave in this way."""
        return fault in self.state["faults"]

    async def control(self, request: Request) -> Response:
        """Do what a test says: `reset`, `rotate`, or change what stands in the body."""
        wanted = await request.json()
        if wanted.pop("reset", False):
            self.state, self.asked, self.codes = {**BEGINNING}, [], {}
        if wanted.pop("rotate", False):
            self.keys.rotate()
        self.state.update(wanted)
        return JSONResponse({"asked": self.asked})

    async def troubled(self, what: str) -> Response | None:
        """Return the answer of a provider that is in trouble with `what`, None if it is not."""
        self.asked.append(what)
        if self.has(f"{what} slow"):
            await asyncio.sleep(30)
        if self.has(f"{what} garbage"):
            return Response(b"\xff{nonsense", media_type="application/json")
        if self.has(f"{what} list"):
            return JSONResponse([1, 2])
        if self.has(f"{what} error"):
            return PlainTextResponse("oh no", 500)
        return RedirectResponse(f"{self.issuer}/{what}?elsewhere") if self.has(f"{what} redirect") else None

    async def discovery(self, request: Request) -> Response:
        """Answer with where everything is."""
        trouble = await self.troubled("discovery")
        document = {
            "issuer": f"{self.issuer}/other" if self.has("another issuer") else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": not self.has("no response issuer"),
            **self.state.get("discovery", {}),
        }
        return trouble or JSONResponse(document)

    async def jwks(self, request: Request) -> Response:
        """Answer with the public keys."""
        return await self.troubled("jwks") or JSONResponse({"keys": self.keys.published()})

    async def authorize(self, request: Request) -> Response:
        """Sign the configured person in, and send the browser back with a code."""
        asked = dict(request.query_params)
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
            return PlainTextResponse("not like this", 400)
        back = {"state": asked["state"], "iss": self.issuer}
        if self.has("denied"):
            back |= {"error": "access_denied"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back |= {"code": code}
        back |= self.state["response"]
        sent = {name: value for name, value in back.items() if value is not None}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(sent)}", 302)

    async def token(self, request: Request) -> Response:
        """Exchange a code for tokens, once."""
        trouble = await self.troubled("token")
        if trouble:
            return trouble
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.get(form.get("code", "")) if self.has("codes count twice") else None
        asked = asked or self.codes.pop(form.get("code", ""), None)
        if asked is None or not self._fits(asked, form) or not self._is_client(request, asked):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": self.id_token(asked)})

    def _fits(self, asked: Mapping[str, str], form: Mapping[str, str]) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return challenge == asked["code_challenge"] and form.get("redirect_uri") == asked["redirect_uri"]

    def _is_client(self, request: Request, asked: Mapping[str, str]) -> bool:
        if not self.state["client_secret"]:
            return True
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        halves = base64.b64decode(pair).decode().split(":") if scheme == "Basic" else []
        return [unquote_plus(half) for half in halves] == [asked["client_id"], self.state["client_secret"]]

    def id_token(self, asked: Mapping[str, str]) -> str:
        """Return the token that says who signed in."""
        now = self.state["now"]
        claims = {
            "iss": self.issuer, "aud": asked["client_id"], "iat": now, "exp": now + HOUR, "nonce": asked["nonce"],
            **self.state["person"], **self.state["claims"],
        }  # fmt: skip
        return self.signed({name: value for name, value in claims.items() if name not in self.state["drop"]})

    def signed(self, claims: Mapping[str, Any]) -> str:
        """Return `claims` as a token: signed, or as faults will have it."""
        payload = json.dumps(claims).encode()
        key = self.keys.made[self.state["alg"]]
        header = {"alg": self.state["alg"], "kid": key.kid, **self.state.get("header", {})}
        if self.has("unsigned"):
            return f"{_part({'alg': 'none', 'kid': key.kid})}.{_encoded(payload)}."
        if self.has("signed by the public key"):
            public = self.keys.made["RS256"].as_pem(private=False)
            signed = f"{_part({'alg': 'HS256', 'kid': key.kid})}.{_encoded(payload)}"
            return f"{signed}.{_encoded(hmac.digest(public, signed.encode(), 'sha256'))}"
        if self.has("signed by another key"):
            other = jwk.RSAKey.generate_key(2048)
            return jws.serialize_compact({"alg": "RS256", "kid": key.kid}, payload, other, ["RS256"])
        return jws.serialize_compact(header, payload, key, [self.state["alg"]])

    async def workload(self, request: Request) -> Response:
        """Answer with a signed token of the claims that are sent."""
        now = self.state["now"]
        claims = {"iss": self.issuer, "iat": now, "exp": now + HOUR, **(await request.json())}
        return PlainTextResponse(self.signed({name: value for name, value in claims.items() if value is not None}))


def _part(value: Any) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def serve() -> None:
    """Serve a provider on a free port, and say which one."""
    listener = socket.create_server(("127.0.0.1", 0))
    issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
    provider = Provider(issuer)
    routes = [
        Route("/.well-known/openid-configuration", provider.discovery),
        Route("/jwks", provider.jwks),
        Route("/authorize", provider.authorize),
        Route("/token", provider.token, methods=["POST"]),
        Route("/control", provider.control, methods=["POST"]),
        Route("/workload", provider.workload, methods=["POST"]),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", ws="none")
    sys.stdout.write(f"{issuer}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


@dataclass(slots=True)
class IdentityProvider:
    """A provider that runs as a process, as a test sees it."""

    issuer: str
    process: "subprocess.Popen[str]"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Run a provider for the length of a block."""
        command = [sys.executable, "-W", "ignore", "-m", "tests.identity_provider"]
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}"}
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                assert process.stdout is not None
                issuer = process.stdout.readline().strip()
                assert issuer, "the provider did not start"
                yield cls(issuer, process)
            finally:
                process.kill()

    def kill(self) -> None:
        """End the process, as a power cut would."""
        self.process.kill()
        self.process.wait(20)

    def tell(self, **wanted: Any) -> list[str]:
        """Tell it what to do; return what it was asked for so far."""
        found: list[str] = httpx.post(f"{self.issuer}/control", json=wanted, timeout=20).json()["asked"]
        return found

    def person(self, **claims: Any) -> None:
        """Let it say this of whoever signs in."""
        self.tell(person={**BEGINNING["person"], **claims})

    def visited(self, location: str) -> str:
        """Go where a browser is sent, and return where it is sent back to: path and query."""
        answer = httpx.get(location, timeout=20)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def workload_token(self, **claims: Any) -> str:
        """Return a token that it gives a program."""
        return httpx.post(f"{self.issuer}/workload", json=claims, timeout=20).text


if __name__ == "__main__":
    serve()
