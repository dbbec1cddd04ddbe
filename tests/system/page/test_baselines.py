"""Every page looks as it did, in both themes and two widths.

After a change that is meant: `testbench/page --baselines draw`, and look at what it drew.
"""

import pytest
from playwright.sync_api import Browser

from testbench.walk.baselines import MOST_CHANGED, THEMES, WIDTHS, changed_share, shots


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_look_as_they_did(browser: Browser, width: str, theme: str) -> None:
    changed = {
        path.name: changed_share(image, path) for path, image in shots(browser, width, theme)
    }
    assert len(changed) > 1
    assert {name: share for name, share in changed.items() if share > MOST_CHANGED} == {}
