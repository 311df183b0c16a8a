"""Running the demo: a ledger directory, witnesses, a trust file and passports."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

from traceledger.audit.fold import AccountFold
from traceledger.audit.scope import Scope
from traceledger.errors import TraceledgerError, UsageError
from traceledger.events.encoding import decode_base64url, encode_base64url
from traceledger.files.durable import write_file
from traceledger.files.new_folder import new_folder
from traceledger.formats.note import NoteSigner, NoteVerifier
from traceledger.formats.policy import Policy, PolicyGroup, PolicyLog, PolicyWitness, format_policy
from traceledger.formats.trust import TrustFile, format_trust, parse_trust
from traceledger.formats.vkey import format_vkey
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.reading.witness_requests import make_request
from traceledger.manifests.declaration import read_declaration
from traceledger.manifests.manifest import read_manifest
from traceledger.planning.keys import LOG_KEY, ROOT_KEY
from traceledger.verify import Verdict, verify_passport
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.verify.archive.verdict import ArchiveVerdict
from traceledger.views.history import CUSTOMS, PUBLIC
from traceledger.views.rows import Search
from traceledger.witness.home import WitnessHome
from traceledger_cli.demo.cast import PASSPHRASE, WITNESSES, Cast
from traceledger_cli.demo.clock import Clock
from traceledger_cli.demo.fates import decide_fates
from traceledger_cli.demo.port_witness import Served, serve_witness
from traceledger_cli.demo.story import Story

__all__ = ["MAX_CORES", "MIN_CORES", "ORIGIN", "Outcome", "run_demo"]

ORIGIN = "ledger.example/cq-demo"
URL = "https://ledger.example"
MIN_CORES = 12
MAX_CORES = 1080


# A buyer's own trust file would require a day; a demo folder should still verify next month.
_MAX_AGE = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a demo run.

    `verdicts` are of the good passport, the recalled one and that of the second life, `tampered`
    is the error for a copy with one changed byte, `audited` the verdict on customs' archive and
    `account` the bonded account that was computed with it. `served` is what the port's witness did
    over HTTP, if it was served.
    """

    folder: Path
    story: Story
    events: int
    items: int
    keys: int
    checkpoints: int
    verdicts: tuple[Verdict, Verdict, Verdict]
    tampered: TraceledgerError
    audited: ArchiveVerdict
    account: dict[str, Any]
    served: Served | None
    seconds: float

    @property
    def ledger(self) -> Path:
        """The ledger's directory."""
        return self.folder / "ledger"

    @property
    def trust(self) -> Path:
        """The trust file."""
        return self.folder / "trust.json"

    @property
    def passport(self) -> Path:
        """The passport of a good unit."""
        return self.folder / "passport.json"

    @property
    def recalled(self) -> Path:
        """The passport of the recalled unit."""
        return self.folder / "recalled.json"

    @property
    def second_life(self) -> Path:
        """The passport of the unit built from one that came back."""
        return self.folder / "second-life.json"

    @property
    def archive(self) -> Path:
        """The whole ledger, as exported for customs."""
        return self.folder / "archive"

    @property
    def damaged(self) -> Path:
        """The copy of the good passport with one changed byte."""
        return self.folder / "tampered.json"


def run_demo(
    folder: Path,
    *,
    seed: int,
    cores: int,
    progress: Callable[[int], None],
    store: str = "",
    serve: bool = False,
    now: Callable[[], float] = time.time,
) -> Outcome:
    """Runs the demo in a new folder; `progress` receives the number of events in each request.

    The folder appears once the demo is complete. `store` is the address of a database for the
    events, empty for a file in the folder. With `serve`, the port's witness is a program that the
    log asks over HTTP. Raises ConflictError `demo.exists` for a folder that is not empty,
    UsageError `demo.cores`, and the errors of `serve_witness`.
    """
    if not MIN_CORES <= cores <= MAX_CORES:
        raise UsageError("demo.cores", f"{cores} cores given, {MIN_CORES} to {MAX_CORES} allowed")
    with new_folder(folder, "demo.exists") as place:
        outcome = _run(
            place, seed=seed, cores=cores, progress=progress, store=store, serve=serve, now=now
        )
    return replace(outcome, folder=folder)


