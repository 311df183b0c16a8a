"""Pieces and mass: QTY-02 to QTY-04 of single cores, QTY-06, QTY-08, QTY-09, QTY-11, QTY-12."""

from __future__ import annotations

from collections.abc import Iterator

from traceledger.audit.account import Account
from traceledger.audit.evidence import Evidence
from traceledger.audit.figures import multiply, show
from traceledger.audit.findings.finding import Finding
from traceledger.audit.things import Thing
from traceledger.audit.values import number, text

__all__ = ["find_in_books", "find_in_thing"]


def find_in_thing(account: Account, item: str, thing: Thing) -> Iterator[Finding]:
    """Yields what is wrong with one core, component, unit or lot."""
    if thing.chain == "core":
        yield from _find_core(account, item, thing)
    elif thing.chain == "unit":
        yield from _find_destination(account, item, thing)
        yield from _find_successor(account, item, thing)
    elif thing.chain == "lot":
        yield from _find_shortages(item, thing)


def find_in_books(account: Account) -> Iterator[Finding]:
    """Yields residuals that are not 0 and losses beyond the policy's limit, by book."""
    mass, limit = account.sums.mass, account.picture.policy.process_loss
    for book in mass.books:
        residual, terms = mass.residual(book), mass.books[book]
        subject = book or "ledger"
        if residual is not None and residual != 0:
            yield Finding("QTY-06", "H", subject, Evidence(), "0", show(residual) or "", book)
        loss, allowed = terms["loss"], multiply(terms["base"], limit)
        if loss is not None and allowed is not None and loss > allowed:
            evidence = account.sums.mass.joins.get(book, Evidence())
            yield Finding(
                "QTY-08", "M", subject, evidence, show(allowed) or "", show(loss) or "", book
            )


def _find_core(account: Account, item: str, core: Thing) -> Iterator[Finding]:
    book, imported = account.picture.book_of(core), core.opened
    if core.life == "MISSING" and item not in account.sums.settled:
        evidence = Evidence.of(imported, core.last("receive"))
        yield Finding("QTY-02", "H", item, evidence, "ok", "short", book)
    if not core.line:
        yield Finding("QTY-03", "H", item, Evidence.of(imported), "a declared line", "none", book)
    returned = core.last("return") if core.life == "RETURNED" else None
    quantity = number(core, returned, "quantity")
    if quantity is not None and quantity != 1:
        evidence = Evidence.of(returned)
        yield Finding("QTY-04", "M", item, evidence, "1", show(quantity) or "", book)


def _find_destination(account: Account, item: str, unit: Thing) -> Iterator[Finding]:
    for step in unit.all("export"):
        line = account.picture.line(step.linked)
        declared = line.opened
        wanted, given = text(line, declared, "destination"), text(unit, step, "destination")
        if wanted is not None and wanted != given:
            book = account.picture.book_of(unit)
            evidence = Evidence.of(declared, step)
            yield Finding("QTY-09", "M", item, evidence, wanted, given or "", book)


def _find_successor(account: Account, item: str, unit: Thing) -> Iterator[Finding]:
    if unit.life != "REIMPORTED":
        return
    back, book = unit.last("reimport"), account.picture.book_of(unit)
    line = back.linked if back else ""
    successor = account.sums.successors.get(item)
    if successor is None:
        yield Finding("QTY-11", "H", item, Evidence.of(back), "a core", "none", book)
    elif successor.line != line:
        evidence = Evidence.of(back, successor.opened)
        yield Finding("QTY-11", "H", item, evidence, line, successor.line or "none", book)


def _find_shortages(item: str, lot: Thing) -> Iterator[Finding]:
    for step in lot.all("draw_lot"):
        answer = lot.decided(step)
        if step.value("reason") != "short" or (answer is not None and answer.confirmed):
            continue
        evidence = Evidence.of(step)
        if answer is not None:
            evidence.add(answer.index, answer.leaf)
        actual = "unanswered" if answer is None else "refused"
        yield Finding("QTY-12", "H", item, evidence, "confirmed", actual, lot.book)
