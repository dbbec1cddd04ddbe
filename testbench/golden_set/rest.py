"""Calls every route of REST, correctly and wrongly, and keeps the responses."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from eclgrmd.model.rest import API

from .quick_look import QUICK
from .tasks import ODD

__all__ = ["CALLS", "Call", "one_task_too_many", "rest_answers"]

DC0 = "sb26110301"
"""Burst of DC-0 that calls refer to: the short one."""
_HEADERS = (
    "Accept-Ranges", "Allow", "Content-Range", "Content-Type", "ETag", "Idempotency-Replayed",
    "Location", "Retry-After",
)  # fmt: skip
_AT_ROOT = ("/health/", "/metrics")
"""First parts of paths that are not behind `/api/v1`."""
_KEY = {"Idempotency-Key": "golden-1"}
_RANGE = {"Range": "bytes=0-9"}
_TASK = {"type": "task", "id": "rest-1", "burst_id": ODD, "analysis": "temporal"}
_INPUTS = {"inputs": [{"name": "never.fits"}]}
_CIRCULAR = (
    "SUBJECT: GRB 261101A: Fermi GBM Observation\nAt 04:12:33.60 UT on 1 November 2026, the Fermi "
    "Gamma-ray Burst Monitor (GBM) triggered. The light curve shows a pulse with a duration (T90) "
    "of 18.4 +/- 0.6 s (50-300 keV). The power law index is -0.87 +/- 0.05 and the cutoff energy, "
    "parameterized as Epeak, is 266 +19/-15 keV."
)
"""A circular as another mission writes it; no burst has these numbers."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the REST interface."""

    route: str
    """The route as in the route table, behind `/api/v1`."""
    path: str
    """Path and query, behind `/api/v1`."""
    method: str = "GET"
    """HTTP method."""
    body: bytes = b""
    """Body of the request."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the request."""
    note: str = ""
    """Distinguishes calls of the same path."""

    @property
    def name(self) -> str:
        """Method, path and note: the key of the response."""
        return f"{self.method} {self.path} {self.note}".strip()

    @property
    def full_route(self) -> str:
        """The whole path as in the route table."""
        return self.route if self.route.startswith(_AT_ROOT) else API + self.route

    @property
    def target(self) -> str:
        """The path and query to send."""
        return self.path if self.path.startswith(_AT_ROOT) else API + self.path


def _gets(route: str, *paths: str) -> tuple[Call, ...]:
    return tuple(Call(route, path) for path in paths or (route,))


def _posts(route: str, path: str, **bodies: bytes) -> tuple[Call, ...]:
    return tuple(Call(route, path, "POST", body, note=note) for note, body in bodies.items())


def _json(*parts: dict[str, Any]) -> bytes:
    return json.dumps({key: value for part in parts for key, value in part.items()}).encode()