def _run(
    folder: Path,
    *,
    seed: int,
    cores: int,
    progress: Callable[[int], None],
    store: str,
    serve: bool,
    now: Callable[[], float],
) -> Outcome:
    started = time.monotonic()
    cast = Cast(seed, folder / "keys")
    home = Home.create(folder / "ledger", ORIGIN, URL, store)
    home.keys.add(LOG_KEY, cast.signer("ledger", "log"), PASSPHRASE)
    home.keys.add(ROOT_KEY, cast.signer("ledger", "root"), PASSPHRASE)
    cast.write_keys()
    passphrase = folder / "passphrase"
    write_file(passphrase, PASSPHRASE + b"\n", mode=0o600)
    log = NoteSigner(ORIGIN, cast.signer("ledger", "log"))
    offices = _found_witnesses(cast, log.verifier, folder / "witnesses")

    random = Random(seed)
    fates = decide_fates(read_manifest(_data("manifest-1080-tcm.csv")).rows[:cores], random)
    clock = Clock()
    ledger = home.write(clock, PASSPHRASE)
    try:
        story = Story(home, ledger, clock, cast, random, fates, progress)
        declared = read_declaration(_data("declaration-inbound.csv")).rows
        served: Served | None = None
        if serve:
            port = PolicyWitness("port", cast.cosigner("port").verifier)
            with serve_witness(offices["port"].path, passphrase, port, ORIGIN) as witness:
                story.on_published = lambda: witness.cosign(ledger, log)
                story.play(declared, format_vkey(log.verifier))
                served = Served(witness.checkpoints, witness.show_fork(ledger, log))
        else:
            story.play(declared, format_vkey(log.verifier))
        _ask_witnesses(ledger, cast, offices, int(now()))
        home.copy_checkpoint(ledger)
        trust = _trust(ledger, cast, log.verifier)
        write_file(folder / "trust.json", trust)
        good = build_passport(ledger, story.good.unit, PUBLIC)
        recalled = build_passport(ledger, story.recalled.unit, PUBLIC)
        second = build_passport(ledger, story.second.unit, PUBLIC)
        changed = _change_one_byte(good)
        for name, data in (
            ("passport.json", good),
            ("recalled.json", recalled),
            ("second-life.json", second),
            ("tampered.json", changed),
        ):
            write_file(folder / name, data)
        export_archive(ledger, folder / "archive", CUSTOMS, trust=trust)
        verified_at = int(now())
        trusted = parse_trust(trust)
        account = AccountFold(Scope(), trusted.customs)
        audited = verify_archive(
            FolderSource(folder / "archive"),
            trusted,
            now=verified_at,
            workers=1,
            folds={"account": account},
        )
        return Outcome(
            folder=folder,
            story=story,
            events=ledger.size - sum(1 for _ in ledger.checkpoints()),
            items=ledger.count_items(),
            keys=len(ledger.search(Search(chain="key"))),
            checkpoints=sum(1 for _ in ledger.checkpoints()),
            verdicts=(
                verify_passport(good, trust, story.good.unit, now=verified_at),
                verify_passport(recalled, trust, story.recalled.unit, now=verified_at),
                verify_passport(second, trust, story.second.unit, now=verified_at),
            ),
            tampered=_refusal(changed, trust, story.good.unit, verified_at),
            audited=audited,
            account=account.finish(),
            served=served,
            seconds=time.monotonic() - started,
        )
    finally:
        ledger.close()


def _data(name: str) -> bytes:
    return (resources.files("traceledger_cli.demo") / "data" / name).read_bytes()


def _found_witnesses(cast: Cast, log: NoteVerifier, folder: Path) -> dict[str, WitnessHome]:
    return {
        name: WitnessHome.create(
            folder / name, key_name, log, cast.signer("witness", name), PASSPHRASE
        )
        for name, key_name in WITNESSES.items()
    }


def _ask_witnesses(
    ledger: Ledger, cast: Cast, offices: Mapping[str, WitnessHome], now: int
) -> None:
    """Has both witnesses cosign the latest checkpoint; customs' witness replays every entry."""
    verifiers = [cast.cosigner(name).verifier for name in WITNESSES]
    for name, home in offices.items():
        witness = home.witness(PASSPHRASE)
        request = make_request(ledger, witness.size())
        if name == "customs":
            entries = ledger.read_bodies(0, ledger.size)
            answer = witness.cosign_replayed(request, entries, now)
        else:
            answer = witness.cosign(request, now)
        home.publish(request, answer)
        ledger.accept_answer(answer, verifiers)


def _trust(ledger: Ledger, cast: Cast, log_key: NoteVerifier) -> bytes:
    policy = Policy(
        logs=(PolicyLog(log_key),),
        witnesses=tuple(PolicyWitness(name, cast.cosigner(name).verifier) for name in WITNESSES),
        groups=(PolicyGroup("outside", len(WITNESSES), tuple(WITNESSES)),),
        quorum="outside",
    )
    text = format_policy(policy)
    return format_trust(
        TrustFile(
            origin=ORIGIN,
            founding=ledger.founding,
            policy_text=text.decode(),
            policy=policy,
            customs=(ledger.heads(["party/customs"])["party/customs"].first,),
            items=("01/0952123", "8004/9521234"),
            max_age=_MAX_AGE,
            replayed_by="customs",
        )
    )


def _change_one_byte(passport: bytes) -> bytes:
    """Changes one digit of a measured value: the smallest useful forgery."""
    for match in re.finditer(rb"\.([A-Za-z0-9_-]+)\.", passport):
        payload = decode_base64url(match[1])
        if b'"kind":"test"' not in payload:
            continue
        for place in (value.end() for value in re.finditer(rb'"value":"', payload)):
            for digit in b"123456789":
                forged = payload[:place] + bytes([digit]) + payload[place + 1 :]
                text = encode_base64url(forged).encode()
                if sum(a != b for a, b in zip(text, match[1], strict=True)) == 1:
                    return passport[: match.start(1)] + text + passport[match.end(1) :]
    raise AssertionError("no measured value can be changed by one byte")


def _refusal(passport: bytes, trust: bytes, item: str, now: int) -> TraceledgerError:
    try:
        verify_passport(passport, trust, item, now=now)
    except TraceledgerError as error:
        return error
    raise AssertionError("a passport with a changed byte was accepted")
