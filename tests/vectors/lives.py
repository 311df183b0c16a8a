"""Joins that do not fit and steps that the life cycle forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.passports import Log
from tests.vectors.case import Case, ahead, packed, refused, verified
from tests.world import BOOK, LINE_OUT, WASTE, World
from traceledger.events.token import Event

__all__ = ["lives"]

UNIT = "01/09521234543213/21/ATTACK"
OTHER = "01/09521234543213/21/OTHER"


def lives() -> Iterator[Case]:
    """All of them."""
    yield from _joins()
    yield from _wrong_chains()
    yield from _apart()
    yield from _steps()
    yield from _marks()
    yield from _drawn()
    yield from _weighed()
    yield from _lots_of_books()
    yield from _targets()


def _two_cores() -> tuple[Log, str, str]:
    world = World()
    first, second = world.core("IN_PROCESS"), world.core("IN_PROCESS")
    return Log(world), first, second


def _assemble(log: Log, unit: str, *cores: str, count: int = 0) -> None:
    refs: list[tuple[str, ...]] = [("input", core, log.chain(core)[-1].id) for core in cores]
    if len(cores) > 1:
        refs.append(("primary", cores[0]))
    data = {"input_count": count or len(cores)}
    log.add("assemble", unit, data, by="operator", refs=refs)


def _consume(log: Log, core: str, unit: str) -> None:
    log.add("consume", core, by="operator", refs=[("unit", unit, log.chain(unit)[0].id)])


def _joins() -> Iterator[Case]:
    log, core, second = _two_cores()
    _assemble(log, UNIT, core)
    first = ahead(log, UNIT)
    desc = "The part was never consumed."
    yield refused("part-not-consumed", desc, "ref.join", log, UNIT, first)
    _assemble(log, OTHER, core)
    _consume(log, core, OTHER)
    desc = "The part went into another unit."
    yield refused("part-went-elsewhere", desc, "ref.join", log, UNIT, first)
    log, core, second = _two_cores()
    _assemble(log, UNIT, core)
    _consume(log, core, UNIT)
    _assemble(log, OTHER, core)
    _consume(log, core, OTHER)
    at = (UNIT, log.chain(UNIT)[0].id)
    desc = "One core in two units."
    yield refused("core-used-twice", desc, "ref.join", log, UNIT, at)
    desc = "The same, as the core's own passport shows it."
    yield refused("core-consumed-twice", desc, "life.transition", log, core, ahead(log, core))
    log, core, second = _two_cores()
    _assemble(log, UNIT, core)
    log.add("consume", core, by="operator", refs=[("unit", UNIT, log.chain(core)[0].id)])
    desc = "The part names another event as the assembly."
    yield refused("part-names-another-event", desc, "ref.join", log, UNIT, ahead(log, UNIT))
    log, core, second = _two_cores()
    refs = [("input", core, log.chain(second)[-1].id)]
    log.add("assemble", UNIT, by="operator", refs=refs)
    _consume(log, core, UNIT)
    desc = "The input names an event of another core."
    yield refused("input-names-another-event", desc, "ref.event", log, UNIT, ahead(log, UNIT))
    log, core, second = _two_cores()
    _assemble(log, UNIT, core, count=2)
    _consume(log, core, UNIT)
    yield refused("input-count-false", "A false count.", "ref.form", log, UNIT, ahead(log, UNIT))
    log, core, second = _two_cores()
    refs = [("input", one, log.chain(one)[-1].id) for one in (core, second)]
    log.add("assemble", UNIT, {"input_count": 2}, by="operator", refs=refs)
    for one in (core, second):
        _consume(log, one, UNIT)
    desc = "None of several inputs is primary."
    yield refused("input-without-primary", desc, "ref.form", log, UNIT, ahead(log, UNIT))
    log, core, second = _two_cores()
    log.add("clean", core, by="operator", refs=[("unit", UNIT, "A" * 43)])
    desc = "A link that the kind does not have."
    yield refused("link-unknown", desc, "ref.form", log, core, ahead(log, core))
    log, core, second = _two_cores()
    log.add("return", core, by="importer")
    desc = "A link that the kind must have is missing."
    yield refused("link-missing", desc, "ref.form", log, core, ahead(log, core))


def _wrong_chains() -> Iterator[Case]:
    """Links whose ids cannot be of the chain that the kind asks for."""
    lot, a_party, a_book = WASTE, "party/plant", BOOK

    def bad(name: str, desc: str, kind: str, link: str, to: str) -> Case:
        world = World()
        item = world.unit("PACKED") if kind in {"export", "divert"} else world.core("RECEIVED")
        log = Log(world)
        by = {"export": "carrier", "divert": "importer"}.get(kind, "operator")
        log.add(kind, item, by=by, refs=[(link, to, log.chain(to)[0].id)])
        return refused(name, desc, "ref.unknown", log, item, ahead(log, item))

    yield bad("consume-into-a-lot", "A core is consumed by a lot.", "consume", "unit", lot)
    desc = "A lot as the declaration of an export."
    yield bad("export-declared-by-a-lot", desc, "export", "declaration", lot)
    desc = "A book as the declaration of a diversion."
    yield bad("divert-declared-by-a-book", desc, "divert", "declaration", a_book)
    yield bad("scrap-into-a-party", "A core is scrapped into a party.", "scrap", "lot", a_party)
    log, core, _ = _two_cores()
    refs = [("output", WASTE)]
    log.add("disassemble", core, {"output_count": 1}, by="operator", refs=refs)
    desc = "A core is taken apart into a lot."
    yield refused("disassemble-into-a-lot", desc, "ref.unknown", log, core, ahead(log, core))


def _apart() -> Iterator[Case]:
    part = "8004/9521234P000077"

    def harvest(log: Log, core: str) -> None:
        parent = ("parent", core, log.chain(core)[-1].id)
        log.add("harvest", part, by="operator", refs=[parent])

    world = World()
    core = world.core("DONOR")
    log = Log(world)
    harvest(log, core)
    desc = "A component of a core that was not taken apart."
    yield refused("component-of-a-whole-core", desc, "ref.join", log, part, ahead(log, part))
    log = Log(world)
    log.add(
        "disassemble", core, {"output_count": 1}, by="operator", refs=[("output", "x/component/1")]
    )
    harvest(log, core)
    desc = "A component that its parent does not name."
    yield refused("component-not-named", desc, "ref.join", log, part, ahead(log, part))
    world = World()
    unit = world.unit("EXPORTED")
    log = Log(world)
    core = "8004/9521234C000077"
    log.add("import", core, by="importer", refs=[("parent", unit, log.chain(unit)[-1].id)])
    desc = "A core whose unit did not come back."
    yield refused(
        "second-life-of-an-exported-unit", desc, "ref.parent", log, core, ahead(log, core)
    )
    world = World()
    unit = world.unit("REIMPORTED")
    log = Log(world)
    cores = (core, "8004/9521234C000078")
    parent = ("parent", unit, log.chain(unit)[-1].id)
    for one in cores:
        log.add("import", one, by="importer", refs=[parent])
        log.add("receive", one, by="operator")
        log.add("inspect", one, by="operator")
    _assemble(log, UNIT, *cores)
    for one in cores:
        _consume(log, one, UNIT)
    at = (cores[1], log.chain(cores[1])[0].id)
    desc = "A unit that came back as two cores."
    yield refused("two-second-lives", desc, "ref.used", log, UNIT, at)
    world = World()
    world.core()
    core = world.core("IN_PROCESS")
    log = Log(world)
    named = log.chain(core)[-1]
    log.add("void", core, by="operator", refs=[("target", core, named.id)])
    gone = ahead(log, core)
    log.add("assemble", UNIT, {"input_count": 1}, by="operator", refs=[("input", core, named.id)])
    _consume(log, core, UNIT)
    desc = "An event was taken back that the unit names."
    yield refused("void-of-a-named-event", desc, "life.void", log, UNIT, gone)


BY = {
    "approve": "approver",
    "test": "quality",
    "hold": "quality",
    "recall": "approver",
    "import": "importer",
    "open_book": "importer",
    "destroy": "recycler",
    "divert": "importer",
}


def _do(log: Log, item: str, kinds: Sequence[str]) -> None:
    for kind in kinds:
        log.add(kind, item, by=BY.get(kind, "operator"))


def _steps() -> Iterator[Case]:
    for name, desc, kinds, code in [
        ("approved-untested", "Approved without a test.", ["approve"], "life.transition"),
        ("packed-unapproved", "Packed without approval.", ["test", "pack"], "life.transition"),
        (
            "changed-after-approval",
            "Its software changed after approval.",
            ["test", "approve", "update", "pack"],
            "life.transition",
        ),
        (
            "repaired-after-approval",
            "Repaired after approval.",
            ["test", "approve", "repair", "pack"],
            "life.transition",
        ),
        (
            "approved-while-held",
            "A step while a hold is on.",
            ["test", "hold", "approve"],
            "life.held",
        ),
        (
            "approved-while-recalled",
            "Approved while recalled.",
            ["recall", "test", "approve"],
            "life.recalled",
        ),
        (
            "packed-while-recalled",
            "Packed while recalled.",
            ["test", "approve", "recall", "pack"],
            "life.recalled",
        ),
        ("step-of-a-core", "A core's step on a unit.", ["receive"], "life.chain"),
    ]:
        log, core, _ = _two_cores()
        _assemble(log, UNIT, core)
        _consume(log, core, UNIT)
        _do(log, UNIT, kinds)
        yield refused(name, desc, code, log, UNIT, ahead(log, UNIT))
    for name, desc, kind, item, code in [
        ("opens-with-a-step", "A chain that opens with a step.", "clean", UNIT, "life.transition"),
        ("opens-as-a-core", "A unit that is imported.", "import", UNIT, "life.chain"),
        (
            "opens-as-a-book",
            "A core that is a book.",
            "open_book",
            "8004/9521234C000009",
            "life.chain",
        ),
    ]:
        log = Log(World())
        _do(log, item, [kind])
        yield refused(name, desc, code, log, item, ahead(log, item))
    log, core, _ = _two_cores()
    log.add("receive", core, by="operator")
    at = ahead(log, core)
    _assemble(log, UNIT, core)
    _consume(log, core, UNIT)
    yield refused("illegal-step-of-a-part", "Of the core.", "life.transition", log, UNIT, at)
    for kind in ("repair", "scrap"):
        world = World()
        unit = world.unit("CLAIMED")
        log = Log(world)
        lot = [("lot", WASTE, log.chain(WASTE)[0].id)] if kind == "scrap" else []
        log.add(kind, unit, by="operator", refs=lot)
        desc = f"A unit that was claimed and never came back: {kind}."
        name, at = f"{kind}-of-a-claimed-unit", ahead(log, unit)
        yield refused(name, desc, "life.transition", log, unit, at)
    world = World()
    unit = world.unit("TESTED")
    log = Log(world)
    tester = log.actors["quality"]
    log.actors["approver"] = tester
    log.add("approve", unit, by="approver")
    desc = "The tester's key is no approver's."
    yield refused("tester-approves", desc, "key.role", log, unit, ahead(log, unit))


def _drawn() -> Iterator[Case]:
    """New parts that leave their lot name where they went."""
    links = {"lot": WASTE, "declaration": LINE_OUT}
    for reason, named in [
        *(("scrapped", "lot"), ("returned", "declaration"), ("short", "")),
        *(("scrapped", ""), ("returned", "lot"), ("short", "lot"), ("scrapped", "lot declaration")),
    ]:
        world = World()
        item = world.lot("OPEN", "new_part")
        world.add("fill_lot", item)
        log = Log(world)
        refs = [(name, links[name], log.chain(links[name])[0].id) for name in named.split()]
        log.add("draw_lot", item, {"reason": reason}, by="operator", refs=refs)
        trust = log.trust(items=("lot/",))
        name = "-".join(("drawn", reason, "to", named.replace(" ", "-and-") or "nowhere"))
        desc = f"New parts are drawn as {reason}, with links to: {named or 'nothing'}."
        if {"lot": "scrapped", "declaration": "returned", "": "short"}.get(named) == reason:
            yield verified(f"good-{name}", desc, log, item, trust=trust)
        else:
            yield refused(name, desc, "ref.form", log, item, ahead(log, item), trust=trust)


def _weighed() -> Iterator[Case]:
    """What goes into a waste lot has a weight."""
    for kind, weight in (("clean", "residue_kg"), ("disassemble", "waste_kg")):
        for weighed in (True, False):
            world = World()
            core = world.core("ACCEPTED")
            log = Log(world)
            part = f"8004/9521234P{kind.upper()}"
            data: dict[str, Any] = {weight: "0.012"} if weighed else {}
            refs: list[tuple[str, ...]] = [("lot", WASTE, log.chain(WASTE)[0].id)]
            if kind == "disassemble":
                refs, data = [("output", part), *refs], data | {"output_count": 1}
            log.add(kind, core, data, by="operator", refs=refs)
            at = ahead(log, core)
            if kind == "disassemble":
                log.add("harvest", part, by="operator", refs=[("parent", core, at[1])])
            desc = f"What {kind} leaves goes into a lot, {'' if weighed else 'not '}weighed."
            if weighed:
                yield verified(f"good-waste-of-{kind}", desc, log, core)
            else:
                yield refused(f"unweighed-waste-of-{kind}", desc, "ref.form", log, core, at)


def _lots_of_books() -> Iterator[Case]:
    """A lot names the book to which it belongs, and one only."""
    for named in (1, 2):
        world = World()
        books = [BOOK, world.book()][:named]
        log = Log(world)
        refs = [("book", book, log.chain(book)[0].id) for book in books]
        item = "lot/OF-A-BOOK"
        log.add("open_lot", item, {"class": "waste"}, by="operator", refs=refs)
        trust, desc = log.trust(items=("lot/",)), f"A lot that names books: {named}."
        if named == 1:
            yield verified("good-lot-of-a-book", desc, log, item, trust=trust)
        else:
            at = ahead(log, item)
            yield refused("lot-of-two-books", desc, "ref.form", log, item, at, trust=trust)


def _marks() -> Iterator[Case]:
    def lot(name: str, desc: str, code: str, made: tuple[str, str], kinds: Sequence[str]) -> Case:
        world = World()
        item = world.lot(*made)
        log = Log(world)
        _do(log, item, kinds)
        trust = log.trust(items=("lot/",))
        return refused(name, desc, code, log, item, ahead(log, item), trust=trust)

    desc = "New parts are not destroyed as waste."
    yield lot("lot-of-another-class", desc, "life.lot", ("OPEN", "new_part"), ["close_lot"])
    desc = "A lot that is still open."
    yield lot("lot-destroyed-while-open", desc, "life.transition", ("OPEN", "waste"), ["destroy"])
    desc = "A second destruction while the first waits for customs."
    yield lot(
        "lot-destroyed-twice", desc, "life.pending", ("CLOSED", "waste"), ["destroy", "destroy"]
    )
    world = World()
    item = world.lot("CLOSED")
    destroyed = world.add("destroy", item)
    log = Log(world)
    receipt: dict[str, Any] = {"receipt_sha256": "ab" * 32}
    target = [("target", item, destroyed.id)]
    answer = log.add("confirm", item, receipt, by="importer", refs=target)
    log.add("void", item, by="importer", refs=[("target", item, answer.id)])
    trust = log.trust(items=("lot/",))
    desc = "The importer voids its own confirmation of a destruction."
    name, at = "void-of-own-confirmation", ahead(log, item)
    yield refused(name, desc, "life.void", log, item, at, trust=trust)
    world = World()
    core = world.core("ACCEPTED")
    world.add("divert", core)
    log = Log(world)
    log.add("clean", core, by="operator")
    desc = "A step while a diversion waits for customs."
    yield refused("step-while-pending", desc, "life.pending", log, core, ahead(log, core))
    world = World()
    core = world.core("ACCEPTED")
    divert = world.add("divert", core)
    log = Log(world)
    log.add("confirm", core, by="carrier", refs=[("target", core, divert.id)])
    desc = "A diversion is confirmed by a carrier."
    yield refused("diversion-confirmed-by-carrier", desc, "key.role", log, core, ahead(log, core))
    for first, second in (("refused", "confirmed"), ("confirmed", "refused")):
        world = World()
        unit = world.unit("PACKED")
        divert = world.add("divert", unit)
        log = Log(world)
        for result in (first, second):
            log.add(
                "confirm",
                unit,
                {"result": result},
                by="customs",
                refs=[("target", unit, divert.id)],
            )
        desc = f"Customs answer a diversion with {first}, then with {second}."
        name = f"diversion-{first}-then-{second}"
        yield refused(name, desc, "life.target", log, unit, ahead(log, unit))
    world = World()
    line = world.line("CLOSED")
    log = Log(world)
    data = {"set_customs": {"quantity": "299"}}
    refs = [("target", line, log.chain(line)[0].id)]
    log.add("correct", line, data, by="importer", refs=refs)
    trust = log.trust(items=("decl/",))
    desc = "A closed line is corrected without an amendment."
    yield refused(
        "line-corrected-unamended", desc, "life.amendment", log, line, ahead(log, line), trust=trust
    )


def _targets() -> Iterator[Case]:
    corrected: dict[str, Any] = {"set_public": {"condition": "wet"}}
    fixed: dict[str, Any] = {"set_public": {"result": "short"}}
    none: dict[str, Any] = {"set_public": {"colour": "red"}}
    odd: dict[str, Any] = {"set_public": {"condition": 7}}
    target, fixes = "life.target", "life.fixed"
    for name, desc, kind, data, by, seq, code in [
        ("confirmed-what-is-not", "Nothing to confirm.", "confirm", {}, "carrier", 1, target),
        ("corrected-by-another", "By another party.", "correct", corrected, "carrier", 1, target),
        (
            "corrected-what-rules-read",
            "What the rules read.",
            "correct",
            fixed,
            "operator",
            1,
            fixes,
        ),
        (
            "corrected-unknown-field",
            "A field that is not there.",
            "correct",
            none,
            "operator",
            1,
            target,
        ),
        (
            "corrected-with-odd-value",
            "A value of another type.",
            "correct",
            odd,
            "operator",
            1,
            target,
        ),
        ("released-nothing", "No hold is on.", "release", {}, "quality", 1, target),
        ("voided-earlier-event", "Not the latest event.", "void", {}, "operator", 1, "life.void"),
        ("voided-by-another", "By another party.", "void", {}, "carrier", -1, target),
        (
            "erased-public-field",
            "A public field.",
            "erase",
            {"fields": ["condition"]},
            "operator",
            1,
            target,
        ),
    ]:
        log, core, _ = _two_cores()
        refs = [("target", core, log.chain(core)[seq].id)]
        log.add(kind, core, data, by=by, refs=refs)
        yield refused(name, desc, code, log, core, ahead(log, core))
    log, unit, core = packed()
    log.add("void", core, by="operator", refs=[("target", core, log.chain(core)[-1].id)])
    desc = "A half of a join is taken back, to use the core again."
    yield refused("voided-join", desc, "life.void", log, core, ahead(log, core))
    log, unit, core = packed()
    other = log.chain(core)[0].id
    log.add(
        "correct",
        unit,
        {"set_public": {"batch": "x"}},
        by="operator",
        refs=[("target", core, other)],
    )
    desc = "The target is of another chain."
    yield refused("target-of-another-chain", desc, target, log, unit, ahead(log, unit))
    yield from _roles_of_void()
    yield from _reports()


def _reports() -> Iterator[Case]:
    """Reports for write-off that do not follow each other, or that are answered twice."""
    for name, desc, periods, answers, code in (
        ("report-begins-late", "The first period begins at 5.", [(5, 9)], [], "life.period"),
        ("report-ends-early", "A period ends before it begins.", [(1, 1)], [], "life.period"),
        (
            "report-repeats-a-period",
            "A period that customs confirmed is reported again.",
            [(1, 9), (1, 12)],
            [(0, "confirmed")],
            "life.period",
        ),
        (
            "report-answered-twice",
            "Customs confirm a report, then refuse it.",
            [(1, 9)],
            [(0, "confirmed"), (0, "refused")],
            "life.target",
        ),
        (
            "report-of-a-closed-period-confirmed",
            "Customs confirm two reports of one period.",
            [(1, 9), (1, 12)],
            [(1, "confirmed"), (0, "confirmed")],
            "life.target",
        ),
    ):
        log = Log(World())
        first, *more = periods
        reports = [_report(log, *first)]
        if code == "life.target":
            reports += [_report(log, *period) for period in more]
        for number, result in answers:
            refs = [("target", BOOK, reports[number].id)]
            log.add("confirm", BOOK, {"result": result}, by="customs", refs=refs)
        if code == "life.period":
            reports += [_report(log, *period) for period in more]
        trust = log.trust(items=("book/",))
        yield refused(name, desc, code, log, BOOK, ahead(log, BOOK), trust=trust)
    log = Log(World())
    log.add("stocktake", BOOK, {"opening": True}, by="operator")
    for start, end, result in ((7, 9, "refused"), (7, 9, "confirmed"), (9, 12, "")):
        report = _report(log, start, end)
        if result:
            refs = [("target", BOOK, report.id)]
            log.add("confirm", BOOK, {"result": result}, by="customs", refs=refs)
    desc = "A book that starts in the middle reports two periods; customs refuse one report."
    trust = log.trust(items=("book/",))
    yield verified("reports-follow-each-other", desc, log, BOOK, trust=trust)


def _report(log: Log, start: int, end: int) -> Event:
    return log.add("writeoff", BOOK, {"from_size": start, "to_size": end}, by="importer")


def _roles_of_void() -> Iterator[Case]:
    """A void by a key that could not have signed its target."""
    for kind, data, by, wrong in (
        ("recall", {}, "approver", "operator"),
        ("hold", {}, "quality", "approver"),
        ("test", {"overall": "fail"}, "quality", "operator"),
        ("approve", {"decision": "reject"}, "approver", "broker"),
        ("move", {}, "operator", "approver"),
    ):
        world = World()
        unit = world.unit("TESTED" if kind == "approve" else "ASSEMBLED")
        log = Log(world)
        event = log.add(kind, unit, data, by=by)
        log.add("void", unit, by=wrong, refs=[("target", unit, event.id)])
        desc = f"A {kind} by {by} is voided with a key for {wrong}."
        yield refused(f"voided-{kind}-by-{wrong}", desc, "key.role", log, unit, ahead(log, unit))
    world = World()
    unit = world.unit("PACKED")
    log = Log(world)
    held = log.add("hold", unit, by="quality")
    released = log.add("release", unit, by="quality", refs=[("target", unit, held.id)])
    log.add("void", unit, by="approver", refs=[("target", unit, released.id)])
    desc = "A release of the quality department's hold is voided with a key for approver."
    yield refused("voided-release-by-approver", desc, "key.role", log, unit, ahead(log, unit))
    log, unit, _ = packed()
    recall = log.add("recall", unit, by="approver")
    log.add("void", unit, by="importer", refs=[("target", unit, recall.id)])
    desc = "A recall may be voided with any role that may recall."
    yield verified("voided-recall-by-importer", desc, log, unit)
    log, unit, _ = packed()
    out = [("declaration", LINE_OUT, log.chain(LINE_OUT)[0].id)]
    export = log.add("export", unit, by="importer", refs=out)
    confirm = log.add("confirm", unit, by="carrier", refs=[("target", unit, export.id)])
    log.add("void", unit, by="carrier", refs=[("target", unit, confirm.id)])
    desc = "A voided confirmation and the event that it confirmed are not attested."
    trust = log.trust(customs=(log.actors["carrier admin"].auth,))
    yield verified("voided-confirmation-attests-nothing", desc, log, unit, trust=trust)
