"""The six part numbers of the shipment: their software, faults and test limits, all fictitious."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["LIMITS", "MODELS", "Fault", "Limit", "Model"]


class Limit(NamedTuple):
    """One measurement of the final test and its limits."""

    name: str
    unit: str
    low: Decimal
    high: Decimal


class Fault(NamedTuple):
    """A fault, and the part to replace; empty if the fault is resoldered."""

    what: str
    part: str = ""


class Model(NamedTuple):
    """The unit remanufactured from the cores of one part number, and its process data.

    `fits` are the part numbers that it replaces.
    """

    unit_part_no: str
    item_reference: int
    software: str
    new_software: str
    faults: tuple[Fault, ...]
    trouble_codes: tuple[str, ...]
    plan: str
    fits: tuple[str, ...]


LIMITS = (
    Limit("supply current", "A", Decimal("0.30"), Decimal("0.60")),
    Limit("standby current", "mA", Decimal("0.0"), Decimal("2.0")),
    Limit("CAN dominant voltage", "V", Decimal("1.50"), Decimal("3.00")),
    Limit("line pressure solenoid", "Ohm", Decimal("4.70"), Decimal("5.60")),
    Limit("oil temperature sensor", "kOhm", Decimal("3.33"), Decimal("3.71")),
    Limit("trouble codes after test", "1", Decimal(0), Decimal(0)),
)

MODELS = MappingProxyType(
    {
        "24261870": Model(
            "RM-24261870",
            54321,
            "24265053",
            "24277031",
            (
                Fault("cracked solder joint at connector pin 14"),
                Fault("open wire bond at solenoid driver"),
            ),
            ("U0073", "P0601"),
            "TP-6T40@5",
            ("24261870", "24259835", "24260498"),
        ),
        "0260550002": Model(
            "RM-0260550002",
            54322,
            "1037-504211",
            "1037-518302",
            (
                Fault("worn pressure sensor", "pressure sensor"),
                Fault("cracked solder joint at speed sensor"),
            ),
            ("P0717", "P0841"),
            "TP-6HP@3",
            ("0260550002", "0260550019"),
        ),
        "310361XF0A": Model(
            "RM-310361XF0A",
            54323,
            "31036-1XF0A",
            "31036-1XF0D",
            (Fault("capacitor out of tolerance", "capacitor"),),
            ("P0603", "P17F0"),
            "TP-CVT8@2",
            ("310361XF0A", "310361XF0B", "310361XF1A"),
        ),
        "AE8Z7Z369F": Model(
            "RM-AE8Z7Z369F",
            54324,
            "AE8P-14C204-BD",
            "AE8P-14C204-BK",
            (
                Fault("cracked solder joint at clutch motor driver"),
                Fault("failed clutch motor driver", "motor driver"),
            ),
            ("P0606", "U0101", "P0900"),
            "TP-DPS6@7",
            ("AE8Z7Z369F", "AE8Z7Z369G"),
        ),
        "8953033B40": Model(
            "RM-8953033B40",
            54325,
            "89530-33B40",
            "89530-33B42",
            (Fault("corroded connector pin", "connector"),),
            ("P0751",),
            "TP-U660@1",
            ("8953033B40",),
        ),
        "A0034460310": Model(
            "RM-A0034460310",
            54326,
            "A0034460310-09",
            "A0034460310-14",
            (
                Fault("failed speed sensor", "speed sensor"),
                Fault("open wire bond at speed sensor"),
            ),
            ("P0722", "P2767"),
            "TP-722.9@4",
            ("A0034460310", "A0034467810"),
        ),
    }
)
"""By the original manufacturer's part number, as in the manifest."""
