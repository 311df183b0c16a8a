"""What spreadsheets do to values that they take for numbers, dates or formulas."""

from __future__ import annotations

import re

__all__ = ["NO_RESULT", "find_damage", "find_error"]

NO_RESULT = "#FORMULA!"
"""Stands for a formula whose result the file does not hold."""

_AGAIN = "take the value from its source again, in a column formatted as text"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")
_TOO_NARROW = re.compile("#{2,}")
_DAMAGE = (
    (
        re.compile(r"[0-9](?:[.,][0-9]+)?E[+-][0-9]{2,}"),
        f"a spreadsheet has rounded this one; {_AGAIN}",
    ),
    (re.compile(r"[1-9][0-9]{14}0{3,}"), f"a spreadsheet has rounded this one; {_AGAIN}"),
    (
        re.compile(
            rf"[0-9]{{1,2}}-{_MONTH}(?:-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{1,4}}"
            r"|[0-9]{1,2}月[0-9]{1,2}日"
            r"|(?:[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})(?: [0-9:]+)?"
            r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9:]+"
        ),
        f"a spreadsheet has made a date of this one; {_AGAIN}",
    ),
    (re.compile(r"[0-9]{4,}\.0+"), f"a program has made a number of this one; {_AGAIN}"),
    (re.compile(r'="[^"]*"'), 'write what stands between =" and "'),
    (
        re.compile(r"'.+"),
        "take off the apostrophe, by which spreadsheets know a text",
    ),
)


def find_error(cell: str) -> str:
    """Says what is wrong with a cell that holds no value at all but a sign for it; else nothing."""
    if not cell.startswith("#"):
        return ""
    if cell == NO_RESULT:
        return "a value; this is a formula without its result: open the file in Excel and save it"
    if _ERROR.fullmatch(cell):
        return "a value; this is the error of a formula"
    if _TOO_NARROW.fullmatch(cell):
        return "a value; the column was too narrow to show it: widen it and export again"
    return ""


def find_damage(identifier: str) -> str:
    """Says what a spreadsheet has done to an identifier and how to mend it; else nothing."""
    return next((hint for form, hint in _DAMAGE if form.fullmatch(identifier)), "")
