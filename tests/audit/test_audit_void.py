"""`void` restores the record of an item as it was before the event that it takes back."""

from __future__ import annotations

from msgspec.structs import replace

from tests.audit.accounts import Plant, day
from tests.forging import Forger, audit
from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.audit.things import Thing, Things
from traceledger.rules.lifecycle import VOIDED
from traceledger.rules.targets import LASTING
from traceledger.verify.archive.fold import ReplayedEntry


class VoidingFold(AccountFold):
    """An account that tries on a copy, after every event, what taking it back would restore."""

    def step(self, entry: ReplayedEntry) -> None:
        """Reads the next entry."""
        event, records = entry.event, self.state.records.things
        item = event.payload.sub if event else ""
        before = Things(records).get(item)
        super().step(entry)
        if event is None or entry.refused or item not in records or event.kind_name in LASTING:
            return
        restored = Things({item: records[item]}).undo(item, event.leaf)
        new = Thing(restored.chain, entry.index, life=VOIDED)
        assert restored == replace(before or new, before=b""), event.kind_name


def test_void_restores_what_the_event_added_replaced_and_revealed() -> None:
    """Defends against a figure that a voided event leaves behind, or takes with it."""
    plant = Plant()
    core = plant.import_core(plant.declare_in(1, "1.000"))
    plant.add("receive", core, {"result": "short"})
    plant.add("receive", core, {"result": "ok"})
    plant.add("inspect", core, {"grade": "A"}, occurred=day(-9))
    held = plant.add("hold", core, by="quality")
    plant.add("release", core, by="quality", refs=(("target", core, held.id),))
    unit = plant.build("1.000", core)
    plant.release(unit, label_text="Remanufactured")
    for label in ("再制造", "再制造 2"):
        plant.add("repair", unit)
        plant.release(unit, label_text=label)
    wrong = {"set_public": {"label_text": "new"}}
    plant.add("correct", unit, wrong, refs=(("target", unit, plant.events[-1].id),))
    line = plant.declare_out(1, "1.000")
    plant.add("export", unit, {"destination": "USA"}, refs=(("declaration", line),))
    plant.confirm(unit, by="carrier", result="confirmed")
    log = Forger(plant)
    log.publish()
    trust = log.trust()
    fold = VoidingFold(Scope(), trust.customs)
    audit(log.files(), trust, folds={"account": fold})
    assert fold.state.records.size == log.size
