"""A small ledger in memory for tests: five parties, a key for each role, and things in all states.

Everything is the same in every run: keys come from seeds, salts from a seeded generator, the clock
is the number of events, and `world.elapsed` more seconds. Events go through the real rules
(`traceledger.rules.replay.Replay`).

    world = World()                                # parties and keys admitted, book open
    core = world.core("ACCEPTED")                  # a new core, taken to that state
    unit = world.unit("EXPORTED")                  # likewise: component, lot, line
    one, two = world.take_apart(core, 2)           # both halves of a join: also assemble
    world.add("clean", core)                       # signed by the first role that may, and applied
    world.add("inspect", core, {"grade": "R"}, by="quality")
    wire = world.sign("hold", core, by="quality")  # signed only; world.append(wire) applies it

Fields that are required or usual and not given are the examples of the catalogue. `by` names an
entry of `world.actors`: `root`, `<party> admin`, or one of the roles `importer broker operator
quality approver` (all of `party/plant`), `carrier`, `customs`, `recycler`, `distributor`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import open_disclosures, split_wire
from traceledger.events.draft import Draft, DraftRef, Place, sign_draft
from traceledger.events.encoding import encode_base64url
from traceledger.events.keys import Jwk, PublicKey, Signer, SoftwareSigner
from traceledger.events.token import Event, parse_token
from traceledger.rules.replay import Replay
from traceledger.rules.state import Goods

__all__ = [
    "BOOK",
    "LINE_IN",
    "LINE_OUT",
    "ORIGIN",
    "START",
    "STEPS",
    "WASTE",
    "Actor",
    "World",
    "jwk",
    "make_signer",
]

ORIGIN = "ledger.example/cq-1"
START = 1_750_000_000  # seconds since 1970, the time of the first event
PREFIXES = ["01/0952123", "8004/9521234", "decl/", "book/", "lot/"]
BOOK = "book/ACCOUNT-BOOK-0001"
LINE_IN = "decl/DECLARATION-IN-1"
LINE_OUT = "decl/DECLARATION-OUT-1"
WASTE = "lot/WASTE-1"

# Not required, and nearly always there.
_USUAL = {"entry_no", "entry_line"}

PARTIES = {
    "plant": ("importer", "broker", "operator", "quality", "approver"),
    "carrier": ("carrier",),
    "customs": ("customs",),
    "recycler": ("recycler",),
    "distributor": ("distributor",),
}

# What takes a new thing to a state: steps of a kind and the fields that decide. A step `confirm` is
# customs' word on the event before; `take_apart` and `use` are whole joins.
Steps = tuple[tuple[str, dict[str, Any]], ...]
_RECEIVED: Steps = (("receive", {"result": "ok"}),)
_DIVERTED: Steps = (("divert", {}), ("confirm", {}))
_VOIDED: Steps = (("void", {}),)
_CORE: dict[str, Steps] = {
    "DECLARED": (),
    "MISSING": (("receive", {"result": "short"}),),
    "RECEIVED": _RECEIVED,
    "ACCEPTED": (*_RECEIVED, ("inspect", {"grade": "A"})),
    "DONOR": (*_RECEIVED, ("inspect", {"grade": "C"})),
    "REJECTED": (*_RECEIVED, ("inspect", {"grade": "R"})),
    "CONDEMNED": (*_RECEIVED, ("inspect", {"grade": "S"})),
    "IN_PROCESS": (*_RECEIVED, ("inspect", {"grade": "A"}), ("clean", {})),
    "DISASSEMBLED": (*_RECEIVED, ("inspect", {"grade": "C"}), ("take_apart", {})),
    "CONSUMED": (*_RECEIVED, ("inspect", {"grade": "A"}), ("use", {})),
    "RETURNED": (*_RECEIVED, ("return", {})),
    "SCRAPPED": (*_RECEIVED, ("scrap", {})),
    "DIVERTED": (*_RECEIVED, *_DIVERTED),
    "VOIDED": _VOIDED,
}
_COMPONENT: dict[str, Steps] = {
    "AVAILABLE": (),
    "CONSUMED": (("use", {}),),
    "SCRAPPED": (("scrap", {}),),
    "RETURNED": (("return", {}),),
}
_TESTED: Steps = (("test", {"overall": "pass"}),)
_APPROVED: Steps = (*_TESTED, ("approve", {"decision": "pass"}))
_EXPORTED: Steps = (*_APPROVED, ("pack", {}), ("export", {}))
_UNIT: dict[str, Steps] = {
    "ASSEMBLED": (),
    "TESTED": _TESTED,
    "FAILED": (("test", {"overall": "fail"}),),
    "APPROVED": _APPROVED,
    "PACKED": (*_APPROVED, ("pack", {})),
    "EXPORTED": _EXPORTED,
    "DIVERTED": (*_APPROVED, ("pack", {}), *_DIVERTED),
    "CLAIMED": (*_EXPORTED, ("warranty_return", {})),
    "REIMPORTED": (*_EXPORTED, ("warranty_return", {}), ("reimport", {})),
    "DISASSEMBLED": (("take_apart", {}),),
    "SCRAPPED": (("scrap", {}),),
}
_LOT: dict[str, Steps] = {
    "OPEN": (),
    "CLOSED": (("close_lot", {}),),
    "DESTROYED": (("close_lot", {}), ("destroy", {}), ("confirm", {})),
    "RETURNED": (("return", {}),),
    "VOIDED": _VOIDED,
}
_LINE: dict[str, Steps] = {"DECLARED": (), "CLOSED": (("close_line", {}),), "VOIDED": _VOIDED}
STEPS: dict[str, dict[str, Steps]] = {
    "core": _CORE,
    "component": _COMPONENT,
    "unit": _UNIT,
    "lot": _LOT,
    "declaration": _LINE,
    "book": {"OPEN": (), "VOIDED": _VOIDED},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who signs: a key, for whom it signs, and the event that gave it authority."""

    signer: Signer
    iss: str
    auth: str


