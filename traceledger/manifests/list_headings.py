"""The headings of customs' lists, beyond those of a plant's manifests and declarations.

Sources: the body of a verification list with 27 columns, the template with 47, and exports of
declarations, as customs software and ERP systems write them.
"""

from __future__ import annotations

from traceledger.manifests.headings import (
    AMBIGUOUS,
    COUNTER,
    IGNORED,
    SYNONYMS,
    Headings,
    heading_key,
)

__all__ = ["LISTS", "LIST_SYNONYMS"]

_MORE: dict[str, tuple[str, ...]] = {
    "entry_no": ("海关编号", "报关单海关编号"),
    "related_entry_no": ("关联报关单编号", "关联报关单号"),
    "entry_line": ("项号", "报关单序号"),
    "own_list_no": ("清单企业内部编号", "企业内部清单编号", "企业内部编号"),
    "direction": ("direction", "进出口标志", "进出境标志"),
    "part_no": ("货号", "企业料号", "金二料号"),
    "hs10": ("hs编码", "商品hs编码"),
    "origin": ("原产地", "产地", "产销国(地区)"),
    "destination": (
        *("destination", "country of destination", "最终目的国", "最终目的国(地区)"),
        *("运抵国", "运抵国(地区)"),
    ),
    "mode": ("贸易方式",),
    "qty": ("成交数量",),
    "unit": ("成交计量单位", "成交单位"),
    "net_kg": ("n/w(kg)",),
    "law_qty": ("法定数量", "法定第一数量"),
    "law_unit": ("法定计量单位", "法定计量单位代码", "法定第一计量单位"),
    "second_qty": ("第二法定数量", "法定第二数量"),
    "second_unit": ("法定第二计量单位", "法定第二计量单位代码", "第二法定计量单位"),
}
_NOT_READ = (
    *("统一编号", "预录入编号", "加工成品版本号", "启运国/运抵国", "启运运抵国别", "征免", "用途"),
    *("经营单位编码", "收发货单位编码", "申报单位编码", "录入单位编码", "料件/成品标志"),
    *("运输方式", "进出口岸", "申报地海关", "清单类型", "报关标志", "报关类型", "报关单类型"),
    *("流转类型", "关联清单编号", "关联备案编号", "申报表编号", "对应报关单申报单位编码"),
    *("关联报关单经营单位编码", "关联报关单收发货单位编码", "关联报关单申报单位编码"),
    *("表体备注", "境内目的地", "商品名称及规格型号"),
)

LIST_SYNONYMS: dict[str, tuple[str, ...]] = {
    field: (*SYNONYMS.get(field, ()), *_MORE.get(field, ())) for field in (*SYNONYMS, *_MORE)
}
"""The names of each field of a list."""


def _lists() -> Headings:
    fields = {heading_key(name): field for field, names in LIST_SYNONYMS.items() for name in names}
    ignored = (IGNORED | frozenset(map(heading_key, _NOT_READ))) - fields.keys()
    return Headings(fields, ignored, AMBIGUOUS, COUNTER)


LISTS = _lists()
"""The headings of customs' lists."""
