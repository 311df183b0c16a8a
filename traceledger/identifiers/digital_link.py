"""GS1 Digital Link URIs of items: the addresses in QR codes.

Source: GS1 Digital Link URI Syntax 1.6, of which this is a narrow, canonical subset: a base
address, the item id verbatim and optionally a fragment.

    https://id.example/01/09521234543213/21/7KQ2X4PM9ATRWC#v1.eyJ…
    └ base ───────────┘└ item ────────────────────────────┘└ fragment

Query strings, percent-encoding, other keys and qualifiers, upper case in scheme or host, default
ports and trailing slashes are refused: every item has exactly one link under a base.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import NamedTuple

from traceledger.errors import MalformedError
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.items import ItemId, parse_item

__all__ = ["DigitalLink", "check_base_url", "format_link", "parse_link"]

_MAX_LENGTH = 2048
# The second-to-last segment determines how the item id begins and how many segments it has.
_ITEMS = {
    "21": ("01", 4),
    "8004": ("8004", 2),
    "unit": ("x", 3),
    "core": ("x", 3),
    "component": ("x", 3),
}

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_BASE = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[::1\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    # No segment of dots only: URL parsers would remove it.
    r"(?:/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+)*"
)
_FRAGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]*")
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_DEFAULT_PORTS = {"https": "443", "http": "80"}


class DigitalLink(NamedTuple):
    """The parts of a link; `fragment` excludes the `#` and is empty if absent."""

    base: str
    item: ItemId
    fragment: str = ""


def check_base_url(url: str) -> str:
    """Returns the URL if item ids can be appended to it: `https://host[:port][/path]`.

    Plain http is allowed for loopback hosts only (localhost, 127.0.0.1, [::1]). The form is the
    one that browsers display, so URLs can be compared byte by byte.
    """
    match = _BASE.fullmatch(url) if len(url) <= _MAX_LENGTH else None
    if match is None:
        raise _refused(
            url,
            "allowed: https://host, an optional port and an optional path without a slash at the"
            " end, in lower case up to the path",
        )
    scheme, host, port = match["scheme"], match["host"], match["port"]
    if scheme == "http" and host not in _LOOPBACK:
        raise _refused(url, "http is allowed for this machine only; use https for others")
    if port is not None and (int(port) > 65535 or port == _DEFAULT_PORTS[scheme]):
        raise _refused(url, "the port must be at most 65535 and not the default of the scheme")
    if not _is_plain_host(host):
        raise _refused(
            url, "a host that ends in a number must be an IPv4 address such as 192.0.2.1"
        )
    return url


def format_link(base: str, item: ItemId, fragment: str = "") -> str:
    """Formats the link of a unit, core or component; inverse of `parse_link`."""
    if item.form not in {"unit", "asset", "core", "component"}:
        raise _refused(item.text, "only units, cores and components have links")
    if not _FRAGMENT.fullmatch(fragment):
        raise _refused(fragment, "a fragment may have the characters of RFC 3986 except %")
    link = f"{check_base_url(base)}/{item.text}" + (f"#{fragment}" if fragment else "")
    if len(link) > _MAX_LENGTH:
        raise _refused(link, f"at most {_MAX_LENGTH:,} characters are allowed")
    return link


def parse_link(url: str) -> DigitalLink:
    """Parses a link into base, item and fragment; inverse of `format_link`.

    An invalid item id is refused with its own code (`item.form`, `item.check-digit`).
    """
    if len(url) > _MAX_LENGTH:
        raise _refused(url, f"at most {_MAX_LENGTH:,} characters are allowed")
    address, mark, fragment = url.partition("#")
    if "?" in address or "%" in address:
        raise _refused(url, "a query or percent-encoding is not allowed")
    if mark and not (fragment and _FRAGMENT.fullmatch(fragment)):
        raise _refused(
            url, "after # there must be one or more of the characters of RFC 3986 except %"
        )
    segments = address.split("/")
    first, count = _ITEMS.get(segments[-2] if len(segments) > 1 else "", ("", 0))
    if not count or len(segments) <= count or segments[-count] != first:
        raise _refused(
            url,
            "it must end in /01/<GTIN>/21/<serial>, /8004/<GIAI>, /x/unit/<name>,"
            " /x/core/<name> or /x/component/<name>",
        )
    base = check_base_url("/".join(segments[:-count]))
    return DigitalLink(base, parse_item("/".join(segments[-count:])), fragment)


def _is_plain_host(host: str) -> bool:
    """Reports whether browsers keep a host: they read `3232235777` and `0xc0.1` as IPv4."""
    if host == "[::1]" or host.rpartition(".")[2][0].isalpha():
        return True
    try:
        return str(IPv4Address(host)) == host
    except AddressValueError:
        return False


def _refused(text: str, reason: str) -> MalformedError:
    return MalformedError("link.form", f"{excerpt(text)} cannot be part of a link: {reason}")
