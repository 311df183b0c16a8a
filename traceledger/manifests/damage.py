"""Values that a spreadsheet has changed because it took them for numbers, dates or formulas."""

from __future__ import annotations

import re

__all__ = ["NO_RESULT", "find_damage", "find_error"]

NO_RESULT = "#FORMULA!"
"""Represents a formula whose result the file does not contain."""

_COPY_AGAIN = "copy it from its source again, into a column formatted as text"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_TOO_NARROW = re.compile("#{2,}")
_DAMAGE = (
    (
        re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,}"),
        f"a spreadsheet rounded this value; {_COPY_AGAIN}",
    ),
    (re.compile(r"[1-9][0-9]{14}0{3,}"), f"a spreadsheet rounded this value; {_COPY_AGAIN}"),
    (
        re.compile(
            rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{1,4}}"
            r"|[0-9]{1,2}月[0-9]{1,2}日"
            r"|(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})(?: [0-9:]+)?"
            r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9:]+"
        ),
        f"a spreadsheet converted this value to a date; {_COPY_AGAIN}",
    ),
    (
        re.compile(r"[0-9]{4,}\.0+"),
        f"a program converted this value to a decimal number; {_COPY_AGAIN}",
    ),
    (re.compile(r'="[^"]*"'), 'write only the text between =" and "'),
    (re.compile(r"'.+"), "remove the apostrophe that marks it as text in a spreadsheet"),
)


def find_error(cell: str) -> str:
    """Describes the error that a cell contains instead of a value; "" if it contains none."""
    if not cell.startswith("#"):
        return ""
    if cell == NO_RESULT:
        return (
            "a value; the file contains a formula without its result: open it in Excel and save it"
        )
    if _ERROR.fullmatch(cell):
        return "a value; this is the error of a formula"
    if _TOO_NARROW.fullmatch(cell):
        return "a value; the column was too narrow to show it: widen the column and export again"
    return ""


def find_damage(identifier: str) -> str:
    """Describes how a spreadsheet changed an identifier, and the remedy; "" if it did not."""
    return next((hint for form, hint in _DAMAGE if form.fullmatch(identifier)), "")
