"""Browsers accept every response from a configured origin: plain, streamed, and errors."""

from pathlib import Path

import aiohttp

from testbench.daemon_process import DaemonProcess

PAGE = "https://pages.example.org"
OTHER = "https://else.example.org"
ASKED = {
    "/api/v1/status": 200,
    "/api/v1/events": 200,
    "/api/v1/catalogue?format=csv": 200,
    "/api/v1/task/none": 404,
    "/nowhere": 404,
    "/api/v1/bursts?limit=x": 422,
}
"""Paths, and the status of a response that is plain, streamed, or an error."""


async def test_every_kind_of_response_is_marked(tmp_path: Path) -> None:
    daemon = DaemonProcess(tmp_path, workers=1, settings={"ECLGRMD_REST_CORS_ORIGINS": PAGE})
    await daemon.start()
    async with aiohttp.ClientSession(daemon.running_endpoints().rest) as http:
        for path, status in ASKED.items():
            for origin, allowed in ((PAGE, PAGE), (OTHER, None)):
                async with http.get(path, headers={"Origin": origin}) as answer:
                    assert answer.status == status, path
                    assert answer.headers.get("Access-Control-Allow-Origin") == allowed, path
                    assert "Origin" in answer.headers.getall("Vary"), path
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
        async with http.options("/api/v1/task", headers=asked) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == PAGE
            assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        async with http.options("/api/v1/task", headers={**asked, "Origin": OTHER}) as answer:
            assert answer.status == 405
            assert "Access-Control-Allow-Origin" not in answer.headers
    assert await daemon.stop() == 0
