"""Identifiers and values."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "item.form": Code(
        "An item id does not follow the grammar.",
        "Use one of the forms in docs/spec/events.md, for example 8004/9521234C000001.",
    ),
    "item.check-digit": Code(
        "The check digit of a GTIN, GLN or SSCC is wrong.",
        "Scan or type the number again; the message gives the digit that would match.",
    ),
    "value.decimal": Code(
        "A quantity is not a plain decimal.",
        'Write digits with at most one decimal point, as a string: "0.942". No signs, exponents'
        " or separators.",
    ),
    "value.fraction": Code(
        "A share is more than the whole.",
        "Write a fraction of one, such as 0.02 for 2 %.",
    ),
    "value.country": Code(
        "A country is not an ISO 3166 alpha-3 code.",
        "Use the three-letter code, for example CHN, DEU, USA.",
    ),
    "value.currency": Code(
        "A currency is not an ISO 4217 code.",
        "Use the three-letter code, for example CNY, EUR, USD.",
    ),
    "value.text": Code(
        "A text is empty, too long, or contains characters that cannot be printed.",
        "Shorten it and remove control characters.",
    ),
    "value.time": Code(
        "A time is not in the accepted format.",
        "Write YYYY-MM-DDThh:mm:ss followed by Z or an offset such as +08:00.",
    ),
    "link.form": Code(
        "A link, or the base address of links, is not in the accepted format.",
        "Use https://host/path without a slash at the end, followed by the item id.",
    ),
}
