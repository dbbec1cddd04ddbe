"""`astropy.io.fits` with settings that are held at their defaults.

astropy looks settings up in its configuration for every card of a header: 24,000 times for a burst
in two detectors, 170,000 times for the whole folder of a burst. Held from the import on, they cost
nothing, and products no longer depend on the user's `astropy.cfg`.
"""

from astropy.io import fits

__all__ = ["fits"]

_HELD = (
    "strip_header_whitespace",
    "enable_record_valued_keyword_cards",
    "extension_name_case_sensitive",
)
"""Settings that are looked up for every card or header."""


def _hold() -> None:
    """Replace the look-ups of settings by their default values."""
    declared = type(fits.conf)
    for name in _HELD:
        setattr(declared, name, vars(declared)[name].defaultvalue)


_hold()