_BURST, _TASK_ROUTE = "/bursts/{burst_id}", "/task/{task_id}"
_UPDATE = f"{_BURST}/vhf/updates/{{version:[0-9]+}}"
_VHF_PRODUCT = f"{_BURST}/vhf/products/{{proc_ver:[0-9]+}}/{{name}}"
CALLS: tuple[Call, ...] = (
    *_gets("/status"),
    *_gets("/health/live"),
    *_gets("/health/ready"),
    *_gets("/metrics"),
    *_gets("/schemas"),
    *_gets("/asyncapi"),
    *_gets(
        "/bursts", "/bursts", "/bursts?limit=2", "/bursts?limit=0", "/bursts?limit=two",
        "/bursts?sort=-t90&limit=2&min_t90_s=1", "/bursts?t0_from=2026-02-30",
    ),
    *_gets(
        _BURST, *(f"/bursts/{name}" for name in (QUICK, ODD, DC0, "nobody", "no%20body"))
    ),
    *_posts(f"{_BURST}/fetch", f"/bursts/{ODD}/fetch", no_mdb=b""),
    *_gets(f"{_BURST}/vhf", f"/bursts/{QUICK}/vhf", f"/bursts/{DC0}/vhf", "/bursts/a%20b/vhf"),
    *_gets(
        f"{_BURST}/vhf/updates",
        f"/bursts/{QUICK}/vhf/updates?limit=3",
        f"/bursts/{QUICK}/vhf/updates?after=x",
        f"/bursts/{ODD}/vhf/updates",
    ),
    *_gets(_UPDATE, f"/bursts/{QUICK}/vhf/updates/20", f"/bursts/{QUICK}/vhf/updates/999"),
    *_gets(f"{_BURST}/vhf/products", f"/bursts/{QUICK}/vhf/products"),
    *_gets(
        _VHF_PRODUCT,
        f"/bursts/{QUICK}/vhf/products/1/nothing.txt",
    ),
    *_gets(f"{_BURST}/vhf/history", f"/bursts/{QUICK}/vhf/history?limit=2",
           "/bursts/nobody/vhf/history"),
    *_gets(f"{_BURST}/vhf/light-curves", f"/bursts/{QUICK}/vhf/light-curves?points=10",
           "/bursts/nobody/vhf/light-curves", f"/bursts/{QUICK}/vhf/light-curves?packets=x"),
    *_gets(f"{_BURST}/vhf/durations", f"/bursts/{QUICK}/vhf/durations?packets=60"),
    *_gets(f"{_BURST}/vhf/spectra", f"/bursts/{QUICK}/vhf/spectra"),
    *_gets(f"{_BURST}/thumbnail", f"/bursts/{QUICK}/thumbnail?format=json",
           "/bursts/nobody/thumbnail", f"/bursts/{QUICK}/thumbnail?format=png"),
    *_gets("/data", f"/data?burst_id={ODD}", f"/data?burst_id={DC0}&limit=2",
           "/data?burst_id=a%20b"),
    *_gets("/data/{data_id:[0-9]+}", "/data/999999", "/data/9999999999999999999999"),
    *_posts("/data", "/data", no_query=b"x"),
    *_posts("/data", f"/data?burst_id={ODD}&name=..%2Fx", bad_name=b"x"),
    *_posts("/data", f"/data?burst_id={ODD}&name=a.fits&sha256={'0' * 64}", other_sum=b"x"),
    *_posts("/data", f"/data?burst_id={ODD}&name=empty.fits", empty=b""),
    Call("/data", f"/data?burst_id={ODD}&name=big.fits", "POST", b"x",
         {"Content-Encoding": "gzip"}, "is_not_gzip"),
    *_gets("/products", f"/products?burst_id={ODD}", "/products?task_id=odd-done",
           "/products?task_id=a%20b"),
    *_gets(
        "/products/{task_id}/{name}",
        "/products/odd-done/result.json",
        "/products/odd-done/summary.txt",
        "/products/odd-done/nothing.txt",
        "/products/odd-failed/result.json",
        "/products/a%20b/result.json",
    ),
    Call("/products/{task_id}/{name}", "/products/odd-done/result.json", headers=_RANGE,
         note="range"),
    Call("/products/{task_id}/{name}", "/products/odd-done/result.json",
         headers={"Range": "bytes=99999999-"}, note="range_beyond"),
    *_gets("/task", f"/task?burst_id={ODD}", "/task?state=done&limit=3", "/task?after=nonsense",
           "/task?limit=100000", "/task?state=done&sort=-created&limit=2"),
    *_gets(
        _TASK_ROUTE, "/task/odd-done", "/task/odd-failed", "/task/odd-cancelled",
        "/task/odd-waiting", "/task/nobody", "/task/a%20b",
    ),
    *_posts(
        "/task",
        "/task",
        new=_json(_TASK, _INPUTS),
        same=_json(_TASK, _INPUTS),
        other=_json(_TASK, {"inputs": [{"name": "other.fits"}]}),
        no_json=b"{",
        no_inputs=_json(_TASK, {"inputs": []}),
        unknown_key=_json(_TASK, _INPUTS, {"colour": "red"}),
        wrong_value=_json(_TASK, _INPUTS, {"configuration": {"duration": {"bootstrap": 1}}}),
        too_large=b" " * 200_000,
    ),
    *(
        Call("/task", "/task", "POST", _json(_TASK, {"id": "rest-2"}, inputs), _KEY, note)
        for note, inputs in (
            ("key", _INPUTS),
            ("key_again", _INPUTS),
            ("key_of_another", {"inputs": [{"name": "other.fits"}]}),
        )
    ),
    Call("/task", "/task", "PUT", b"{}"),
    Call("/task", "/task", "POST", b"x", {"Content-Encoding": "gzip"}, "is_not_gzip"),
    *(
        Call(_TASK_ROUTE, f"/task/{name}", "DELETE")
        for name in ("odd-waiting", "odd-done", "nobody")
    ),
    *_gets(f"{_TASK_ROUTE}/logs", "/task/odd-done/logs", "/task/odd-failed/logs",
           "/task/nobody/logs"),
    *_gets(f"{_TASK_ROUTE}/figures", "/task/odd-done/figures", "/task/odd-failed/figures",
           "/task/nobody/figures"),
    *_gets(f"{_TASK_ROUTE}/light-curves", "/task/odd-done/light-curves?points=10",
           "/task/odd-done/light-curves?detector=n3", "/task/odd-failed/light-curves",
           "/task/nobody/light-curves", "/task/odd-done/light-curves?band_kev=50"),
    *_gets(f"{_TASK_ROUTE}/durations", "/task/odd-done/durations", "/task/nobody/durations"),
    *_gets(f"{_TASK_ROUTE}/spectra", f"/task/{DC0}-evt/spectra", "/task/odd-done/spectra"),
    *_gets(f"{_TASK_ROUTE}/evolution", f"/task/{DC0}-evt/evolution", "/task/nobody/evolution"),
    *_gets(f"{_TASK_ROUTE}/configuration", "/task/odd-again/configuration",
           "/task/nobody/configuration"),
    *_posts(f"{_TASK_ROUTE}/rerun", "/task/odd-done/rerun", no_json=b"{", wrong_key=b'{"x": 1}'),
    *_posts(f"{_TASK_ROUTE}/rerun", "/task/nobody/rerun", nobody=b""),
    *_posts(f"{_TASK_ROUTE}/rerun", "/task/odd-waiting/rerun",
            plan=b'{"id": "odd-rest", "configuration": {"duration": {"bootstrap": 120}}}'),
    *_gets(f"{_TASK_ROUTE}/coverage", "/task/odd-done/coverage", "/task/nobody/coverage"),
    *_posts(f"{_TASK_ROUTE}/coverage", "/task/odd-failed/coverage", no_result=b"",
            few=b'{"twins": 1}'),
    *_gets(f"{_TASK_ROUTE}/spread", "/task/odd-done/spread", "/task/nobody/spread"),
    *_posts(f"{_TASK_ROUTE}/spread", "/task/odd-failed/spread", no_result=b"",
            few=b'{"choices": 1}'),
    *_posts(f"{_BURST}/preview", f"/bursts/{ODD}/preview",
            wrong_value=b'{"configuration": {"duration": {"bootstrap": 1}}}',
            no_result=b'{"task": "odd-failed"}'),
    *_posts(f"{_BURST}/preview", "/bursts/nobody/preview", nobody=b""),
    *_posts(f"{_BURST}/compare-circular", f"/bursts/{ODD}/compare-circular",
            circular=_json({"text": _CIRCULAR}),
            no_circular=_json({"text": "Dear colleagues, we saw nothing."}),
            other_task=_json({"text": _CIRCULAR, "task": "odd-failed"})),
    *_gets("/compare", "/compare?task=odd-done&task=odd-again", "/compare?task=odd-done",
           "/compare?task=odd-done&task=nobody", "/compare?task=odd-done&task=odd-failed"),
    *_posts(f"{_BURST}/claim", f"/bursts/{ODD}/claim", note=b'{"note": "on it"}',
            no_json=b"{", unknown_key=b'{"who": "me"}'),
    *_posts(f"{_BURST}/claim", "/bursts/nobody/claim", nobody=b""),
    *_posts(f"{_BURST}/record", f"/bursts/{ODD}/record",
            done=b'{"task_id": "odd-done", "reason": "the background is right"}',
            failed=b'{"task_id": "odd-failed", "reason": "it ended"}',
            no_reason=b'{"task_id": "odd-done"}'),
    *_gets(_BURST, f"/bursts/{ODD}?"),
    *_gets("/bursts", f"/bursts?text={ODD}"),
    Call(f"{_BURST}/claim", f"/bursts/{ODD}/claim", "DELETE"),
    Call(f"{_BURST}/record", f"/bursts/{ODD}/record?reason=a%20gap", "DELETE"),
    Call(f"{_BURST}/record", f"/bursts/{ODD}/record", "DELETE", note="no_reason"),
    *_gets(f"{_BURST}/decisions", f"/bursts/{ODD}/decisions?limit=2",
           f"/bursts/{ODD}/decisions?after=x", "/bursts/nobody/decisions"),
    *_gets("/campaigns"),
    *_gets("/campaigns/{campaign_id}", "/campaigns/nobody", "/campaigns/a%20b"),
    Call("/campaigns/{campaign_id}", "/campaigns/nobody", "DELETE"),
    *_gets("/events", "/events?kind=tusk", "/events?after=x"),
    *_gets("/catalogue", "/catalogue?format=pdf"),
    *_gets(f"{_TASK_ROUTE}/archive", "/task/nobody/archive"),
    *_gets(f"{_TASK_ROUTE}/report", "/task/nobody/report"),
    *_gets("/dead-letters", "/dead-letters", "/dead-letters?after=x"),
    *_gets("/tokens", "/tokens?after=x"),
    *_posts("/tokens", "/tokens", no_name=b"{}"),
    Call("/tokens/{token_id}", "/tokens/nobody", "DELETE"),
    *_gets("/audit", "/audit?after=x"),
    *_gets("/login"),
    *_posts("/login", "/login", no_token=b"{}", no_valid_one=b'{"token": "ecl_x"}'),
    *_posts("/logout", "/logout", without_session=b""),
    *_posts("/notice", "/notice", no_notice=b"{}", no_xml=b"<voe>"),
    *_posts("/packet", "/packet", no_packet=b"<voe/>", no_json=b"{", wrong=b'{"kind": "x"}'),
    *_gets("", "/no-such-route"),
)  # fmt: skip
"""All calls, in order: some of them change what later calls return."""
_MOST_TASKS = 2000
"""More tasks than the daemon of the scenario accepts."""
_PAUSE_S = 0.01
"""Pause between sent tasks, seconds: the daemon counts its open tasks only now and then."""


