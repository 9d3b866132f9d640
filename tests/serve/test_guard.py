"""What is refused before any question is read (convention C116)."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from mackinder.serve.guard import Guard, is_loopback


async def plain(scope, receive, send):
    """An application that echoes the size of what it was sent."""
    body = (await receive())["body"]
    head = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": str(len(body)).encode()})


def guarded(token="", host="localhost", **options):
    app = Guard(plain, hosts=frozenset({"localhost", "127.0.0.1"}), token=token, **options)
    return TestClient(app, base_url=f"http://{host}", follow_redirects=False)


def test_a_host_that_is_not_served_is_refused():
    assert guarded(host="localhost").get("/").status_code == 200
    assert guarded(host="evil.example").get("/").status_code == 421


@pytest.mark.parametrize(
    ("origin", "status"), [("http://localhost", 200), ("http://evil.example", 403), ("null", 403), (None, 200)]
)
def test_a_page_of_another_origin_may_not_ask(origin, status):
    headers = {} if origin is None else {"Origin": origin}
    assert guarded().post("/api/live", headers=headers, content=b"{}").status_code == status


def test_a_cross_site_fetch_of_the_api_is_refused():
    assert guarded().get("/api/case", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert guarded().get("/api/case", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_token_is_asked_for_and_leaves_the_address():
    client = guarded(token="s3cret")
    assert client.get("/api/case").status_code == 401
    assert client.get("/api/case", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/api/case", headers={"Authorization": "Bearer s3cret"}).status_code == 200
    first = client.get("/?token=s3cret")
    assert first.status_code == 303
    assert first.headers["location"] == "/"
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=Strict" in first.headers["set-cookie"]
    assert client.get("/api/case").status_code == 200  # by the cookie now


def test_a_large_body_is_refused():
    client = guarded(most_bytes=100)
    assert client.post("/", content=b"x" * 100).text == "100"
    assert client.post("/", content=b"x" * 101).status_code == 413


def test_every_answer_bears_the_headers():
    for answer in (guarded().get("/"), guarded(host="evil.example").get("/")):
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "own"), [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.4", False)]
)
def test_loopback(host, own):
    assert is_loopback(host) is own