class World:
    """A ledger in memory, founded, with all parties, a book, two declaration lines, a waste lot."""

    def __init__(self, seed: int = 1, origin: str = ORIGIN, rules: int = 1) -> None:
        self.origin = origin
        self.randbytes = random.Random(seed).randbytes
        self.replay = Replay(origin)
        self.events: list[Event] = []
        self.wires: list[bytes] = []
        self.actors: dict[str, Actor] = {}
        self.elapsed = 0
        self._things = 0
        self._found(rules)
        for party, roles in PARTIES.items():
            self.admit(party, roles)
            for role in roles:
                self.add_key(role, party, [role])
        self.add("set_policy", "policy")
        self.add("open_book", BOOK)
        self.add("declare_in", LINE_IN)
        self.add("declare_out", LINE_OUT)
        self.add("open_lot", WASTE)

    def example(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The data of an event: the catalogue's examples of usual fields, and those given."""
        row = CATALOGUE[kind]
        wanted = row.required | _USUAL
        return {name: row.fields[name].example for name in row.fields if name in wanted} | (fields)

    def sign(
        self,
        kind: str,
        item: str,
        data: Mapping[str, Any] | None = None,
        *,
        by: str = "",
        refs: tuple[tuple[str, ...], ...] | None = None,
        occurred: str = "",
    ) -> bytes:
        """Signs the next event of an item's chain and returns its wire form; applies nothing.

        `refs` are `(as, item)` or `(as, item, event)`; a missing event is the one the kind asks
        for. Without `refs` a kind that asks for the book, a declaration or a waste lot gets it, and
        one about another event the latest of the item.
        """
        actor = self.actors[by or self.first_actor(kind, item)]
        state = self.replay.state(item)
        ledger = self.replay.state("ledger")
        founding = ledger.first if ledger else ""
        place = Place(
            aud=self.origin,
            iss=actor.iss,
            auth=actor.auth,
            seq=state.seq + 1 if state else 0,
            prev=state.head if state else founding,
            iat=START + self.elapsed + len(self.events),
        )
        if kind == "writeoff":
            data = self._usual_period(item) | dict(data or {})
        links = self._usual_refs(kind, item, data or {}) if refs is None else refs
        draft = Draft(
            kind=kind,
            item=item,
            data=self.example(kind, **(data or {})),
            occurred=occurred or msgspec.UNSET,
            refs=tuple(self._ref(kind, *link) for link in links),
        )
        return sign_draft(draft, place, actor.signer, self.randbytes)

    def append(self, wire: bytes) -> Event:
        """Applies a wire form as a ledger does; raises what the ledger raises, changing nothing."""
        token, disclosures = split_wire(wire)
        event = parse_token(token)
        open_disclosures(event, disclosures, complete=True)
        item, now = event.payload.sub, self.replay
        trails = {**now.trails, item: dict(now.trails.get(item, {}))}
        joins = copy.deepcopy(now.joins)
        states, published = dict(now.states), now.published
        trial = Replay(now.origin, states, trails, list(now.illegal), joins, published)
        trial.apply(len(self.events), event)
        if len(trial.illegal) > len(self.replay.illegal):
            raise trial.illegal[-1].error
        self.replay = trial
        self.events.append(event)
        self.wires.append(wire)
        return event

    def add(
        self,
        kind: str,
        item: str,
        data: Mapping[str, Any] | None = None,
        *,
        by: str = "",
        refs: tuple[tuple[str, ...], ...] | None = None,
        occurred: str = "",
    ) -> Event:
        """Signs and applies the next event of an item's chain."""
        return self.append(self.sign(kind, item, data, by=by, refs=refs, occurred=occurred))

    def life(self, item: str) -> str:
        """The state of an item in the life cycle."""
        return str(getattr(self.replay.state(item), "life", ""))

    def thing(self, chain: str, state: str = "") -> str:
        """Opens a new chain of that sort, takes it to a state of `STEPS` and returns its id."""
        make = {
            "core": self.core,
            "component": self.component,
            "unit": self.unit,
            "lot": self.lot,
            "declaration": self.line,
            "book": self.book,
        }[chain]
        return make(state or next(iter(STEPS[chain])))

    def core(self, state: str = "DECLARED", *, parent: str = "") -> str:
        """Imports a new core, the next life of a unit `parent` if one is given."""
        item = self._new_id("8004/9521234C{:06}")
        former = (("parent", parent),) if parent else ()
        self.add("import", item, refs=(("declaration", LINE_IN), *former))
        return self.bring("core", item, state)

    def component(self, state: str = "AVAILABLE") -> str:
        """Takes a new core apart into one component."""
        (item,) = self.take_apart(self.core("DONOR"))
        return self.bring("component", item, state)

    def unit(self, state: str = "ASSEMBLED", parts: tuple[str, ...] = (), **data: Any) -> str:
        """Assembles a new unit, of a new core unless there are `parts`."""
        inputs = parts or (self.core("IN_PROCESS"),)
        item = self._new_id("01/09521234543213/21/U{:04}")
        self.assemble(item, inputs, **data)
        return self.bring("unit", item, state)

    def lot(self, state: str = "OPEN", sort: str = "waste") -> str:
        """Opens a new lot of the class `sort`."""
        item = self._new_id("lot/L{:04}")
        self.add("open_lot", item, {"class": sort})
        return self.bring("lot", item, state)

    def line(self, state: str = "DECLARED") -> str:
        """Declares another line of imports."""
        item = self._new_id("decl/DECLARATION-{:04}")
        self.add("declare_in", item)
        return self.bring("declaration", item, state)

    def book(self, state: str = "OPEN") -> str:
        """Opens another account book."""
        item = self._new_id("book/ANOTHER-BOOK-{:04}")
        self.add("open_book", item)
        return self.bring("book", item, state)

    def take_apart(self, item: str, count: int = 1, lot: str = "") -> tuple[str, ...]:
        """Joins a thing to new components: the disassemble event and the harvest event of each.

        What is left over goes into a waste lot, if one is given.
        """
        parts = tuple(self._new_id("8004/9521234P{:06}") for _ in range(count))
        refs = tuple(("output", part) for part in parts)
        data: dict[str, Any] = {"output_count": count}
        if lot:
            refs, data = (*refs, ("lot", lot)), data | {"waste_kg": "0.012"}
        self.add("disassemble", item, data, refs=refs)
        for part in parts:
            self.add("harvest", part, refs=(("parent", item),))
        return parts

    def confirm(self, item: str, by: str = "customs", **data: Any) -> Event:
        """Confirms the latest event of an item."""
        return self.add("confirm", item, data, by=by)

    def dismiss(self, party: str) -> Event:
        """Dismisses a party; its actors stay, so that tests can let them try."""
        return self.add("dismiss", f"party/{party}")

    def rotate_root(self, name: str = "second root") -> Event:
        """Hands the ledger to another root key; the actor `old root` keeps the one before."""
        signer = make_signer(name)
        data = {"root_jwk": jwk(signer.key), "possession": self.possession(signer, "ledger")}
        event = self.add("rotate_root", "ledger", data)
        self.actors["old root"] = self.actors["root"]
        self.actors["root"] = Actor(signer, "ledger", event.id)
        return event

    def assemble(self, unit: str, parts: tuple[str, ...], **data: Any) -> Event:
        """Joins parts to a unit: the assemble event and the consume event of each."""
        refs: tuple[tuple[str, ...], ...] = tuple(("input", part) for part in parts)
        if len(parts) > 1:
            refs += (("primary", parts[0]),)
        event = self.add("assemble", unit, {"input_count": len(parts), **data}, refs=refs)
        for part in parts:
            self.add("consume", part, refs=(("unit", unit),))
        return event

    def admit(
        self, party: str, roles: tuple[str, ...], prefixes: list[str] | None = None, seed: str = ""
    ) -> Event:
        """Admits a party, or admits it again, with a new admin key: the actor `<party> admin`."""
        item, signer = f"party/{party}", make_signer(f"{party} admin{seed}")
        usual = PREFIXES if party == "plant" else []
        data = {
            "name": party,
            "roles": list(roles),
            "prefixes": usual if prefixes is None else prefixes,
            "admin_jwk": jwk(signer.key),
            "possession": self.possession(signer, item),
        }
        event = self.add("admit", item, data, by="root")
        self.actors[f"{party} admin"] = Actor(signer, item, event.id)
        return event

    def add_key(
        self, name: str, party: str, roles: list[str], signer: Signer | None = None
    ) -> Event:
        """Gives a party a station key: the actor `name`."""
        signer = signer or make_signer(name)
        item = f"key/{signer.key.kid}"
        data = {
            "jwk": jwk(signer.key),
            "roles": roles,
            "possession": self.possession(signer, item),
            "label": name,
        }
        event = self.add("add_key", item, data, by=f"{party} admin")
        self.actors[name] = Actor(signer, f"party/{party}", event.id)
        return event

    def possession(self, signer: Signer, item: str) -> str:
        """The proof that somebody holds a key that is registered on the chain `item`."""
        text = f"traceledger/key/v1\n{self.origin}\n{item}\n{signer.key.kid}\n"
        return encode_base64url(signer.sign(text.encode()))

    def _found(self, rules: int) -> None:
        root = make_signer("root")
        self.actors["root"] = Actor(root, "ledger", "")
        data = {
            "root_jwk": jwk(root.key),
            "possession": self.possession(root, "ledger"),
            "rules": rules,
        }
        event = self.add("found", "ledger", data, by="root")
        self.actors["root"] = Actor(root, "ledger", event.id)

    def first_actor(self, kind: str, item: str) -> str:
        """Returns an actor who may sign the next event of an item."""
        if kind == "void":
            head = getattr(self.replay.state(item), "head", "")
            kids = {actor.signer.key.kid: name for name, actor in self.actors.items()}
            return next((kids[one.kid] for one in self.events if one.id == head), "operator")
        names = {"root": "root", "admin": "plant admin", "*": "operator"}
        return next(names.get(role, role) for role in CATALOGUE[kind].roles)

    def bring(self, chain: str, item: str, state: str) -> str:
        """Brings an item from its first event to a state; returns it."""
        for kind, fields in STEPS[chain][state]:
            if kind == "take_apart":
                self.take_apart(item)
            elif kind == "use":
                self.unit(parts=(item,))
            elif kind == "confirm":
                self.confirm(item)
            else:
                self.add(kind, item, fields)
        return item

    def _new_id(self, form: str) -> str:
        self._things += 1
        return form.format(self._things)

    def _usual_period(self, book: str) -> dict[str, int]:
        """The period from a book's last confirmed report to now, which is then published."""
        state, size = self.replay.state(book), len(self.events)
        self.replay.publish(size)
        start = state.periods.end if isinstance(state, Goods) else 0
        return {"from_size": start or 1, "to_size": size}

    def _usual_refs(
        self, kind: str, item: str, data: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], ...]:
        line = LINE_IN if kind == "reimport" else LINE_OUT
        usual = {"book": BOOK, "declaration": line, "lot": WASTE, "target": item}
        wanted = [rule.name for rule in CATALOGUE[kind].refs if rule.count == "1"]
        if kind == "draw_lot":
            reasons = {"scrapped": ["lot"], "returned": ["declaration"], "short": []}
            wanted = reasons[data.get("reason", "short")]
        return tuple((name, usual[name]) for name in wanted if name in usual)

    def _ref(self, kind: str, name: str, item: str, event: str = "") -> DraftRef:
        rule = next((rule for rule in CATALOGUE[kind].refs if rule.name == name), None)
        state = self.replay.state(item)
        if not event and state is not None and rule is not None and rule.at != "none":
            event = state.first if rule.at == "first" else state.head
        return DraftRef(as_=name, item=item, event=event or msgspec.UNSET)


def make_signer(name: str) -> SoftwareSigner:
    """The Ed25519 key that belongs to a name in all tests."""
    return SoftwareSigner.from_seed(name.encode().ljust(32, b"."))


def jwk(key: PublicKey | Jwk) -> dict[str, str]:
    """A public key as plain JSON."""
    plain: dict[str, str] = msgspec.to_builtins(key.jwk if isinstance(key, PublicKey) else key)
    return plain
