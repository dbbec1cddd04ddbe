"""Nobody gets in without a token, and a role opens no more than it should."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from eclgrmd.api.routes import TABLE
from eclgrmd.api.routing.table import Route
from eclgrmd.model.access import Role, TokenText, read_token
from testbench.daemon_process import DaemonProcess
from tests.support.attack import Door

GUARDED = [route for route in TABLE if route.needs is not Role.ANYONE]
OPEN = [route for route in TABLE if route.needs is Role.ANYONE]
ENDLESS = "/api/v1/events"


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    return re.sub(r"\{\w+(:[^{}]*)?\}", "1", route.path)


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
def test_a_stranger_is_refused(door: Door, route: Route) -> None:
    answer = door.ask(route.method, path_of(route))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert route.needs in answer.json["detail"]


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
def test_a_role_opens_what_it_should_and_no_more(
    door: Door, tokens: dict[Role, str], route: Route
) -> None:
    for role, token in tokens.items():
        if role.covers(route.needs):
            if route.path != ENDLESS:
                assert door.ask(route.method, path_of(route), token=token).status not in {401, 403}
        else:
            answer = door.ask(route.method, path_of(route), token=token)
            assert answer.status == 403
            assert f"needs the role {route.needs}" in answer.json["detail"]


def test_this_and_no_more_is_open(door: Door) -> None:
    found = {name_of(route): door.ask(route.method, path_of(route)).status for route in OPEN}
    assert found == {
        "GET /health/live": 200,
        "GET /health/ready": 200,
        "GET /api": 200,
        "GET /api/login": 200,
        "GET /api/login.js": 200,
        "GET /api/rapidoc-min.js": 200,
        "GET /api/problems": 200,
        "POST /api/v1/login": 422,
        "POST /api/v1/logout": 204,
    }


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer x",
        "Basic b3BlcmF0b3I6",
        "Bearer ecl_.",
        "Bearer ecl_" + "0" * 32 + "." + "0" * 32,
        "Bearer ecl_" + "0" * 32 + "'.' OR 1=1 --",
        "Bearer \xff",
    ],
)
def test_what_is_no_token_opens_nothing(door: Door, authorization: str) -> None:
    assert door.ask("GET", "/api/v1/status", Authorization=authorization).status == 401


def test_the_secret_of_another_token_opens_nothing(door: Door, tokens: dict[Role, str]) -> None:
    reader, operator = (parts(tokens[role]) for role in (Role.READER, Role.OPERATOR))
    mixed = TokenText(operator.id, reader.secret)
    assert door.ask("GET", "/api/v1/tokens", token=str(mixed)).status == 401
    short = f"ecl_{operator.id}.{operator.secret[:-1]}"
    assert door.ask("GET", "/api/v1/tokens", token=short).status == 401


def parts(token: str) -> TokenText:
    found = read_token(token)
    assert found is not None
    return found


def test_a_revoked_token_opens_nothing(door: Door, tokens: dict[Role, str]) -> None:
    operator = tokens[Role.OPERATOR]
    wanted = '{"name": "guest", "role": "reader", "expires_days": 1}'
    made = door.ask(
        "POST", "/api/v1/tokens", wanted, token=operator, Content_Type="application/json"
    )
    assert made.status == 201
    guest = made.json["token"]
    assert door.ask("GET", "/api/v1/status", token=guest).status == 200
    gone = door.ask("DELETE", f"/api/v1/tokens/{made.json['id']}", token=operator)
    assert gone.json["revoked_at"]
    assert door.ask("GET", "/api/v1/status", token=guest).status == 401
    entries = door.ask("GET", "/api/v1/audit?limit=1000", token=operator).json["audit"]
    told = [(each["action"], each["who"]) for each in entries if each["subject"] == parts(guest).id]
    assert told == [("tokens_make", "the operator"), ("tokens_revoke", "the operator")]


def test_an_expired_token_opens_nothing(door: Door, tokens: dict[Role, str]) -> None:
    wanted = '{"name": "brief", "role": "reader", "expires_days": 1e-9}'
    made = door.ask(
        "POST",
        "/api/v1/tokens",
        wanted,
        token=tokens[Role.OPERATOR],
        Content_Type="application/json",
    )
    assert door.ask("GET", "/api/v1/status", token=made.json["token"]).status == 401


def test_no_secret_is_stored_or_logged(
    guarded: DaemonProcess, door: Door, tokens: dict[Role, str]
) -> None:
    listed = door.ask("GET", "/api/v1/tokens", token=tokens[Role.OPERATOR]).body.decode()
    log = guarded.log.read_text(encoding="utf-8")
    stored = [path for path in guarded.state_dir.rglob("*") if path.is_file()]
    for token in tokens.values():
        secret = parts(token).secret
        assert parts(token).id in listed
        assert secret not in listed
        assert secret not in log
        assert not [path for path in stored if secret.encode() in path.read_bytes()]


def test_an_operator_of_the_machine_lists_and_revokes(
    settings_file: Path, door: Door, tokens: dict[Role, str]
) -> None:
    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "eclgrmd", "token", *words, "--settings", settings_file],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    guest = run("create", "--role", "reader", "--name", "visitor", "--expires", "2h").strip()
    assert door.ask("GET", "/api/v1/status", token=guest).status == 200
    assert "visitor" in run("list")
    assert guest not in run("list")
    run("revoke", parts(guest).id)
    while door.ask("GET", "/api/v1/status", token=guest).status == 200:
        pass  # the daemon reads the tokens again within 2 s
    assert door.ask("GET", "/api/v1/status", token=guest).status == 401
