"""The story: the shipment passes through the plant; each station signs with its own key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from random import Random
from typing import Any

from traceledger.errors import NotAllowedError
from traceledger.events.draft import Draft, DraftRef
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Signer
from traceledger.identifiers import (
    format_decimal,
    new_id,
    parse_decimal,
    parse_item,
    sum_decimals,
)
from traceledger.identifiers.items import item_of_key
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.manifests.declaration import DeclarationRow
from traceledger.manifests.manifest import ManifestRow
from traceledger.planning.declarations import draft_declaration, find_book
from traceledger.planning.imports import plan_imports
from traceledger.planning.signing import Identity, find_identity, sign_drafts
from traceledger_cli.demo import drafts
from traceledger_cli.demo.cast import PARTIES, Cast
from traceledger_cli.demo.clock import Clock
from traceledger_cli.demo.declarations import Outbound, as_shipped, declare_back
from traceledger_cli.demo.fates import DESTINATIONS, Fate

__all__ = ["Story"]

_BATCH = 999  # drafts in a request; a disassembly and its two parts are never separated
_SALE = "0245"  # the supervision mode of domestic sales


@dataclass(slots=True)
class Story:
    """Everything that happens, in order.

    `progress` is called with the events of each request, `on_published` after each checkpoint.
    """

    home: Home
    ledger: Ledger
    clock: Clock
    cast: Cast
    random: Random
    fates: tuple[Fate, ...]
    progress: Callable[[int], None]
    on_published: Callable[[], None] = lambda: None
    refusal: str = ""
    _declared_out: int = 0
    _donors: list[Fate] = field(default_factory=list)
    _housed: dict[str, Fate] = field(default_factory=dict)
    _waste: list[str] = field(default_factory=list)

    def play(self, declared: Sequence[DeclarationRow], log_vkey: str) -> None:
        """Plays the whole story and publishes a checkpoint after each chapter."""
        chapters: tuple[Callable[[], None], ...] = (
            lambda: self.found(log_vkey),
            lambda: self.declare(declared, [fate.row for fate in self.fates]),
            self.import_cores,
            self.take_in,
            self.take_apart,
            self.remake,
            self.make_units,
            self.hold_and_correct,
            self.destroy_waste,
            self.ship,
            self.divert,
            self.recall,
            self.give_second_life,
            self.erase,
        )
        for chapter in chapters:
            chapter()
            self._publish()

    def found(self, log_vkey: str) -> None:
        """Founds the ledger, admits the parties and adds the keys of the stations."""
        origin = self.home.origin
        root = self.cast.signer("ledger", "root")
        founding = self.cast.found(origin, "Liangjiang remanufacturing ledger", log_vkey)
        self._log([founding], root, Identity("ledger", ""))
        policy = {"zone_country": "CHN", "mode_codes": ["1371", _SALE], "late_hours": 72}
        admissions = [self.cast.admit(origin, party) for party in PARTIES]
        opening = Draft(kind="set_policy", item="policy", data={"values": policy})
        self._log([opening, *admissions], root, find_identity(self.ledger, root.key.kid))
        for party, plan in PARTIES.items():
            stations = [name for name in plan.stations if name != "bench-2-new"]
            keys = [self.cast.add_key(origin, party, name) for name in stations]
            profile = [self.cast.profile(party)] if plan.profile else []
            self._by(party, "admin", [*profile, *keys])

    def declare(self, rows: Sequence[DeclarationRow], shipped: Sequence[ManifestRow]) -> None:
        """Opens the account book and records the inbound declaration."""
        book = f"book/{new_id(self.random.randbytes)}"
        number = rows[0].book_no
        data = {
            "number": number,
            "office": "两路寸滩海关",
            "class": "processing",
            "started": "2025-01-01",
        }
        self._by("plant", "import-desk", [Draft(kind="open_book", item=book, data=data)])
        declared = [as_shipped(row, shipped) for row in rows]
        self._by(
            "plant",
            "import-desk",
            [
                draft_declaration(
                    row,
                    f"decl/{new_id(self.random.randbytes)}",
                    find_book(self.ledger, number),
                    drafts.sha256(f"receipt {row.entry_no}"),
                )
                for row in declared
                if row is not None
            ],
        )

    def import_cores(self) -> None:
        """Imports every core of the manifest."""
        plan = plan_imports(self.ledger, [fate.row for fate in self.fates], "TCM")
        self._by("plant", "import-desk", plan.drafts)

    def take_in(self) -> None:
        """Receives and grades the cores and returns the rejected ones."""
        self.clock.pass_days(2)
        self._by("plant", "receiving", map(drafts.receive, self.fates))
        self.clock.pass_days(1)
        self._by("plant", "receiving", map(drafts.inspect, self.fates))
        rejected = [fate for fate in self.fates if fate.grade == "R"]
        # A core is returned under the book line under which it was imported.
        for number in sorted({fate.row.book_line for fate in rejected}):
            leaving = [fate for fate in rejected if fate.row.book_line == number]
            line = self._declare_out(
                Outbound(
                    "ARE",
                    [fate.row.net_kg for fate in leaving],
                    name="变速箱控制模块(旧件)",
                    book_line=number,
                    total=sum_decimals(parse_decimal(fate.row.unit_value) for fate in leaving),
                )
            )
            self._by(
                "plant",
                "import-desk",
                [drafts.return_abroad(fate, line) for fate in leaving],
            )
        self._by("carrier", "gate", self._confirmations([fate.core for fate in rejected]))

    def take_apart(self) -> None:
        """Disassembles donors for their housings; scraps their boards and the condemned cores."""
        lots: tuple[tuple[str, dict[str, Any]], ...] = (
            (drafts.NEW_PARTS, {"class": "new_part", "part_no": "KIT-7", "bonded": False}),
            (drafts.WASTE, {"class": "waste", "material": "e-waste", "hazard_code": "HW49"}),
        )
        opened = [Draft(kind="open_lot", item=item, data=data) for item, data in lots]
        filling = {"quantity": "1500", "unit": "007"}
        filled = Draft(kind="fill_lot", item=drafts.NEW_PARTS, data=filling)
        self._by("plant", "receiving", [*opened, filled])
        donors = self._donors = [fate for fate in self.fates if fate.grade == "C"]
        apart = [drafts.take_apart(fate, keeping="H") for fate in donors]
        self._by("plant", "bench-1", chain.from_iterable(apart))
        cleaned = [drafts.clean(f"{fate.core}-H", "ultrasonic", 300) for fate in donors]
        self._by("plant", "bench-1", cleaned)
        boards = [drafts.scrap(f"{f.core}-B", drafts.weigh(f).board, "worn out") for f in donors]
        condemned = [fate for fate in self.fates if fate.grade == "S"]
        cores = [drafts.scrap(f.core, f.row.net_kg, f.reject_code.lower()) for f in condemned]
        self._by("plant", "bench-1", [*boards, *cores])
        self._waste += [drafts.weigh(fate).board for fate in donors]
        self._waste += [fate.row.net_kg for fate in condemned]

    def remake(self) -> None:
        """Cleans, diagnoses, repairs, updates and calibrates cores at two benches."""
        remade = self.remade
        half = len(remade) // 2
        for bench, fates in (("bench-2", remade[:half]), ("bench-1", remade[half:])):
            self.clock.pass_days(1)
            self._by("plant", bench, [drafts.clean(f.core, "ultrasonic", 420) for f in fates])
            self._by("plant", bench, [drafts.diagnose(f, f.core, done=False) for f in fates])
            repaired = [fate for fate in fates if fate.needs_repair]
            self._by("plant", bench, [drafts.repair(f, f.core, self.random) for f in repaired])
            self._by("plant", bench, [drafts.clean(f.core, "ipa", 60) for f in repaired])
        self._lose_key()
        self.clock.pass_days(2)
        for bench, fates in (("bench-2-new", remade[:half]), ("bench-1", remade[half:])):
            self._by("plant", bench, map(drafts.update, fates))
            self._by("plant", bench, map(drafts.calibrate, fates))

    def make_units(self) -> None:
        """Assembles units, tests them, reworks those that fail, approves and packs them."""
        remade = self.remade
        self.clock.pass_days(3)
        self._change_housings()
        for start in range(0, len(remade), _BATCH // 4):
            requests = [
                drafts.assemble(
                    fate, self.clock.now, net_kg=self._weight(fate), inputs=self._inputs(fate)
                )
                for fate in remade[start : start + _BATCH // 4]
            ]
            self._by("plant", "assembly", chain.from_iterable(requests))
        self._by("plant", "assembly", [drafts.diagnose(f, f.unit, done=True) for f in remade])
        failing = [fate for fate in remade if fate.fails_first_test]
        self._by("laboratory", "test-stand", [self._test(fate, 1) for fate in remade])
        self.clock.pass_days(1)
        self._by("plant", "bench-1", [drafts.repair(f, f.unit, self.random) for f in failing])
        self._by("laboratory", "test-stand", [self._test(fate, 2) for fate in failing])
        self._by("plant", "release", map(drafts.approve, remade))
        self._by("plant", "assembly", [drafts.clean(f.unit, "dry wipe", 20) for f in remade])
        batch = f"{self.clock.now:%Y-%m}"
        self._by("plant", "assembly", [drafts.pack(f, batch, self._weight(f)) for f in remade])
        self._by("plant", "assembly", [drafts.move(f.unit, "WH2-DOCK-1") for f in remade])

    def hold_and_correct(self) -> None:
        """Has customs hold and release one unit, and the plant correct fields of another.

        Two things are left for the audit to find: the unit on hold was moved while the station had
        no network, so that the move is recorded late; and customs have not yet answered the
        correction of a customs field.
        """
        held, corrected = self.remade[2].unit, self.remade[4].unit
        hold = {"authority": "customs", "reason": "random sample", "case": "K-2025-0017"}
        self._by("customs", "officer", [Draft(kind="hold", item=held, data=hold)])
        self._publish()
        moved = f"{self.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        self.clock.pass_days(4)
        late = drafts.move(held, "WH2-HOLD-1", occurred=moved)
        self._by("plant", "assembly", [late])
        refs = (DraftRef("target", held),)
        note = {"note": "sample matches the declaration"}
        release = Draft(kind="release", item=held, data=note, refs=refs)
        self._by("customs", "officer", [release])
        packed = self._latest(corrected, "pack")
        data = {
            "reason": "typing error",
            "set_public": {"tamper_label": "T-000999"},
            "set_customs": {"gross_kg": "1.150"},
        }
        refs = (DraftRef("target", corrected, packed),)
        self._by("plant", "assembly", [Draft(kind="correct", item=corrected, data=data, refs=refs)])

    def destroy_waste(self) -> None:
        """Closes the waste lot; the recycler destroys it and customs confirm it."""
        lot = drafts.WASTE
        weight = format_decimal(sum_decimals(map(parse_decimal, self._waste)))
        closing = Draft(kind="close_lot", item=lot, data={"net_kg": weight})
        self._by("plant", "receiving", [closing])
        self.clock.pass_days(2)
        data = {
            "approval": "XH-2025-9",
            "method": "shred",
            "net_kg": weight,
            "residue_kg": weight,
            "certificate_sha256": drafts.sha256("certificate of destruction"),
            "licence": "CQ-HW-0017",
        }
        self._by("recycler", "shredder", [Draft(kind="destroy", item=lot, data=data)])
        self._by("customs", "officer", self._confirmations([lot]))

    def ship(self) -> None:
        """Declares the units out by country and exports them; the carrier confirms."""
        self.clock.pass_days(6)
        departed_at = f"{self.clock.now:%Y-%m-%dT%H:%M:%S}Z"
        for country in DESTINATIONS:
            leaving = [fate for fate in self.exported if fate.destination == country]
            if leaving:
                line = self._declare_out(Outbound(country, list(map(self._weight, leaving))))
                self._by(
                    "plant",
                    "import-desk",
                    [drafts.export(fate, line, departed_at) for fate in leaving],
                )
        self.clock.pass_days(1)
        self._by("carrier", "gate", self._confirmations([fate.unit for fate in self.exported]))

    def divert(self) -> None:
        """Sells one unit domestically, with duty paid and customs' approval."""
        unit = self.diverted.unit
        line = self._declare_out(Outbound("CHN", [self._weight(self.diverted)], mode=_SALE))
        data = {
            "approval": "NX-2025-31",
            "duty": {"amount": "118.00", "currency": "CNY"},
            "vat": {"amount": "96.20", "currency": "CNY"},
            "receipt_sha256": drafts.sha256("receipt of duty"),
        }
        refs = (DraftRef("declaration", line),)
        draft = Draft(kind="divert", item=unit, data=data, refs=refs)
        self._by("plant", "import-desk", [draft])
        self._by("customs", "officer", self._confirmations([unit]))

    def recall(self) -> None:
        """Recalls one exported unit."""
        self.clock.pass_days(30)
        data = {
            "campaign": "RC-2025-01",
            "criteria": f"tamper label T-{self.recalled.core[-6:]}",
            "severity": "high",
            "action": "stop_use",
            "contact": "recall desk, +86 23 5550 0100",
        }
        draft = Draft(kind="recall", item=self.recalled.unit, data=data)
        self._by("plant", "import-desk", [draft])

    def give_second_life(self) -> None:
        """Reimports one unit under warranty and remanufactures it as a new unit."""
        first = self.returned
        self.clock.pass_days(60)
        claim = {"claim": "W-2025-118", "trouble_codes": ["P0841"], "km": 12_400}
        claimed = Draft(kind="warranty_return", item=first.unit, data=claim)
        self._by("distributor", "claims", [claimed])
        line = self._declare_back(first)
        refs = (DraftRef("declaration", line),)
        back = Draft(kind="reimport", item=first.unit, data={}, refs=refs)
        self._by("plant", "import-desk", [back])
        again = self.second
        data = {
            "category": "TCM",
            "part_no": again.row.part_no,
            "origin": "CHN",
            "unit_value": {"amount": "240.00", "currency": "USD"},
            "net_kg": again.row.net_kg,
        }
        links = (DraftRef("declaration", line), DraftRef("parent", first.unit))
        core = Draft(kind="import", item=again.core, data=data, refs=links)
        self._by("plant", "import-desk", [core])
        self._by("plant", "receiving", [drafts.receive(again), drafts.inspect(again)])
        work = [
            drafts.clean(again.core, "ipa", 60),
            drafts.diagnose(again, again.core, done=False),
            drafts.repair(again, again.core, self.random),
            drafts.calibrate(again),
        ]
        self._by("plant", "bench-1", work)
        self._by(
            "plant",
            "assembly",
            drafts.assemble(again, self.clock.now, net_kg=again.row.net_kg, cycle=2),
        )
        self._by("laboratory", "test-stand", [self._test(again, 1)])
        self._by("plant", "release", [drafts.approve(again)])
        self._by(
            "plant", "assembly", [drafts.pack(again, f"{self.clock.now:%Y-%m}", again.row.net_kg)]
        )

    def erase(self) -> None:
        """Erases a serial number at the former owner's request; the log is unchanged."""
        core = self.remade[0].core
        imported = self._latest(core, "import")
        data = {"fields": ["old_serial"], "ground": "request of the former owner"}
        refs = (DraftRef("target", core, imported),)
        self._by("plant", "import-desk", [Draft(kind="erase", item=core, data=data, refs=refs)])

    @property
    def scrapped(self) -> int:
        """The number of parts in the waste lot."""
        return len(self._waste)

    @property
    def remade(self) -> tuple[Fate, ...]:
        """The cores that become units."""
        return tuple(fate for fate in self.fates if fate.unit)

    @property
    def exported(self) -> tuple[Fate, ...]:
        """The units that leave the country: all but the one that is diverted."""
        return tuple(fate for fate in self.remade if fate is not self.diverted)

    @property
    def diverted(self) -> Fate:
        """The unit that is sold domestically."""
        return self.remade[5]

    @property
    def returned(self) -> Fate:
        """The unit that comes back under warranty."""
        return self.remade[6]

    @property
    def second(self) -> Fate:
        """The second life of the unit that came back, as a core and as a unit."""
        first = self.returned
        number = f"{first.core[:-6]}9{first.core[-5:]}"
        core = replace(
            first.row, core=parse_item(number), old_serial=None, net_kg=self._weight(first)
        )
        gtin, serial = first.unit.split("/")[1::2]
        again = f"01/{gtin}/21/{serial[::-1]}"
        return replace(first, row=core, unit=again, fails_first_test=False, needs_repair=True)

    @property
    def good(self) -> Fate:
        """The unit whose passport is shown: it failed its first test and was reworked."""
        return self.remade[1]

    @property
    def recalled(self) -> Fate:
        """The unit that is recalled after its export."""
        return self.remade[3]

    def _lose_key(self) -> None:
        """Revokes the lost key of the second bench; what it signs later is refused."""
        lost = self.cast.signer("plant", "bench-2").key.kid
        self._by(
            "plant",
            "admin",
            [
                Draft(kind="revoke_key", item=item_of_key(lost), data={"reason": "lost"}),
                self.cast.add_key(self.home.origin, "plant", "bench-2-new"),
            ],
        )
        try:
            self._by("plant", "bench-2", [drafts.update(self.remade[-1])])
        except NotAllowedError as error:
            self.refusal = error.code

    def _test(self, fate: Fate, run: int) -> Draft:
        passes = run > 1 or not fate.fails_first_test
        return drafts.test(fate, self.random, run=run, passes=passes)

    def _change_housings(self) -> None:
        """Gives the last units the housings of donors; their own are scrapped."""
        self._housed = {
            fate.unit: donor
            for fate, donor in zip(reversed(self.remade), self._donors, strict=False)
        }
        opened = [fate for fate in self.remade if fate.unit in self._housed]
        apart = [drafts.take_apart(fate, keeping="B") for fate in opened]
        self._by("plant", "bench-1", chain.from_iterable(apart))
        self._by(
            "plant",
            "bench-1",
            [
                drafts.scrap(f"{f.core}-H", drafts.weigh(f).housing, "worn out", board=False)
                for f in opened
            ],
        )
        self._waste += [drafts.weigh(fate).housing for fate in opened]

    def _inputs(self, fate: Fate) -> tuple[str, ...]:
        """Returns what a unit is built from: the core, or its board and a donor's housing."""
        donor = self._housed.get(fate.unit)
        return (f"{fate.core}-B", f"{donor.core}-H") if donor else (fate.core,)

    def _weight(self, fate: Fate) -> str:
        """Returns the net weight of a unit in kg."""
        donor = self._housed.get(fate.unit)
        if donor is None:
            return fate.row.net_kg
        parts = (drafts.weigh(fate).board, drafts.weigh(donor).housing)
        return format_decimal(sum_decimals(map(parse_decimal, parts)))

    def _declare_out(self, goods: Outbound) -> str:
        """Records an outbound line and returns its item id."""
        self._declared_out += 1
        item = f"decl/{new_id(self.random.randbytes)}"
        draft = goods.declare(item, self._declared_out, self._book(), self.clock.now)
        self._by("plant", "import-desk", [draft])
        return item

    def _declare_back(self, fate: Fate) -> str:
        """Records the inbound line of a unit that comes back and returns its item id."""
        item = f"decl/{new_id(self.random.randbytes)}"
        draft = declare_back(item, self._weight(fate), self._book(), self.clock.now)
        self._by("plant", "import-desk", [draft])
        return item

    def _book(self) -> DraftRef:
        """Returns a link to the account book."""
        return DraftRef("book", find_book(self.ledger, "H80122500001"))

    def _confirmations(self, items: Iterable[str]) -> list[Draft]:
        heads = self.ledger.heads(items)
        return [
            Draft(
                kind="confirm",
                item=item,
                data={"result": "confirmed"},
                refs=(DraftRef("target", item, head.event),),
            )
            for item, head in heads.items()
        ]

    def _latest(self, item: str, kind: str) -> str:
        entries = [entry for entry in self.ledger.chain(item) if entry.kind == kind]
        return encode_base64url(entries[-1].leaf)

    def _by(self, party: str, key: str, work: Iterable[Draft]) -> None:
        """Signs the drafts with one key and appends them in requests of at most `_BATCH`."""
        signer = self.cast.signer(party, key)
        pending = list(work)
        if not pending:
            return
        identity = find_identity(self.ledger, signer.key.kid)
        for start in range(0, len(pending), _BATCH):
            self._log(pending[start : start + _BATCH], signer, identity)

    def _log(self, requested: Sequence[Draft], signer: Signer, identity: Identity) -> None:
        signed = sign_drafts(
            self.ledger, requested, signer, identity, randbytes=self.random.randbytes
        )
        self.ledger.append([event.wire for event in signed])
        self.progress(len(signed))

    def _publish(self) -> None:
        self.home.publish(self.ledger)
        self.on_published()
