"""What buyers read beyond the life cycle: profiles of parties, notes on products, photos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.passports import Log, change_chain, change_wire
from tests.vectors.case import Case, ahead, packed, reforged, refused, verified
from tests.world import World, jwk, make_signer
from traceledger.events.catalogue import CATALOGUE
from traceledger.events.disclosure import split_wire
from traceledger.events.encoding import encode_base64url
from traceledger.merkle.hashing import leaf_hash

__all__ = ["details"]

_PHONE = {"phone": "+1 330 555 0100"}


def details() -> Iterator[Case]:
    """All of them."""
    yield from _good_profiles()
    yield from _profiles_without_authority()
    yield from _hostile_profiles()
    yield from _notes_and_photos()


def _good_profiles() -> Iterator[Case]:
    log, unit, _ = packed()
    everything = {name: field.example for name, field in CATALOGUE["profile"].fields.items()}
    log.add("profile", "party/plant", everything, by="plant admin")
    desc = "The maker has a profile; no position is proven for it."
    yield verified("good-profile", desc, log, unit)
    log.add("profile", "party/plant", _PHONE, by="plant admin")
    yield verified("good-profile-renewed", "The later profile replaces all fields.", log, unit)
    log.add("profile", "party/plant", by="plant admin")
    yield verified("good-profile-withdrawn", "The latest profile has no field.", log, unit)
    log, unit, _ = packed()
    log.add("profile", "party/plant", {"address": "Ж" * 500}, by="plant admin")
    signer, item = make_signer("plant second admin"), "party/plant"
    admission = {
        "name": "Plant",
        "roles": ["operator", "quality", "approver"],
        "prefixes": ["01/0952123", "8004/9521234"],
        "admin_jwk": jwk(signer.key),
        "possession": log.world.possession(signer, item),
    }
    log.add("admit", item, admission, by="root")
    desc = "The maker was admitted again after its profile, whose position is proven."
    yield verified("good-profile-before-admission", desc, log, unit)


def _profiles_without_authority() -> Iterator[Case]:
    # Parties are judged by ascending id and before keys, so that later ones are unknown still.
    for by, code in {
        "root": "key.role",
        "carrier admin": "key.role",
        "operator": "key.unknown",
        "rival admin": "key.unknown",
    }.items():
        world = World()
        unit = world.unit("PACKED")
        world.admit("rival", ("operator",))
        log = Log(world)
        log.add("profile", "party/plant", _PHONE, by=by)
        name, desc = (
            f"profile-by-{by.replace(' ', '-')}",
            "Only the party's own admin key signs it.",
        )
        yield refused(name, desc, code, log, unit, ahead(log, "party/plant"))
    log, unit, _ = packed()
    log.add("dismiss", "party/plant", by="root")
    log.add("profile", "party/plant", _PHONE, by="plant admin")
    desc = "The party was dismissed before."
    place = ahead(log, "party/plant")
    yield refused("profile-after-dismissal", desc, "key.ended", log, unit, place)
    log, unit, _ = packed()
    log.add("profile", "party/plant", _PHONE, by="plant admin")
    passport = log.passport(unit)
    (shown,) = (chain for chain in passport.chains if chain.item == "party/plant")
    desc = "The profile is not in the passport."
    cut = change_chain(passport, "party/plant", events=shown.events[:-1])
    place = ("party/plant", log.chain("party/plant")[-2].id)
    yield refused("profile-hidden", desc, "map.proof", log, unit, place, passport=cut)


_HOSTILE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("direction", "It reverses the direction of text.", {"name_local": "Plant\u202e.dtL"}),
    ("lookalike", "A Cyrillic letter in a Latin name.", {"name_latin": "Pl\u0430nt"}),
    ("markup", "Markup in an address of the web.", {"web": "https://plant.example/<script>"}),
    ("scheme", "An address that is a program.", {"web": "javascript:alert(1)"}),
    ("user", "The host is not what it seems.", {"web": "https://plant.example@evil.example/"}),
    ("headers", "An e-mail address with headers.", {"email": "a@plant.example?bcc=b"}),
    ("digits", "Digits of another script.", {"phone": "+86 \u0662\u0663 5550"}),
    ("long", "501 characters.", {"address": "x" * 501}),
    ("empty", "An empty text.", {"address": ""}),
    ("unknown", "A field that profiles do not have.", {"fax": "+1 330 555 0100"}),
)


def _hostile_profiles() -> Iterator[Case]:
    log, unit, _ = packed()
    log.add("profile", "party/plant", by="plant admin")
    for name, desc, data in _HOSTILE:
        yield _forged(f"profile-{name}", desc, log, unit, "party/plant", "plant admin", data)


_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_PHOTO = {"shows": "seal", "sha256": _SHA256, "media_type": "image/jpeg"}
_MANUAL = {"url": "https://plant.example/a.pdf", "sha256": _SHA256}
_NOTES: dict[str, Any] = {
    "fits": ["24261870", "24259835"],
    "installation": [
        {"text": "Program it to the vehicle before driving.", "lang": "en"},
        {"text": "装车前须编程。", "lang": "zh-CN"},
        {"text": "W" * 500},
        {"text": "🔧🚘 <b>&amp;</b>"},
    ],
    "document": _MANUAL | {"title": "Fitting"},
    "warranty": {"months": 24, "km": 40_000, "claim": "Ask your seller.", "proof": "the invoice"},
}
_PHOTOS = [_PHOTO | {"url": "https://plant.example/seal.jpg"}, _PHOTO | {"shows": "label"}]

_HOSTILE_NOTES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("fits-nothing", "An empty list.", {"fits": []}),
    ("fits-too-much", "65 part numbers.", {"fits": [f"A{n}" for n in range(65)]}),
    ("fits-markup", "No code: a line end.", {"fits": ["24261870\n"]}),
    ("note-hidden", "A hidden character.", {"installation": [{"text": "a\u200bb"}]}),
    ("note-direction", "It reverses text.", {"installation": [{"text": "a\u202eb"}]}),
    ("note-long", "501 characters.", {"installation": [{"text": "x" * 501}]}),
    ("note-language", "No language tag.", {"installation": [{"text": "a", "lang": "<b>"}]}),
    ("notes-too-many", "Nine notes.", {"installation": [{"text": "a"}] * 9}),
    ("document-scheme", "No https.", {"document": _MANUAL | {"url": "data:text/html,a"}}),
    ("document-unproven", "No SHA-256.", {"document": {"url": "https://plant.example/a.pdf"}}),
    ("warranty-unknown", "An unknown member.", {"warranty": {"months": 24, "miles": 9}}),
    ("warranty-empty", "An empty text.", {"warranty": {"months": 24, "claim": ""}}),
)
_HOSTILE_PHOTOS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("photo-svg", "A format that may contain programs.", _PHOTO | {"media_type": "image/svg+xml"}),
    ("photo-of-the-buyer", "It shows something else.", _PHOTO | {"shows": "buyer"}),
    ("photo-http", "No https.", _PHOTO | {"url": "http://plant.example/a.jpg"}),
    ("photo-unproven", "No SHA-256.", {"shows": "seal", "media_type": "image/jpeg"}),
)


def _notes_and_photos() -> Iterator[Case]:
    log, unit, _ = packed()
    trust = log.trust(verifier="https://xn--fiqs8s.example:8443/check/?a#b")
    desc = "The trust file names a verifier that is not the ledger's."
    yield verified("good-trust-with-verifier", desc, log, unit, trust=trust)
    world = World()
    unit = world.unit("TESTED")
    world.add("approve", unit, _NOTES)
    log = Log(world)
    desc = "Notes on the product; markup and emoji are text."
    yield verified("good-notes", desc, log, unit)
    for name, desc, data in _HOSTILE_NOTES:
        yield _forged(name, desc, log, unit, unit, "approver", data)
    world.add("pack", unit, {"photos": _PHOTOS})
    log = Log(world)
    yield verified("good-photos", "Photos, one of them without an address.", log, unit)
    for name, desc, photo in _HOSTILE_PHOTOS:
        yield _forged(name, desc, log, unit, unit, "operator", {"photos": [photo]})
    photos = {"photos": [_PHOTO] * 9}
    yield _forged("photos-too-many", "Nine photos.", log, unit, unit, "operator", photos)


def _forged(  # noqa: PLR0917 - read as a row of a table
    name: str, desc: str, log: Log, unit: str, item: str, by: str, data: dict[str, Any]
) -> Case:
    """The passport of the unit, refused for these fields in the last event of a chain."""
    passport = log.passport(unit)
    (shown,) = (chain for chain in passport.chains if chain.item == item)
    wire = reforged(
        shown.events[-1], log.actors[by].signer, lambda claims: claims["data"].update(data)
    )
    place = (item, encode_base64url(leaf_hash(split_wire(wire)[0])))
    changed = change_wire(passport, item, len(shown.events) - 1, wire)
    return refused(name, desc, "event.field", log, unit, place, passport=changed)
