"""`--set` names a key by its pointer, or by its last part if there is only one such key."""

from typing import Any

import pytest

from eclgrmd.cli.changes import changes_from
from eclgrmd.errors import InputError


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("/background/order=2", {"background": {"order": 2}}),
        ("order=2", {"background": {"order": 2}}),
        ("spectral.models=[band, cpl]", {"spectral": {"models": ["band", "cpl"]}}),
        ("model=cpl", {"spectral": {"models": ["cpl"]}}),
        ("models=cpl", {"spectral": {"models": ["cpl"]}}),
        ("models=null", {"spectral": {"models": None}}),
        ("model=[band]", {"spectral": {"models": ["band"]}}),
        ("seed=4", {"seed": 4}),
        ("order=null", {"background": {"order": None}}),
    ],
)
def test_a_key_is_found(text: str, changes: dict[str, Any]) -> None:
    assert changes_from(None, [text]) == changes


def test_later_changes_are_added() -> None:
    found = changes_from(None, ["model=cpl", "order=1", "order=2"])
    assert found == {"spectral": {"models": ["cpl"]}, "background": {"order": 2}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("modle=cpl", r"no key has this name \(near it: /spectral/models"),
        ("order", "must be KEY=VALUE"),
        ("=2", "must be KEY=VALUE"),
    ],
)
def test_a_wrong_key_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        changes_from(None, [text])