async def rest_answers(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """Return status, headers and body of every call, by its name."""
    found = {call.name: await _answer(session, url, call) for call in CALLS}
    for path in await _made_of_names(session, url):
        found[f"GET {path}"] = await _answer(session, url, Call("", path))
    return found


async def _made_of_names(session: aiohttp.ClientSession, url: str) -> list[str]:
    """Return the paths of all products of the quick look and of the small task."""
    paths = []
    async with session.get(f"{url}{API}/bursts/{QUICK}/vhf/products") as answer:
        paths += [each["link"] for each in (await answer.json())["products"]]
    async with session.get(f"{url}{API}/products?task_id=odd-done") as answer:
        paths += [each["link"] for each in (await answer.json())["products"]]
    return sorted(str(path).removeprefix(url + API) for path in paths)


async def _answer(session: aiohttp.ClientSession, url: str, call: Call) -> dict[str, Any]:
    async with session.request(
        call.method, url + call.target, data=call.body or None, headers=call.headers
    ) as answer:
        payload = await answer.read()
        return {
            "status": answer.status,
            "headers": {k: answer.headers[k] for k in _HEADERS if k in answer.headers},
            "body": _body(answer.content_type, payload),
        }


def _body(media_type: str, payload: bytes) -> Any:
    if media_type.endswith("json"):
        try:
            return json.loads(payload)
        except ValueError:
            return payload.decode(errors="replace")
    if media_type.endswith("jsonl"):
        return [json.loads(line) for line in payload.splitlines()]
    if media_type.startswith("text/") or media_type.endswith("xml"):
        return payload.decode(errors="replace").splitlines()
    return "<bytes>"


async def one_task_too_many(session: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    """Send tasks without data until one is refused, and return that response."""
    for number in range(_MOST_TASKS):
        body = _json(_TASK, _INPUTS, {"id": f"many-{number}"})
        last = await _answer(session, url, Call("/task", "/task", "POST", body))
        if last["status"] == 429:
            return last
        await asyncio.sleep(_PAUSE_S)
    return {"status": "never refused"}
