"""The known headings.

Chinese headings are those of the verification list (保税核注清单) and of the declaration or filing
list (报关单, 备案清单) as customs software exports them. Spaces, punctuation, width and case are
ignored, so `Part No.`, `part_no` and `PART NO` are the same heading.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = [
    "AMBIGUOUS",
    "COUNTER",
    "FIELDS",
    "IGNORED",
    "STANDARD",
    "SYNONYMS",
    "TITLE_ROWS",
    "Headings",
    "heading_key",
    "is_known",
    "is_total",
]

TITLE_ROWS = 20
"""The number of rows at the beginning of a file that are searched for headings."""

SYNONYMS: dict[str, tuple[str, ...]] = {
    "pallet": ("pallet", "pallet no", "托盘", "托盘号", "栈板", "栈板号"),
    "core": ("core", "core id", "旧件", "旧件编号", "旧件标识", "核心编号"),
    "part_no": (
        "part_no",
        "part_no_oe",
        "part number",
        "oe part no",
        "料号",
        "商品料号",
        "零件号",
        "原厂零件号",
    ),
    "make": ("make", "brand", "品牌"),
    "old_serial": (
        "old_serial",
        "oe_serial",
        "old serial no",
        "oe serial no",
        "原序列号",
        "旧序列号",
        "原厂序列号",
    ),
    "entry_no": (
        "entry_no",
        "declaration no",
        "报关单号",
        "报关单编号",
        "对应报关单编号",
        "备案清单编号",
        "进境备案清单编号",
    ),
    "entry_line": ("entry_line", "declaration line", "报关单商品序号"),
    "list_no": (
        "list_no",
        "invt_no",
        "verification list no",
        "清单编号",
        "核注清单编号",
        "核注清单号",
        "保税核注清单编号",
    ),
    "list_line": (
        "list_line",
        "invt_line",
        "verification list line",
        "清单商品序号",
        "核注清单商品序号",
    ),
    "book_no": (
        "book_no",
        "account book no",
        "账册号",
        "账册编号",
        "电子账册号",
        "手(账)册编号",
        "备案编号",
    ),
    "book_line": ("book_line", "account book line", "备案序号", "账册备案序号"),
    "net_kg": ("net_kg", "net weight kg", "净重", "净重(千克)", "净重(公斤)", "净重(kg)"),
    "unit_value": ("unit_value", "unit price", "单价", "申报单价", "企业申报单价"),
    "currency": ("currency", "币制", "币种"),
    "origin": ("origin", "country of origin", "原产国", "原产国(地区)"),
    "mode": ("mode", "supervision mode", "监管方式"),
    "hs10": ("hs10", "hs code", "商品编码", "商品编号"),
    "goods_name": ("goods_name", "name of goods", "商品名称", "品名"),
    "qty": ("qty", "quantity", "申报数量", "数量"),
    "unit": ("unit", "计量单位", "申报计量单位", "申报计量单位代码"),
    "total_value": ("total_value", "total price", "总价", "申报总价", "企业申报总价"),
    "dispatch_country": (
        "dispatch_country",
        "country of dispatch",
        "起运国",
        "起运国(地区)",
        "启运国",
        "启运国(地区)",
    ),
    "declared_at": ("declared_at", "申报日期", "申报时间"),
}

_IGNORED = (
    "remarks",
    "备注",
    "规格型号",
    "商品规格型号",
    "毛重",
    "gross_kg",
    "法定计量单位",
    "法定计量单位代码",
    "法定第二计量单位",
    "法定第二计量单位代码",
    "法定数量",
    "第二法定数量",
    "最终目的国(地区)",
    "征免方式",
    "单耗版本号",
    "流转申报表序号",
    "重量比例因子",
    "第一比例因子",
    "第二比例因子",
)


def heading_key(heading: str) -> str:
    """Returns a heading for comparison: its letters and digits, with width and case folded."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(character for character in folded if character.isalnum())


# The field of each heading, by the heading's key.
FIELDS = {heading_key(name): field for field, names in SYNONYMS.items() for name in names}

# Columns that are common in such files and are not read.
IGNORED = frozenset(map(heading_key, _IGNORED))

# Both the verification list and the declaration use this heading for their lines. A file needs
# both numbers, so the heading belongs to the number without a specific heading.
AMBIGUOUS = {heading_key("商品序号"): ("entry_line", "list_line")}

# The line in the body of a verification list; only a row counter in a manifest.
COUNTER = heading_key("序号")

# A row that begins with one of these words contains totals.
_TOTALS = frozenset(
    map(heading_key, ("合计", "总计", "小计", "total", "subtotal", "grand total", "sum"))
)


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings that a kind of file may have, by key.

    `fields` are the fields that they name, `ignored` columns that are not read, `ambiguous` the
    fields of which a heading can name one, and `counter` names a row or a line.
    """

    fields: Mapping[str, str]
    ignored: frozenset[str]
    ambiguous: Mapping[str, tuple[str, ...]]
    counter: str

    @classmethod
    def of(cls, synonyms: Mapping[str, Iterable[str]], ignored: Iterable[str]) -> Headings:
        """Makes the headings of a file from the names of its fields, without ambiguous ones."""
        fields = {heading_key(name): field for field, names in synonyms.items() for name in names}
        return cls(fields, frozenset(map(heading_key, ignored)), {}, "")

    def knows(self, heading: str) -> bool:
        """Reports whether a cell is a heading of such a file."""
        key = heading_key(heading)
        known = key in self.fields or key in self.ignored or key in self.ambiguous
        return known or (bool(key) and key == self.counter)


STANDARD = Headings(FIELDS, IGNORED, AMBIGUOUS, COUNTER)
"""The headings of manifests and declarations."""


def is_total(cells: Sequence[str]) -> bool:
    """Reports whether a row has totals: its first cell with text is a word for them."""
    return heading_key(next(filter(None, cells), "")) in _TOTALS


def is_known(heading: str) -> bool:
    """Reports whether a cell is a heading of a manifest or declaration."""
    return STANDARD.knows(heading)
