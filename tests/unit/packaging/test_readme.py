"""The README is short, and leads to what is there."""

import re

from tests.support.checkout import CHECKOUT

TEXT = (CHECKOUT / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#]+)\)")


def test_it_is_short() -> None:
    assert len(TEXT.splitlines()) <= 150


def test_its_links_lead_somewhere() -> None:
    links = {link for link in LINK.findall(TEXT) if not link.startswith("http")}
    assert len(links) > 20
    assert [link for link in sorted(links) if not (CHECKOUT / link).is_file()] == []
