"""Strangers' text on a terminal: it neither controls the terminal nor reorders a line."""

from __future__ import annotations

import itertools
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.plant import CORE, ROLES, UNIT, Plant, cosign
from traceledger_cli.texts.terminal import for_terminal, style

HEBREW, ARABIC = "מפעל", "مصنع"
REORDERING = {"R", "AL", "AN"}


def outside(text: str) -> str:
    """Returns what is not inside an isolate."""
    return "".join(part.rpartition("\u2069")[2] for part in text.split("\u2068"))


@given(st.text(alphabet=st.sampled_from(f"{HEBREW}{ARABIC}٣aZm0 .,;:'\"-/()[]\n\u202e\x1b’")))
def test_nothing_outside_an_isolate_can_reorder_a_line(text: str) -> None:
    """A name must not move the state or a date beside it to another place."""
    shown = for_terminal(text, "utf-8")
    assert not {unicodedata.bidirectional(one) for one in outside(shown)} & REORDERING
    assert shown.count("\u2068") == shown.count("\u2069")
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@given(st.text("m[0;8", max_size=9), st.text("\x1b\x9b[0;8mx"))
def test_no_text_of_strangers_sets_a_style(before: str, text: str) -> None:
    """A reason that hides or colours what follows it would change what a verdict says."""
    shown = for_terminal(f"{style(before, bold=True)}{text}", "utf-8")
    assert shown.removeprefix("\x1b[1m").replace("\x1b[0m", "", 1).isprintable()


def test_every_character_that_reorders_is_covered() -> None:
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        if character.isprintable() and unicodedata.bidirectional(character) in REORDERING:
            assert for_terminal(character, "utf-8") == f"\u2068{character}\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{HEBREW} {HEBREW} 05", f"\u2068{HEBREW} {HEBREW}\u2069 05"),
        (f"campaign {ARABIC}, severity low", f"campaign \u2068{ARABIC}\u2069, severity low"),
        (f"{HEBREW}, {ARABIC}", f"\u2068{HEBREW}\u2069, \u2068{ARABIC}\u2069"),
        (f"{HEBREW}  {ARABIC}", f"\u2068{HEBREW}\u2069  \u2068{ARABIC}\u2069"),
        ("\x1b[1m北京\x1b[0m\ta\nb", "\\u001b[1m北京\\u001b[0m\ta\nb"),
        (style("北京", bold=True, fg="red"), "\x1b[31m\x1b[1m北京\x1b[0m"),
        (style("a\x1b[8mb", bold=True), "\x1b[1ma\\u001b[8mb\x1b[0m"),
        (style(f"a{style('b', dim=True)}", bold=True), "\x1b[1ma\x1b[2mb\x1b[0m\x1b[0m"),
        ("\x1b[2J\x07é", "\\u001b[2J\\u0007é"),
    ],
    ids=map(str, itertools.count()),  # the texts have the random number of this process
)
def test_values_are_isolated_from_each_other(text: str, shown: str) -> None:
    assert for_terminal(text, "utf-8") == shown


@pytest.mark.parametrize("encoding", ["cp1255", "iso-8859-6", "ascii", "gbk", "no-such"])
def test_escaped_where_the_encoding_cannot_isolate(encoding: str) -> None:
    assert for_terminal("אב 1", encoding) == "\\u05d0\\u05d1 1"


NAME, CONTACT, REASON, PART_NO, CAMPAIGN = "مصنع الخليج", "חנות", "טעות", "חלק-7", "קריאה"


def isolated(text: str) -> str:
    return f"\u2068{text}\u2069"


def commands(plant: Plant) -> Iterator[tuple[tuple[str, ...], int, tuple[str, ...]]]:
    """Yields commands, their exit codes and the texts of strangers that they print."""
    passport, trust = plant.path("דרכון.json"), plant.path("trust.json")
    verify = ("verify", passport, "--trust", trust, "--item")
    yield (*verify, UNIT), 0, (NAME, CONTACT, CAMPAIGN)
    yield (*verify, CORE), 3, ()
    yield (*verify[:1], plant.path("חסר.json"), *verify[2:], UNIT), 5, ("חסר",)
    label = plant.path("label.png")
    plant.run("label", UNIT, "-o", label)
    yield ("scan", label, "--trust", trust, "--passport", passport), 0, (NAME, CONTACT)
    yield ("show", UNIT), 0, (CONTACT, CAMPAIGN, "חלק")
    yield ("show", "--part-no", PART_NO), 0, ("חלק",)
    yield ("history", UNIT), 0, (CONTACT, REASON)
    yield ("lineage", UNIT), 0, ("חלק",)
    yield ("party", "list"), 0, (NAME,)
    yield ("party", "show", "plant"), 0, (NAME,)
    recall = ("recall", "--where", f"part_no={PART_NO}", "--campaign", "RC-9", "--criteria", REASON)
    more = ("--severity", "low", "--action", "return", "--contact", CONTACT, "--key", "release")
    yield (*recall, *more, "--dry-run"), 0, ("חלק",)
    yield ("show", f"x/{REASON}"), 2, (REASON,)
    yield ("release", UNIT, "--campaign", REASON, "--key", "release", "--yes"), 0, (REASON,)


def test_every_command_isolates_the_text_of_strangers(watched: Plant) -> None:
    """A name, contact, reason or number could move the state or severity beside it."""
    plant = watched
    plant.run("key", "new", "next-admin")
    plant.run(
        *("party", "admit", "plant", "--name", NAME, "--roles", ",".join(ROLES.values())),
        *("--prefix", "01/0952123", "--prefix", "8004/9521234", "--prefix", "book/"),
        *("--prefix", "decl/", "--admin", plant.path("keys/next-admin")),
    )
    assemble = next(
        event["event"]
        for event in plant.json("history", UNIT)["events"]
        if event["kind"] == "assemble"
    )
    plant.event(
        *("correct", UNIT, "--target", assemble, "--reason", REASON, "--key", "station"),
        *("--set-public", f'{{"part_no": "{PART_NO}"}}'),
    )
    plant.run(
        *("recall", UNIT, "--campaign", CAMPAIGN, "--criteria", "batch", "--severity", "high"),
        *("--action", "stop_use", "--contact", CONTACT, "--key", "release", "--yes"),
    )
    since = int(plant.json("checkpoint", "--dry-run")["size"])
    plant.run("checkpoint")
    cosign(plant, since=since)
    plant.run("passport", UNIT, "-o", plant.path("דרכון.json"))
    for command, code, texts in commands(plant):
        shown = plant.run(*command, code=code).output
        for text in texts:
            assert isolated(text) in shown, (command, shown)
        assert not {unicodedata.bidirectional(one) for one in outside(shown)} & REORDERING
        assert "\u2068" not in plant.run(*command, "--json", code=code).stdout
