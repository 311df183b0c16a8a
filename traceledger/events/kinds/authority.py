"""The ledger itself, its policy, its parties and their keys."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from traceledger.events.fields import (
    Code,
    Count,
    Country,
    Decimal,
    Email,
    EventId,
    Fraction,
    Gln,
    Latin,
    Phone,
    Possession,
    Prefix,
    Sha256,
    Short,
    Struct,
    Text,
    Web,
    customs,
    internal,
    public,
)
from traceledger.events.keys import Jwk
from traceledger.events.kind import kind
from traceledger.events.roles import Role

__all__ = ["AUTHORITY"]

_JWK = {"crv": "Ed25519", "kty": "OKP", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
_POSSESSION = "A" * 86
_CONTINUES = {"origin": "ledger.example/cq-0", "size": 18204, "root": "A" * 43}


class Continues(Struct, frozen=True, kw_only=True):
    """The last state of the ledger that this one continues."""

    origin: Code
    size: Count
    root: EventId


class Found(Struct, frozen=True, kw_only=True):
    """Founds a ledger and names its root key."""

    name: Annotated[Text, public("name of the ledger", "Liangjiang remanufacturing ledger")]
    log_vkey: Annotated[
        Text, public("the log's note key, for information", "l.example+0a1b2c3d+AQ")
    ]
    root_jwk: Annotated[Jwk, public("the root key", _JWK, fixed=True)]
    possession: Annotated[
        Possession, public("proof of possession of the root key", _POSSESSION, fixed=True)
    ]
    rules: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)], public("version of the rules", 1, fixed=True)
    ]
    continues: Annotated[Continues, public("the previous ledger", _CONTINUES)] | UnsetType = UNSET


class RotateRoot(Struct, frozen=True, kw_only=True):
    """Replaces the root key of the ledger."""

    root_jwk: Annotated[Jwk, public("the new root key", _JWK, fixed=True)]
    possession: Annotated[
        Possession, public("proof of possession of the new key", _POSSESSION, fixed=True)
    ]


class Rules(Struct, frozen=True, kw_only=True):
    """Raises the version of the rules that apply from then on."""

    version: Annotated[
        Annotated[int, Meta(ge=2, le=1_000)], public("version of the rules", 2, fixed=True)
    ]


class Dismiss(Struct, frozen=True, kw_only=True):
    """Dismisses a party and ends all its keys; what they signed before stays valid."""

    reason: Annotated[Text, public("reason", "contract ended")]


class DayLimit(Struct, frozen=True, kw_only=True):
    """The maximum number of days that goods of an account book may stay."""

    book: Code
    days: Annotated[int, Meta(ge=1, le=36_500)]


class YieldLimit(Struct, frozen=True, kw_only=True):
    """The plausible yield for a part number, as fractions of one."""

    part_no: Code
    low: Fraction
    high: Fraction


class Consumption(Struct, frozen=True, kw_only=True):
    """The declared consumption (单耗) of a new part by a unit.

    `net` is what a unit contains of it (净耗), in the unit of its lots; `loss` is the share of what
    leaves the lots that processing may lose (工艺损耗率), as a fraction of one.
    """

    part_no: Code
    new_part: Code
    net: Decimal
    loss: Fraction | UnsetType = UNSET


class Firmware(Struct, frozen=True, kw_only=True):
    """Software that is released for a part number: its version and the SHA-256 of its image."""

    part_no: Code
    version: Code
    image_sha256: Sha256


class Tolerances(Struct, frozen=True, kw_only=True):
    """Differences below which there is no finding, as fractions of one."""

    weight: Fraction | UnsetType = UNSET
    value: Fraction | UnsetType = UNSET
    mass: Fraction | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.weight is self.value is self.mass is UNSET:
            raise ValueError("name at least one of weight, value, mass")


class PolicyValues(Struct, frozen=True, kw_only=True):
    """Numbers and code lists for audits; reports name tolerances and times beyond the defaults."""

    zone_country: Country | UnsetType = UNSET
    mode_codes: Annotated[list[Code], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    max_days: Annotated[list[DayLimit], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    tolerances: Tolerances | UnsetType = UNSET
    process_loss: Fraction | UnsetType = UNSET
    yield_limits: Annotated[list[YieldLimit], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    consumption: Annotated[list[Consumption], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    firmware: Annotated[list[Firmware], Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    writeoff_days: Annotated[int, Meta(ge=1, le=3_650)] | UnsetType = UNSET
    late_hours: Annotated[int, Meta(ge=1, le=8_760)] | UnsetType = UNSET
    public_entries: bool | UnsetType = UNSET
    documents: Annotated[list[Short], Meta(min_length=1, max_length=64)] | UnsetType = UNSET


class SetPolicy(Struct, frozen=True, kw_only=True):
    """Sets the numbers and code lists that audits use from then on."""

    values: Annotated[PolicyValues, public("the values", {"zone_country": "CHN"}, fixed=True)]


_Roles = Annotated[list[Role], Meta(min_length=1, max_length=10)]


class Admit(Struct, frozen=True, kw_only=True):
    """Admits a party, or replaces the terms of its admission."""

    name: Annotated[Text, public("name of the party", "Yuxiang plant")]
    roles: Annotated[_Roles, public("what its keys may do", ["operator"], fixed=True)]
    prefixes: Annotated[
        Annotated[list[Prefix], Meta(max_length=64)],
        public("prefixes of the item ids that it may open", ["01/0952123"], fixed=True),
    ]
    admin_jwk: Annotated[Jwk, public("its admin key", _JWK, fixed=True)]
    possession: Annotated[
        Possession, public("proof of possession of the admin key", _POSSESSION, fixed=True)
    ]
    gln: Annotated[Gln, public("GS1 location number", "9521234000006")] | UnsetType = UNSET
    registration: (
        Annotated[Code, customs("customs registration number", "5002960ABC")] | UnsetType
    ) = UNSET


class Profile(Struct, frozen=True, kw_only=True):
    """A party states how it can be reached; a later profile replaces the whole earlier one."""

    name_latin: (
        Annotated[Latin, public("name in Latin letters", "Chongqing Yuxiang Reman Co., Ltd.")]
        | UnsetType
    ) = UNSET
    name_local: (
        Annotated[Text, public("name in its own script", "重庆雨翔智能科技有限公司")] | UnsetType
    ) = UNSET
    address: (
        Annotated[Text, public("postal address", "8 Yuxiang Road, Chongqing 401120, China")]
        | UnsetType
    ) = UNSET
    phone: Annotated[Phone, public("telephone", "+86 23 5550 0100")] | UnsetType = UNSET
    email: Annotated[Email, public("e-mail address", "service@yuxiang.example")] | UnsetType = UNSET
    web: Annotated[Web, public("web address", "https://yuxiang.example/")] | UnsetType = UNSET


class AddKey(Struct, frozen=True, kw_only=True):
    """Adds a key of the party for a station, laboratory or person."""

    jwk: Annotated[Jwk, public("the key", _JWK, fixed=True)]
    roles: Annotated[_Roles, public("what the key may do", ["operator"], fixed=True)]
    possession: Annotated[
        Possession, public("proof of possession of the key", _POSSESSION, fixed=True)
    ]
    label: Annotated[Short, internal("the party's name for it", "station 4")]


class RevokeKey(Struct, frozen=True, kw_only=True):
    """Revokes a key; what it signed before stays valid."""

    reason: Annotated[
        Literal["retired", "lost", "compromised"], public("reason", "lost", fixed=True)
    ]
    compromised_since: (
        Annotated[Count, public("first log index that is disputed", 4711, fixed=True)] | UnsetType
    ) = UNSET


AUTHORITY = (
    kind("found", Found, chains=("ledger",), by=("root",), position="first"),
    kind("rotate_root", RotateRoot, chains=("ledger",), by=("root",)),
    kind("rules", Rules, chains=("ledger",), by=("root",)),
    kind("set_policy", SetPolicy, chains=("policy",), by=("root",), position="any"),
    kind("admit", Admit, chains=("party",), by=("root",), position="any"),
    kind("profile", Profile, chains=("party",), by=("admin",)),
    kind("dismiss", Dismiss, chains=("party",), by=("root",)),
    kind("add_key", AddKey, chains=("key",), by=("admin",), position="first"),
    kind("revoke_key", RevokeKey, chains=("key",), by=("admin", "root")),
)
