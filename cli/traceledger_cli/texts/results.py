"""The words that `verify` and `audit` print as results, with their meanings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from traceledger.codes import Code

__all__ = ["RESULTS"]

RESULTS: Mapping[str, Code] = MappingProxyType(
    {
        "CLOSES": Code(
            "Every core that was imported has left, was destroyed or is settled.",
            "Read the findings, and compare with customs' own list.",
            "每件进口旧件均已出区、销毁或核销。",
            "查看各项发现，并与海关清单比对。",
        ),
        "BALANCES": Code(
            "Everything is accounted for; some pieces are still open.",
            "Read the findings, and draw samples of the open cores.",
            "账目相符；部分旧件尚未核销。",
            "查看各项发现，并对未结旧件抽样。",
        ),
        "DIFFERS": Code(
            "Something is not accounted for, or a finding of high severity is open.",
            "Explain the codes of the findings, then read the entries that they name.",
            "有数量无法对上，或有高级别发现未解决。",
            "查询各项发现的代码，再查看所列条目。",
        ),
        "NOT EVALUATED": Code(
            "Values that decide are unknown, or this version cannot judge an event.",
            "Ask the plant to disclose them, or install a newer version; then audit again.",
            "起决定作用的数值未知，或本版本无法判断某个事件。",
            "请工厂披露或安装新版本后重新核查。",
        ),
        "VERIFIED": Code(
            "The log is complete, unchanged and obeys the rules.",
            "Continue with the content.",
            "日志完整、未被更改且符合规则。",
            "继续查看内容。",
        ),
        "INCOMPLETE": Code(
            "Nothing is false, but something could not be checked.",
            "The output states what, and what to do.",
            "未发现虚假，但有内容无法核验。",
            "输出中列明了未核验的内容及处理办法。",
        ),
        "REFUSED": Code(
            "A check failed: the file is damaged or false.",
            "Get a new copy. If it fails again, keep it as evidence.",
            "某项核验失败：文件损坏或虚假。",
            "重新获取副本；若仍失败，请留作证据。",
        ),
        "FORK": Code(
            "The ledger signed two histories.",
            "Keep both files: with the ledger's key, they prove it to anyone.",
            "账本签署了两份不同的历史。",
            "保留两份文件：凭账本密钥即可向任何人证明。",
        ),
    }
)
