"""Web pages of others get nowhere, not even with the rights of the machine that shows them."""

import re
import socket

import pytest

from eclgrmd.model.access import Role
from testbench.daemon_process import DaemonProcess
from tests.support.attack import Answered, Door
from tests.system.attack.test_loopback import embedded

__all__ = ["embedded"]

EVIL = "https://evil.example"
RETRACTION = b"""<?xml version="1.0"?><voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"
 ivorn="ivo://org.svom/fsc#sb26112201_retraction" role="observation" version="2.0"><Who/>
 <What><Param name="Burst_Id" value="sb26112201"/><Param name="Packet_Type" value="219"/></What>
</voe:VOEvent>"""
TASK = '{"id": "forged", "burst_id": "sb1", "inputs": [{"name": "a.fits"}]}'


@pytest.mark.parametrize("kind", ["text/xml", "text/plain", "application/octet-stream"])
@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:1", "http://localhost"])
def test_a_forged_retraction_is_refused(embedded: Door, origin: str, kind: str) -> None:
    answer = embedded.ask("POST", "/api/v1/notice", RETRACTION, Origin=origin, Content_Type=kind)
    assert answer.status == 403
    assert "may not do this" in answer.json["detail"]


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
     "multipart/form-data; boundary=x"],
)  # fmt: skip
def test_a_form_is_refused_although_it_says_nothing_of_its_origin(
    embedded: Door, kind: str
) -> None:
    assert embedded.ask("POST", "/api/v1/task", TASK, Content_Type=kind).status == 415


def test_a_page_that_hides_its_origin_is_refused(embedded: Door) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"}
    assert embedded.ask("POST", "/api/v1/task", TASK, **headers).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8641", "127.0.0.1.evil.example", "localhost.evil"]
)
def test_a_rebound_name_is_refused(embedded: Door, host: str) -> None:
    answer = embedded.ask("GET", "/api/v1/tokens", Host=host)
    assert answer.status == 421
    assert "rest.hosts" in answer.json["detail"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8641"])
def test_our_own_names_are_known(embedded: Door, host: str) -> None:
    assert embedded.ask("GET", "/api/v1/status", Host=host).status == 200


def test_our_own_page_may_do_what_its_user_may(embedded: Door) -> None:
    answer = embedded.ask(
        "POST", "/api/v1/task", TASK, Origin=embedded.url, Content_Type="application/json"
    )
    assert answer.status == 201


def bare(answer: Answered) -> None:
    """Check the headers that every response has."""
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"] == "eclgrmd"
    assert not any(
        re.search(r"[Pp]ython|aiohttp|\d+\.\d+\.\d+", each) for _, each in headers.items()
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/api", 200),
        ("GET", "/api/login", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nowhere", 404),
        ("PUT", "/api/v1/task", 405),
        ("POST", "/api/v1/task", 422),
        ("GET", "/status", 308),
    ],
)
def test_every_response_has_the_headers(
    embedded: Door, method: str, path: str, status: int
) -> None:
    answer = embedded.ask(method, path)
    assert answer.status == status
    bare(answer)


def test_a_stream_and_what_is_no_http_have_them_too(embedded: Door) -> None:
    for request, begin in (
        (b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n", b"HTTP/1.1 200"),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"HTTP/1.0 400"),
    ):
        with socket.create_connection((embedded.host, embedded.port)) as client:
            client.sendall(request)
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(1000)
        assert head.startswith(begin)
        assert b"X-Content-Type-Options: nosniff" in head
        assert b"Server: eclgrmd\r\n" in head


def test_a_page_logs_in_and_out(door: Door, tokens: dict[Role, str]) -> None:
    wanted = f'{{"token": "{tokens[Role.SCIENTIST]}"}}'
    entered = door.ask("POST", "/api/v1/login", wanted, Content_Type="application/json")
    assert entered.json == {"name": "the scientist", "role": "scientist"}
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert tokens[Role.SCIENTIST].partition(".")[2] not in cookie
    session = cookie.partition(";")[0]
    assert door.ask("GET", "/api/v1/login", Cookie=session).json["name"] == "the scientist"
    json = "application/json"
    forged = {"Cookie": session, "Origin": EVIL, "Content-Type": json}
    assert door.ask("POST", "/api/v1/task", TASK, **forged).status == 403
    assert door.ask("GET", "/api/v1/tokens", Cookie=session).status == 403
    assert door.ask("POST", "/api/v1/task", TASK, Cookie=session, Content_Type=json).status == 201
    # The cookie is no token, and a token is no cookie.
    bearer = session.partition("=")[2]
    assert door.ask("GET", "/api/v1/status", token=bearer).status == 401
    as_cookie = f"eclgrmd={tokens[Role.SCIENTIST]}"
    assert door.ask("GET", "/api/v1/status", Cookie=as_cookie).status == 401
    assert door.ask("POST", "/api/v1/logout", Cookie=session).status == 204
    assert door.ask("GET", "/api/v1/login", Cookie=session).status == 401


def test_a_revoked_token_ends_its_sessions(door: Door, tokens: dict[Role, str]) -> None:
    operator, json = tokens[Role.OPERATOR], "application/json"
    wanted = '{"name": "guest", "role": "reader"}'
    made = door.ask("POST", "/api/v1/tokens", wanted, token=operator, Content_Type=json).json
    login = f'{{"token": "{made["token"]}"}}'
    entered = door.ask("POST", "/api/v1/login", login, Content_Type=json)
    session = entered.headers["Set-Cookie"].partition(";")[0]
    assert door.ask("GET", "/api/v1/status", Cookie=session).status == 200
    door.ask("DELETE", f"/api/v1/tokens/{made['id']}", token=operator)
    assert door.ask("GET", "/api/v1/status", Cookie=session).status == 401


def test_the_header_of_a_proxy_is_worth_nothing_unless_it_is_trusted(
    guarded: DaemonProcess, door: Door
) -> None:
    assert door.ask("GET", "/api/v1/status", X_Remote_User="root").status == 401
