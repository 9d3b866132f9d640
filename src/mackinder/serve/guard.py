"""What stands before every request: host, token, origin, size, and headers that let the browser fetch from nowhere else."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

__all__ = ["Guard", "is_loopback"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_COOKIE: Final = "mackinder_token"
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_STRICT: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    return host in ("localhost", "::1") or host.startswith("127.")


class Guard:
    """ASGI middleware (convention C116): refuses foreign hosts and origins, missing tokens and large bodies."""

    def __init__(self, app: App, *, hosts: frozenset[str], token: str, most_bytes: int = 256_000) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on, or answer it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        refusal = self._refuse(scope, headers)
        if refusal is not None:
            await _answer(send, *refusal)
            return
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if self._token and given and scope["path"] == "/":
            # The token leaves the address at once, so that it is not in the history or a copied link.
            cookie = f"{_COOKIE}={self._token}; HttpOnly; SameSite=Strict; Path=/"
            await _answer(send, 303, "", ((b"location", b"/"), (b"set-cookie", cookie.encode())))
            return
        body = await self._body(receive)
        if body is None:
            await _answer(send, 413, f"the request is larger than {self._most} bytes")
            return
        sent = False

        async def once() -> MutableMapping[str, Any]:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def stamped(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {key.lower() for key, _ in message["headers"]}
                extra = [pair for pair in (*_HEADERS, _STRICT) if pair[0] not in own]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._app(scope, once, stamped)

    def _refuse(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if name not in self._hosts:  # a page elsewhere may have made its own name point here
            return 421, "this host name is not served; start with --host to serve another"
        origin = headers.get("origin")
        if origin is not None and scope["method"] not in ("GET", "HEAD") and urlsplit(origin).netloc != host:
            return 403, "a page of another origin may not ask"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none") and scope["path"].startswith(
            "/api/"
        ):
            return 403, "a page of another origin may not ask"
        if self._token and not self._known(scope, headers):
            return 401, "a token is needed: open the address that was printed when the app started"
        return None

    def _known(self, scope: Scope, headers: dict[str, str]) -> bool:
        jar: SimpleCookie = SimpleCookie()
        jar.load(headers.get("cookie", ""))
        given = [headers.get("authorization", "").removeprefix("Bearer ").strip()]
        given.append(jar[_COOKIE].value if _COOKIE in jar else "")
        given.append(parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0])
        return any(hmac.compare_digest(one.encode(), self._token.encode()) for one in given)

    async def _body(self, receive: Receive) -> bytes | None:
        """Read the whole body, or return None as soon as it is too large."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return b"".join(parts)
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._most:
                return None
            parts.append(chunk)
            if not message.get("more_body"):
                return b"".join(parts)


async def _answer(send: Send, status: int, detail: str, extra: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    body = json.dumps({"error": detail}).encode() if detail else b""
    head = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *extra,
        *_HEADERS,
        _STRICT,
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
