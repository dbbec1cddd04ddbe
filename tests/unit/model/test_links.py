"""What may be fetched: a table of origins, addresses and redirects."""

import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.links import LinkPolicy, LinkRefusedError, shown_link

POLICY = LinkPolicy.of(
    ["https://data.example.org", "http://*.svom.eu:8080", "http://10.1.2.3:*", "https://*"],
    ["192.168.7.0/24", "fd00:7::/32"],
)


@pytest.mark.parametrize(
    "link",
    [
        "https://data.example.org/a.fits",
        "https://DATA.example.org.:443/a.fits",
        "https://user:pw@data.example.org/a.fits",
        "http://fsc.svom.eu:8080/a.fits",
        "http://10.1.2.3:9/a.fits",
        "https://192.168.7.9/a.fits",
        "https://[fd00:7::1]/a.fits",
        "https://93.184.216.34/a.fits",
    ],
)
def test_what_the_settings_list_is_fetched(link: str) -> None:
    assert str(POLICY.checked(link)).startswith("http")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("http://data.example.org/a.fits", "not fetched from there"),
        ("http://svom.eu:8080/a.fits", "not fetched from there"),
        ("http://evilsvom.eu:8080/a.fits", "not fetched from there"),
        ("http://fsc.svom.eu/a.fits", "not fetched from there"),
        ("http://fsc.svom.eu:8080@evil.org/a.fits", "not fetched from there"),
        ("http://10.1.2.4/a.fits", "not fetched from there"),
        ("file:///etc/passwd", "must be http:// or https://"),
        ("ftp://data.example.org/a", "must be http:// or https://"),
        ("https:///a.fits", "must be http|no valid URL"),
        ("https://data.example.org:99999/", "no valid URL"),
        ("https://[/x", "no valid URL"),
        ("https://127.0.0.1/", "no public address"),
        ("https://10.1.2.3/", "no public address"),
        ("https://0.0.0.0/", "no public address"),
        ("https://169.254.169.254/latest/meta-data", "no public address"),
        ("https://100.64.0.1/", "no public address"),
        ("https://224.0.0.1/", "no public address"),
        ("https://255.255.255.255/", "no public address"),
        ("https://192.168.8.1/", "no public address"),
        ("https://[::1]/", "no public address"),
        ("https://[::]/", "no public address"),
        ("https://[fe80::1]/", "no public address"),
        ("https://[fd00:8::1]/", "no public address"),
        ("https://[ff02::1]/", "no public address"),
        ("https://[::ffff:127.0.0.1]/", "no public address"),
        ("https://[::ffff:192.168.7.9]/", "no public address"),
        ("https://[::127.0.0.1]/", "no public address"),
        ("https://[64:ff9b::7f00:1]/", "no public address"),
        ("https://[64:ff9b:1::7f00:1]/", "no public address"),
        ("https://[2002:7f00:1::]/", "no public address"),
        ("https://[2001:0:7f00:1::]/", "no public address"),
    ],
)
def test_nothing_else_is_fetched(link: str, said: str) -> None:
    with pytest.raises(LinkRefusedError, match=said):
        POLICY.checked(link)


def test_nothing_is_fetched_unless_it_is_listed() -> None:
    with pytest.raises(LinkRefusedError, match="not fetched from there"):
        LinkPolicy().checked("https://data.example.org/a.fits")


def test_an_address_that_is_listed_is_no_name_for_others() -> None:
    listed = LinkPolicy.of(["http://127.0.0.1:*"])
    assert listed.checked("http://127.0.0.1:80/").port == 80
    for other in ("http://127.0.0.2/", "http://localhost/", "http://[::1]/", "http://2130706433/"):
        with pytest.raises(LinkRefusedError):
            listed.checked(other)
    with pytest.raises(LinkRefusedError, match=r"host\.example: is at 127\.0\.0\.1"):
        listed.check_address("host.example", "127.0.0.1")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://data.example.org/b"),
        ("https://other.org/b", "https://other.org/b"),
        ("https://me:pw@other.org/b", "https://other.org/b"),
        ("http://fsc.svom.eu:8080/b", None),
        ("https://127.0.0.1/", None),
        ("//[::1]/", None),
        ("file:///etc/passwd", None),
        ("gopher://x/", None),
        ("https://[", None),
    ],
)
def test_a_redirect_is_checked_like_a_link_and_carries_no_login(
    location: str, target: str | None
) -> None:
    url = POLICY.checked("https://user:secret@data.example.org/a")
    if target is None:
        with pytest.raises(LinkRefusedError):
            POLICY.redirected(url, location)
    else:
        assert str(POLICY.redirected(url, location)) == target


@pytest.mark.parametrize(
    "origin",
    ["data.example.org", "ftp://x", "https://", "https://a/b", "https://a:0", "https://a:65536",
     "https://*a", "https://a.*", "https://a b", "https://user@a", "https://a\n", "https://a:"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InputError, match="must be an origin"):
        LinkPolicy.of([origin])


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(InputError, match="must be a network"):
        LinkPolicy.of([], ["10.0.0.1/8"])


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://user:pw@host/a.fits?token=x", "https://***@host/a.fits?"),
        ("https://a@b@host/a", "https://***@host/a"),
        ("https://host/a@b", "https://host/a@b"),
        ("https://host:8080", "https://host:8080"),
        ("nonsense", "nonsense"),
    ],
)
def test_logins_and_queries_are_hidden(link: str, shown: str) -> None:
    assert shown_link(link) == shown
