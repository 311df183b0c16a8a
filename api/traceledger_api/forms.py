"""Forms as browsers send them: fields, and fields with files (multipart/form-data, RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from traceledger.errors import MalformedError

__all__ = ["Upload", "parse_fields", "parse_form"]

_BOUNDARY = re.compile(
    r"""multipart/form-data *;.*\bboundary="?([0-9A-Za-z'()+_,./:=?-]{1,70})"?"""
)
_NAME = re.compile(rb'; *name="([^"]{1,40})"')
_FILE = re.compile(rb'; *filename="([^"]*)"')
_MOST = 8  # parts of a form
_MAX_FIELDS = 8192  # bytes of a form without files
_LONGEST = 100  # characters of a file's name that are kept


class Upload(NamedTuple):
    """A field of a form: its bytes, and the name of the file if it is one."""

    data: bytes
    file: str = ""

    @property
    def text(self) -> str:
        """The value of a field that is no file."""
        return self.data.decode(errors="replace")


def parse_fields(body: bytes, *, most: int = _MOST, limit: int = _MAX_FIELDS) -> dict[str, str]:
    """Parses the body of a form without files: at most so many fields and bytes.

    Raises MalformedError `request.body`.
    """
    if len(body) > limit:
        raise _refused(f"a form of at most {limit} bytes is accepted")
    try:
        fields = parse_qs(body.decode(), max_num_fields=most)
    except ValueError as error:
        raise _refused("the body is not a form") from error
    return {name: values[-1] for name, values in fields.items()}


def parse_form(content_type: str, body: bytes) -> Mapping[str, Upload]:
    """Parses the body of a form with files; of a repeated field, the last one counts.

    Raises MalformedError `request.body`.
    """
    match = _BOUNDARY.fullmatch(content_type.strip())
    if match is None:
        raise _refused("the body is no form with a file (multipart/form-data)")
    mark = b"\r\n--" + match[1].encode()
    before, *parts = (b"\r\n" + body).split(mark, _MOST + 1)
    if before or len(parts) < 2 or parts.pop() not in {b"--", b"--\r\n"}:
        raise _refused(f"the form is incomplete, or has more than {_MOST} parts")
    return dict(map(_parse_part, parts))


def _parse_part(part: bytes) -> tuple[str, Upload]:
    head, found, data = part.partition(b"\r\n\r\n")
    name = _NAME.search(head)
    if not found or not head.startswith(b"\r\n") or name is None:
        raise _refused("a part of the form has no name")
    file = _FILE.search(head)
    shown = file[1].decode(errors="replace") if file else ""
    shown = "".join(mark for mark in shown if mark.isprintable())[-_LONGEST:]
    return name[1].decode(errors="replace"), Upload(data, shown)


def _refused(message: str) -> MalformedError:
    return MalformedError("request.body", message)
