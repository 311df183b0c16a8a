"""Verification lists as messages: INV101, which goes to customs, and INV201, their answer.

Both name their elements alike, in different capitals, and state countries and currencies as numbers
of the customs tables. A deleted line (`ModfMarkcd` 2) does not count; of a list that was changed,
only the latest version (`ChgTmsCnt`) does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar
from xml.etree import ElementTree as ET

from traceledger.audit.comparison import Direction, ListRow
from traceledger.errors import MalformedError
from traceledger.identifiers import parse_decimal
from traceledger.identifiers.excerpt import excerpt
from traceledger.manifests import coded
from traceledger.manifests.list_cells import count_out, direction_of
from traceledger.manifests.reading import MAX_BYTES

__all__ = ["is_message", "read_list_message"]

Value = TypeVar("Value")

_HEADS = frozenset({"invtheadtype", "bondinvtbsc"})
_LINES = frozenset({"invtlisttype", "bondinvtdt"})
_DELETED = "2"
_DIRECTIONS: Mapping[str, Direction] = MappingProxyType({"I": "in", "E": "out"})
_KILOGRAM = "035"
_MAX_DIGITS = 19


def is_message(data: bytes) -> bool:
    """Reports whether a file is an XML document."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def read_list_message(data: bytes, name: str) -> tuple[ListRow, ...]:
    """Reads the lines of all lists in a message; `name` is the name of the file.

    Raises MalformedError `manifest.form`, or `manifest.value` with the line and the element.
    """
    versions: dict[str | int, dict[int, list[ListRow]]] = {}
    for at, (head, lines) in enumerate(_messages(_parse(data, name))):
        # A list has its number from customs: before, each is a list of its own.
        of_list = versions.setdefault(head.get("bondinvtno", at), {})
        change = _Line(head, f"{name}, list {at + 1}").take("chgtmscnt", _whole) or 0
        of_list.setdefault(change, []).extend(
            _row(head, line, name, place)
            for place, line in enumerate(lines, 1)
            if line.get("modfmarkcd") != _DELETED
        )
    if not versions:
        raise MalformedError("manifest.form", "the message contains no list", where=name)
    return tuple(row for of_list in versions.values() for row in of_list[max(of_list)])


def _parse(data: bytes, name: str) -> ET.Element:
    if len(data) > MAX_BYTES:
        raise MalformedError("manifest.form", f"the file is larger than {MAX_BYTES:,}", where=name)
    # XML has no NUL: such bytes are UTF-16, also without a mark, in which no pattern would match.
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        raise MalformedError(
            "manifest.form", "document types and UTF-16 are not allowed in a message", where=name
        )
    try:
        return ET.fromstring(data)  # noqa: S314 - without a document type there are no entities
    except (ET.ParseError, LookupError, ValueError) as error:
        raise MalformedError("manifest.form", f"not XML: {error}", where=name) from error


def _messages(root: ET.Element) -> Iterator[tuple[dict[str, str], list[dict[str, str]]]]:
    """Yields head and lines of each list, as texts by element name in lower case."""
    for element in root.iter():
        heads = [child for child in element if _name(child) in _HEADS]
        if heads:
            lines = [_texts(child) for child in element if _name(child) in _LINES]
            yield _texts(heads[0]), lines


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _texts(element: ET.Element) -> dict[str, str]:
    """Returns the non-empty texts of an element's children."""
    found = {_name(child): (child.text or "").strip() for child in element}
    return {name: text for name, text in found.items() if text}


class _Line:
    """A line of a list, whose texts are parsed with their place."""

    def __init__(self, texts: Mapping[str, str], place: str) -> None:
        self.texts = texts
        self._place = place

    def take(self, element: str, parse: Callable[[str], Value]) -> Value | None:
        """Parses the text of an element; None if it is empty or absent."""
        given = self.texts.get(element)
        if given is None:
            return None
        try:
            return parse(given)
        except MalformedError as error:
            raise MalformedError(
                "manifest.value",
                f"{excerpt(given)} given; allowed: {error.message}",
                where=f"{self._place}, {element}",
            ) from error

    def kilograms(self) -> Decimal | None:
        """Returns the net weight, otherwise a statutory quantity in kilograms."""
        weight = self.take("netwt", parse_decimal)
        for kind in ("lawf", "secdlawf"):
            if weight is None and self.take(f"{kind}unitcd", coded.unit) == _KILOGRAM:
                weight = self.take(f"{kind}qty", parse_decimal)
        return weight


def _row(head: Mapping[str, str], texts: Mapping[str, str], name: str, place: int) -> ListRow:
    line = _Line(texts, f"{name}, line {place}")
    list_no, entry_no = head.get("bondinvtno"), head.get("entryno") or head.get("rltentryno")
    marked = _DIRECTIONS.get(head.get("impexpmarkcd", "").upper())
    direction = marked or direction_of(list_no, entry_no)
    country = {"in": "natcd", "out": "destinationnatcd"}.get(direction or "")
    unit = line.take("dclunitcd", coded.unit)
    quantity = line.take("dclqty" if "dclqty" in texts else "dclqt", parse_decimal)
    quantity, unit = count_out(quantity, unit)
    return ListRow(
        file=name,
        row=place,
        list_no=list_no,
        list_line=line.take("gdsseqno", _whole),
        entry_no=entry_no,
        entry_line=line.take("entrygdsseqno", _whole),
        direction=direction,
        book_no=head.get("putrecno"),
        book_line=line.take("putrecseqno", _whole),
        part_no=texts.get("gdsmtno"),
        mode=head.get("supvmodecd"),
        hs10=texts.get("gdecd"),
        quantity=quantity,
        unit=unit,
        net_kg=line.kilograms(),
        value=line.take("dcltotalamt", parse_decimal),
        currency=line.take("dclcurrcd", _currency),
        country=line.take(country, _country) if country else None,
    )


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > _MAX_DIGITS:
        raise MalformedError("manifest.value", "a whole number")
    return int(text)


def _currency(code: str) -> str:
    return coded.currency(code, "customs")


def _country(code: str) -> str:
    return coded.country(code, "customs")
