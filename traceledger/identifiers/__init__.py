"""Names and values: item ids, GS1 keys and links, decimals, texts, times, countries, currencies.

Everything here is pure and needs only the standard library. A `check_x` returns its argument if it
is valid, a `parse_x` returns the parsed value; both raise MalformedError and nothing else.
"""

from __future__ import annotations

from traceledger.identifiers.code_lists import COUNTRIES, CURRENCIES
from traceledger.identifiers.decimals import (
    check_decimal,
    check_signed_decimal,
    compare_decimals,
    format_decimal,
    parse_decimal,
    sum_decimals,
)
from traceledger.identifiers.digital_link import (
    DigitalLink,
    check_base_url,
    format_link,
    parse_link,
)
from traceledger.identifiers.excerpt import excerpt
from traceledger.identifiers.gs1 import (
    SERIAL_ALPHABET,
    check_digit,
    group_serial,
    make_gtin,
    new_id,
    new_serial,
    ungroup_serial,
)
from traceledger.identifiers.items import (
    AUTHORITY,
    CHAIN_FORMS,
    Chain,
    ItemForm,
    ItemId,
    is_authority,
    is_prefix,
    item_of_key,
    kid_of,
    parse_item,
)
from traceledger.identifiers.new_items import new_item
from traceledger.identifiers.scanned import find_base, read_part, read_scanned
from traceledger.identifiers.values import (
    check_code,
    check_country,
    check_currency,
    check_text,
    check_time,
    parse_time,
)

__all__ = [
    "AUTHORITY",
    "CHAIN_FORMS",
    "COUNTRIES",
    "CURRENCIES",
    "SERIAL_ALPHABET",
    "Chain",
    "DigitalLink",
    "ItemForm",
    "ItemId",
    "check_base_url",
    "check_code",
    "check_country",
    "check_currency",
    "check_decimal",
    "check_digit",
    "check_signed_decimal",
    "check_text",
    "check_time",
    "compare_decimals",
    "excerpt",
    "find_base",
    "format_decimal",
    "format_link",
    "group_serial",
    "is_authority",
    "is_prefix",
    "item_of_key",
    "kid_of",
    "make_gtin",
    "new_id",
    "new_item",
    "new_serial",
    "parse_decimal",
    "parse_item",
    "parse_link",
    "parse_time",
    "read_part",
    "read_scanned",
    "sum_decimals",
    "ungroup_serial",
]
