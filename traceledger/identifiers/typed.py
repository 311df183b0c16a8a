"""Numbers of parts as people type, paste and scan them: which item a text names, or what is wrong.

A reading never fails and knows no ledger: it depends on the text alone. The second implementation
is `api/traceledger_api/static/typed.js`; both pass the cases in tests/identifiers/typed.json.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple
from urllib.parse import unquote

from traceledger.errors import MalformedError
from traceledger.identifiers.gs1 import SERIAL_ALPHABET, check_digit
from traceledger.identifiers.items import parse_item

__all__ = ["Mistake", "Typed", "read_typed"]

Mistake = Literal["", "empty", "check-digit", "incomplete", "form"]

_MAX_LENGTH = 2048
_MAX_SHOWN = 80
_GENERATED_LENGTH = 14
# Signs that keyboards and word processors put in place of a hyphen, and letters of other scripts
# that look like Latin ones.
_ALIKE = str.maketrans(
    "‐‑‒–—−АВЕКМНОРСТУХавекмнорстухΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "------ABEKMHOPCTYXABEKMHOPCTYXABEZHIKMNOPTYX",
)
_SYMBOLOGY = re.compile(r"\A\][A-Za-z][0-9]")
_LINK = re.compile(r"https?://([^/\s?#]+)(/[^\s?#]*)", re.IGNORECASE)
_GTIN = r"([0-9][0-9 ]{6,18}[0-9])"
# A bracket in a value belongs to it: one after a space begins a remark, and one that holds a key
# the next element, where the keys are in brackets.
_ELEMENT = r"((?:[^ \t\x1d\n(](?:\((?!\s*[0-9]{2,4}\s*\)))*|[ \t])*)"
_SEGMENT = r"((?:[^ \t\x1d\n(/?#&]\(*|[ \t])*)"
_PLAIN = r"((?:[^ \t\x1d\n(]\(*|[ \t])*)"
_UNIT = re.compile(
    rf"(?:\(\s*01\s*\)\s*{_GTIN}\s*(?:\((?:22|10)\)[^(]*)?\(\s*21\s*\){_ELEMENT}"
    rf"|(?<![0-9A-Za-z])01/{_GTIN}(?:/(?:22|10)/[^/]+)*/21/{_SEGMENT}"
    rf"|\A\s*01\s?([0-9]{{14}})\s?21{_PLAIN}(?=\x1d|\Z))"
)
_PRODUCT = re.compile(rf"(?:\(\s*01\s*\)\s*|(?<![0-9A-Za-z])01/|\A\s*){_GTIN}[^0-9A-Za-z]*\Z")
_ASSET = re.compile(
    rf"(?:\(\s*8004\s*\){_ELEMENT}|(?<![0-9A-Za-z])8004/{_SEGMENT}"
    rf"|\A\s*8004(?=\s?[0-9]{{4}}){_PLAIN})"
)
_OWN = re.compile(r"(?<![0-9A-Za-z])x/(unit|core|component)/([A-Za-z0-9-]{1,40})", re.IGNORECASE)
# Four, four, four and two characters, as on a label, inside other words.
_GROUPS = re.compile(r"(?<![A-Z0-9])(?:[A-Z0-9]{4}[ \xa0-]){3}[A-Z0-9]{2}(?![A-Z0-9])")
_HYPHENATED = re.compile(r"(?:[A-Z0-9]{4}-){3}[A-Z0-9]{2}")
_SERIAL_KEY = re.compile(r"\A\s*\(\s*21\s*\)")
_AROUND = re.compile(r"\A[^A-Z0-9]+|[^A-Z0-9]+\Z")
_SERIAL = re.compile(r"[A-Z0-9-]{1,20}")


class Typed(NamedTuple):
    """What a text names.

    `shown` is the text, shortened; `item` the id, or "" if it is not complete; `serial` a serial
    without its product; `fit` an id that would be valid in place of a mistaken one; `host` that of
    a pasted link; `doubtful` the characters that a generated serial never contains.
    """

    shown: str
    item: str = ""
    serial: str = ""
    fit: str = ""
    host: str = ""
    doubtful: str = ""
    mistake: Mistake = ""


def read_typed(text: str) -> Typed:
    """Reads a serial, a link, an element string or an item id; never raises."""
    plain = unicodedata.normalize("NFKC", text[:_MAX_LENGTH])
    plain = _SYMBOLOGY.sub("", plain.strip())
    words = "".join(
        " " if character.isspace() or not character.isprintable() else character
        for character in plain.replace("\x1d", "|")
    ).strip()
    shown = words if len(words) <= _MAX_SHOWN else f"{words[:_MAX_SHOWN]}…"
    if not words:
        return Typed("", mistake="empty")
    link = _LINK.search(plain)
    host = link[1].lower() if link else ""
    place = unicodedata.normalize("NFKC", unquote(link[2])) if link else plain
    found = _read(place)
    if link and found.serial:  # a word in the address of another page
        found = Typed("", mistake="form")
    return found._replace(shown=shown, host=host)


def _read(place: str) -> Typed:
    if unit := _UNIT.search(place):
        gtin, serial = (group for group in unit.groups() if group is not None)
        return _unit(gtin.replace(" ", ""), _clean(serial))
    if asset := _ASSET.search(place):
        return _whole(f"8004/{_clean(asset[asset.lastindex or 0])}")
    if own := _OWN.search(place):
        return _whole(f"x/{own[1].lower()}/{own[2]}")
    if _PRODUCT.search(place):
        return Typed("", mistake="incomplete")
    groups = _GROUPS.search(place.translate(_ALIKE).upper())
    serial = _clean(_SERIAL_KEY.sub("", groups[0] if groups else place))
    if _HYPHENATED.fullmatch(serial):
        serial = serial.replace("-", "")
    if _SERIAL.fullmatch(serial):
        return Typed("", serial=serial, doubtful=_doubt(serial))
    return Typed("", mistake="form")


def _unit(gtin: str, serial: str) -> Typed:
    if len(gtin) in {8, 12, 13}:
        gtin = gtin.zfill(14)
    if len(gtin) == 14 and not serial:
        return Typed("", mistake="incomplete")
    return _whole(f"01/{gtin}/21/{serial}")._replace(doubtful=_doubt(serial))


def _whole(item: str) -> Typed:
    try:
        return Typed("", item=parse_item(item).text)
    except MalformedError as error:
        if error.code != "item.check-digit":
            return Typed("", mistake="form")
    fit = item[:16] + check_digit(item[3:16]) + item[17:]
    return Typed("", fit=fit, mistake="check-digit")


def _clean(value: str) -> str:
    """Removes spaces, and punctuation around a value; capitals and Latin letters only."""
    return _AROUND.sub("", re.sub(r"\s", "", value).translate(_ALIKE).upper())


def _doubt(serial: str) -> str:
    if len(serial) != _GENERATED_LENGTH:
        return ""
    return "".join(sorted({*serial} - {*SERIAL_ALPHABET, "-"}))
