"""Forms with files: what browsers send, and what nobody should."""

from __future__ import annotations

import pytest

from traceledger.errors import MalformedError
from traceledger_api.forms import parse_form

KIND = "multipart/form-data; boundary=----WebKitFormBoundaryAbC123"
MARK = b"------WebKitFormBoundaryAbC123"
PART = (
    MARK
    + b'\r\nContent-Disposition: form-data; name="list"; filename="\xe6\xb8\x85\x00/a.csv"'
    + b"\r\nContent-Type: text/csv\r\n\r\n"
)


def test_file_arrives_byte_for_byte() -> None:
    """Defends against a list whose line ends or bytes change on the way."""
    data = b"\xef\xbb\xbfa,b\r\n--\r\n\x00\xff\n\n"
    body = PART + data + b"\r\n" + MARK + b'\r\nContent-Disposition: form-data; name="codes"'
    form = parse_form(KIND, body + b"\r\n\r\niso\r\n" + MARK + b"--\r\n")
    assert form["list"] == (data, "清/a.csv")
    assert form["codes"].text == "iso"
    assert form["codes"].file == ""


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"list=x"),
        ("multipart/form-data", PART + b"x\r\n" + MARK + b"--"),
        (KIND, b""),
        (KIND, PART + b"x"),
        (KIND, b"before\r\n" + PART + b"x\r\n" + MARK + b"--"),
        (KIND, PART + b"x\r\n" + MARK + b"--\r\nmore"),
        (KIND, MARK + b"\r\nContent-Type: text/csv\r\n\r\nx\r\n" + MARK + b"--"),
        (KIND, MARK + b'\r\nContent-Disposition: form-data; name="x"\r\n' + MARK + b"--"),
        (KIND, (PART + b"x\r\n") * 9 + MARK + b"--"),
    ],
)
def test_damaged_form_is_refused(kind: str, body: bytes) -> None:
    """Defends against half a list that is compared as if it were whole."""
    with pytest.raises(MalformedError) as caught:
        parse_form(kind, body)
    assert caught.value.code == "request.body"
