"""A log that asks the witnesses of its policy by itself."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.api.in_process import InProcess
from tests.api.site import NOW, PASSPHRASE, make_home, problem_of, running
from tests.ledger.bench import LOG
from tests.plain_server import serving_files
from tests.world import ORIGIN, World, make_signer
from traceledger.errors import RemoteError, StorageError, TraceledgerError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.checkpoint import Checkpoint, sign_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import NoteSigner, format_signatures, parse_note
from traceledger.formats.policy import PolicyWitness, parse_policy
from traceledger.formats.problem import format_problem
from traceledger.formats.trust import TrustFile, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.formats.witness import format_monitoring_path, parse_request
from traceledger.ledger.cosigning import (
    AskedWitness,
    Cosigning,
    Reply,
    WitnessConnection,
    ask_witness,
)
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.witness.home import WitnessHome
from traceledger_api.app import create_app, open_context
from traceledger_api.cosigning import ask_witnesses
from traceledger_api.gate import Gate
from traceledger_api.limits import Limits
from traceledger_api.witness_site import create_witness_app

WAIT = 20.0


class Watched:
    """A ledger's folder and a witness of its log, which is served in this process."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.home: Home = make_home(folder / "ledger", self.world)
        signer = make_signer("witness")
        self.office = WitnessHome.create(
            folder / "witness", "witness.example/w1", LOG.verifier, signer, PASSPHRASE
        )
        assert isinstance(signer, SoftwareSigner)
        self.witness = PolicyWitness("w", Cosigner("witness.example/w1", signer).verifier)
        self.fed = len(self.world.wires)
        self.olds: list[int] = []
        self.away: TraceledgerError | None = None
        self.forged: Reply | None = None
        self.connection = WitnessConnection(self.submit, self.monitor)
        self.shown = Reply(404, "text/plain", b"")
        self.now = NOW

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        app = create_witness_app(
            self.office,
            self.office.witness(PASSPHRASE),
            fetch=None,
            clock=lambda: self.now,
            limits=Limits(rate=0),
        )
        with InProcess(app, "https://witness.example", "127.0.0.1") as self.client:
            yield

    def monitor(self) -> Reply:
        return self.shown

    def ask(self, ledger: Ledger, connection: WitnessConnection | None = None) -> AskedWitness:
        return ask_witness(ledger, self.witness, connection or self.connection, [LOG.verifier], 0)

    def sign(self, size: int, *, by: NoteSigner = LOG) -> Reply:
        """A checkpoint of that size, as the monitoring path of a witness shows it."""
        note = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), [by])
        return Reply(200, "text/plain", note)

    def submit(self, body: bytes) -> Reply:
        if self.away is not None:
            raise self.away
        if self.forged is not None:
            return self.forged
        self.olds.append(parse_request(body).old)
        answer = self.client.request("POST", "/add-checkpoint", content=body)
        return Reply(answer.status_code, answer.headers["content-type"], answer.content)

    def open(self) -> contextlib.closing[Ledger]:
        return contextlib.closing(self.home.open_for_cosignatures(lambda: float(NOW)))

    def grow(self) -> int:
        self.world.core("ACCEPTED")
        with contextlib.closing(self.home.write(lambda: float(NOW), PASSPHRASE)) as ledger:
            ledger.append(self.world.wires[self.fed :])
            self.fed = len(self.world.wires)
            self.home.publish(ledger)
            return ledger.size


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    with watched.serving():
        yield watched


def signers(ledger: Ledger) -> list[str]:
    return [line.name for line in parse_note(ledger.checkpoint()).signatures]


def test_log_learns_the_size_of_the_witness_and_keeps_its_line(watched: Watched) -> None:
    with watched.open() as ledger:
        first = watched.ask(ledger)
        assert (first.size, first.time, first.error) == (ledger.size, NOW, None)
        assert signers(ledger) == [ORIGIN, "witness.example/w1"]
        watched.now += 60
        again = watched.ask(ledger)
        assert (again.size, again.time) == (ledger.size, NOW + 60)
        assert watched.olds == [0, 0, ledger.size]
        assert signers(ledger) == [ORIGIN, "witness.example/w1"]


def test_witness_that_answers_with_many_lines_adds_one(watched: Watched) -> None:
    """A second line ended the thread that asks this witness, and each was kept for ever."""
    with watched.open() as ledger:
        text = parse_note(ledger.checkpoint()).text
        signer = make_signer("witness")
        assert isinstance(signer, SoftwareSigner)
        own = Cosigner("witness.example/w1", signer)
        lines = [cosign(text, NOW + second, own) for second in (1, 3, 2)]
        watched.forged = Reply(200, "text/plain", format_signatures(lines))
        state = watched.ask(ledger)
        assert (state.size, state.time) == (ledger.size, NOW + 3)
        assert signers(ledger) == [ORIGIN, "witness.example/w1"]


def problem(error: TraceledgerError) -> bytes:
    return format_problem(error, base="", request_id="r")


@pytest.mark.parametrize(
    ("reply", "code", "text"),
    [
        (Reply(409, "text/x.tlog.size", b"1000000\n"), "witness.unproven", "1,000,000"),
        (Reply(409, "text/x.tlog.size", b"many\n"), "remote.answer", "many"),
        (Reply(409, "text/plain", b"no"), "witness.refused", "status 409: no"),
        (Reply(403, "text/plain", b"who?\x1b[2J\n"), "witness.refused", "status 403: who?"),
        (Reply(422, "", problem(RemoteError("log.illegal", "bad"))), "witness.refused", "illegal"),
        (Reply(200, "text/plain", b"thanks"), "note.form", "newline"),
    ],
)
def test_answer_without_a_cosignature_is_reported(
    watched: Watched, reply: Reply, code: str, text: str
) -> None:
    with watched.open() as ledger:
        with pytest.raises(TraceledgerError) as caught:
            watched.ask(ledger, WitnessConnection(lambda _body: reply, watched.monitor))
        assert caught.value.code == code
        assert text in caught.value.message
        assert "\x1b" not in caught.value.message
        assert signers(ledger) == [ORIGIN]


def test_witness_that_never_agrees_on_a_size_is_not_asked_forever(watched: Watched) -> None:
    sizes = iter(range(1, 100))

    def post(_body: bytes) -> Reply:
        return Reply(409, "text/x.tlog.size", b"%d\n" % next(sizes))

    with watched.open() as ledger, pytest.raises(RemoteError, match="409"):
        watched.ask(ledger, WitnessConnection(post, watched.monitor))
    assert next(sizes) == 4


class Asked:
    """The states that a log reports of its witness."""

    def __init__(self) -> None:
        self.states: list[AskedWitness] = []
        self._news = threading.Condition()

    def add(self, state: AskedWitness) -> None:
        with self._news:
            self.states.append(state)
            self._news.notify_all()

    def wait(self, done: Callable[[list[AskedWitness]], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: done(self.states), WAIT), self.states


@contextlib.contextmanager
def asking(
    watched: Watched,
    again: float = 240.0,
    open_ledger: Callable[[], contextlib.closing[Ledger]] | None = None,
) -> Iterator[tuple[Cosigning, Asked]]:
    asked = Asked()
    cosigning = Cosigning(
        [(watched.witness, watched.connection)],
        log_keys=[LOG.verifier],
        open_ledger=open_ledger or watched.open,
        on_asked=asked.add,
        again=again,
    )
    cosigning.start()
    try:
        yield cosigning, asked
    finally:
        cosigning.stop()


def test_new_checkpoints_are_cosigned_and_unchanged_ones_again(watched: Watched) -> None:
    with asking(watched) as (cosigning, asked):
        asked.wait(lambda states: len(states) == 1)
        size = watched.grow()
        cosigning.update(size)
        asked.wait(lambda states: states[-1].size == size)
        assert cosigning.states[0].size == size
        cosigning.check()
    with asking(watched, again=0.05) as (_, asked):
        asked.wait(lambda states: len(states) >= 3)
    assert {state.size for state in asked.states} == {size}


def test_witness_that_is_away_delays_nothing_and_is_asked_again(watched: Watched) -> None:
    watched.away = RemoteError("remote.unreachable", "no route")
    with asking(watched) as (cosigning, asked):
        asked.wait(bool)
        assert asked.states[0].error is watched.away
        cosigning.update(watched.grow())
        cosigning.check()
        watched.away = None
        asked.wait(lambda states: states[-1].error is None)


def test_log_that_is_behind_its_witness_publishes_nothing(watched: Watched) -> None:
    """A restored older copy would sign a second history (`docs/guide/backup.md`)."""
    watched.forged = Reply(409, "text/x.tlog.size", b"1000000\n")
    watched.shown = watched.sign(999_999)
    with asking(watched) as (cosigning, asked):
        asked.wait(bool)
        watched.forged, watched.away = None, RemoteError("remote.unreachable", "no route")
        asked.wait(lambda states: states[-1].error is watched.away)
        with pytest.raises(TraceledgerError, match="999,999") as caught:
            cosigning.check()
        assert cosigning.contradiction == watched.shown.body
    assert caught.value.code == "witness.ahead"


def test_witness_that_shows_what_was_published_meanwhile_does_not_stop_the_log(
    watched: Watched,
) -> None:
    """A witness could otherwise wait with its answer and then return the log's own checkpoint."""
    watched.forged = Reply(409, "text/x.tlog.size", b"1000000\n")

    def publish_first() -> Reply:
        watched.grow()
        with watched.open() as ledger:
            return Reply(200, "text/plain", ledger.checkpoint())

    with watched.open() as ledger, pytest.raises(RemoteError) as caught:
        watched.ask(ledger, WitnessConnection(watched.submit, publish_first))
    assert caught.value.code == "witness.unproven"


def test_log_put_back_learns_from_its_witness_that_it_is_behind(watched: Watched) -> None:
    """The size that the witness cosigned is larger than anything that is left to prove from."""
    watched.forged = Reply(409, "text/x.tlog.size", b"1000000\n")
    watched.shown = watched.sign(1_000_000)
    with watched.open() as ledger, pytest.raises(TraceledgerError) as caught:
        ask_witness(ledger, watched.witness, watched.connection, [LOG.verifier], 1_000_000)
    assert caught.value.code == "witness.ahead"


def test_ledger_that_cannot_be_opened_at_first_is_opened_later(watched: Watched) -> None:
    """A witness would otherwise not be asked again until the next start."""
    failures = iter([StorageError("store.connect", "no route")])

    def open_ledger() -> contextlib.closing[Ledger]:
        for error in failures:
            raise error
        return watched.open()

    with asking(watched, open_ledger=open_ledger) as (cosigning, asked):
        asked.wait(lambda states: states[-1].error is None)
        assert asked.states[0].error is not None
        cosigning.check()


def test_log_that_grew_beyond_the_size_where_it_forked_is_stopped(watched: Watched) -> None:
    """Put back before it was compared, it is now larger than what the witness cosigned."""
    with watched.open() as ledger:
        grown = ledger.size
    own = watched.home.published.read_bytes()
    watched.grow()
    watched.forged = Reply(422, "text/plain", b"merkle.proof")
    watched.shown = Reply(200, "text/plain", own)
    with watched.open() as ledger, pytest.raises(RemoteError, match="422"):
        watched.ask(ledger)
    watched.shown = watched.sign(grown)
    kept: list[bytes] = []
    with watched.open() as ledger, pytest.raises(StorageError, match="another tree") as caught:
        ask_witness(
            ledger,
            watched.witness,
            watched.connection,
            [LOG.verifier],
            0,
            keep=lambda _error, note: kept.append(note),
        )
    assert caught.value.code == "witness.ahead"
    assert kept == [watched.shown.body]


def test_log_is_compared_before_it_may_sign_and_stopped_without_a_disk(watched: Watched) -> None:
    """The evidence of a rolled-back machine may find its disk full."""
    watched.shown = watched.sign(999_999)
    answering = threading.Event()

    def submit(_body: bytes) -> Reply:
        answering.wait(WAIT)
        raise RemoteError("remote.unreachable", "no route")

    def keep(_note: bytes) -> None:
        raise StorageError("store.write", "no space left on device")

    cosigning = Cosigning(
        [(watched.witness, WitnessConnection(submit, watched.monitor))],
        log_keys=[LOG.verifier],
        open_ledger=watched.open,
        on_asked=lambda _state: None,
        keep=keep,
    )
    cosigning.start()
    with pytest.raises(StorageError) as caught:
        cosigning.check()
    assert caught.value.code == "witness.ahead"
    assert cosigning.contradiction == watched.shown.body
    answering.set()
    cosigning.stop()


def test_server_that_was_rolled_back_signs_nothing_when_it_starts(watched: Watched) -> None:
    """It must ask its witnesses before it publishes what an earlier process left unsealed."""
    watched.world.core("ACCEPTED")
    with contextlib.closing(watched.home.write(lambda: float(NOW), PASSPHRASE)) as ledger:
        ledger.append(watched.world.wires[watched.fed :])
        published, founding = ledger.published_size, ledger.founding
    site = watched.home.path.parent / "monitored"
    place = site / format_monitoring_path(ORIGIN)
    place.parent.mkdir(parents=True)
    place.write_bytes(watched.sign(999_999).body)
    with serving_files(site) as address:
        policy = (
            f"log {format_vkey(LOG.verifier)}\n"
            f"witness w {format_vkey(watched.witness.key)} {address}\nquorum none\n"
        )
        trust = TrustFile(
            origin=ORIGIN,
            founding=founding,
            policy_text=policy,
            policy=parse_policy(policy.encode()),
            customs=(),
            items=("01/",),
            max_age=86_400,
        )
        context = open_context(watched.home, PASSPHRASE, trust=format_trust(trust))
        assert code_of_start(create_app(context)) == "witness.ahead"
    with watched.open() as ledger:
        assert ledger.published_size == published
    assert [path.read_bytes() for path in watched.home.contradictions.files] == [place.read_bytes()]
    with pytest.raises(StorageError) as caught:
        open_context(watched.home, PASSPHRASE)
    assert caught.value.code == "witness.ahead"


def test_idle_server_reports_a_contradiction_and_accepts_nothing(tmp_path: Path) -> None:
    """It has nothing to publish, and would otherwise learn of it with its next receipt."""
    world = World()
    ahead = StorageError("witness.ahead", "w has a checkpoint of size 999,999")
    with running(tmp_path / "ledger", world) as site:
        fed = len(world.wires)
        world.core()
        assert site.get("/readyz").status_code == 200
        site.context.cosigning._note(
            ahead, sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), [LOG])
        )
        assert problem_of(site.get("/readyz")) == (503, "witness.ahead")
        assert problem_of(site.post(world.wires[fed:])) == (503, "witness.ahead")
        assert "traceledger_healthy 0.0" in site.get("/metrics").text


def test_request_that_waits_for_a_checkpoint_learns_that_none_will_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for ever and occupied its slot, even after its client had left."""
    monkeypatch.setattr("traceledger_api.routes.events._LOOK", 0.05)
    world = World()
    with running(tmp_path / "ledger", world) as site, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(site.context.service, "_interval", 3600.0)
        fed, size = len(world.wires), site.context.service.size
        world.core()
        answer = pool.submit(site.post, world.wires[fed:], "?wait=sealed")
        while site.context.service.size == size:
            site.client.pause(0.01)
        site.context.cosigning._note(
            StorageError("witness.ahead", "a witness has more"),
            sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), [LOG]),
        )
        assert problem_of(answer.result(WAIT)) == (503, "witness.ahead")


def test_every_contradiction_is_kept_and_the_largest_shown(watched: Watched) -> None:
    """A database that covers the smaller one would release the log, which signed more."""
    policy = parse_policy(f"log {format_vkey(LOG.verifier)}\nquorum none\n".encode())
    cosigning = ask_witnesses(watched.home, policy, lambda: float(NOW))
    notes = [watched.sign(size).body for size in (150_000, 200_000, 100_000)]
    for note in notes:  # of three witnesses
        cosigning._note(StorageError("witness.ahead", "a witness has more"), note)
    files = watched.home.contradictions.files
    assert [path.read_bytes() for path in files] == [notes[2], notes[0], notes[1]]
    assert cosigning.contradiction == notes[1]


def test_contradiction_that_another_server_kept_stops_this_one(tmp_path: Path) -> None:
    """Servers that share a folder ask different witnesses; none signs one more receipt."""
    world = World()
    with running(tmp_path / "ledger", world) as site:
        fed = len(world.wires)
        world.core()
        assert site.post(world.wires[fed:]).is_success
        world.core("ACCEPTED")
        other = Home.open(tmp_path / "ledger")
        other.contradictions.keep(sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), [LOG]))
        assert problem_of(site.post(world.wires[-1:])) == (503, "witness.ahead")
        assert problem_of(site.get("/readyz")) == (503, "witness.ahead")


def code_of_start(app: Gate) -> str:
    """Starts and stops an application, which fails; returns the error's code."""
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    with pytest.raises(StorageError) as caught:
        asyncio.run(app({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.failed"]
    return caught.value.code


def test_witness_that_only_states_a_larger_size_does_not_stop_the_log(watched: Watched) -> None:
    """A witness could otherwise stop a log by a number, which nobody signs (C2SP tlog-witness)."""
    other = NoteSigner(ORIGIN, make_signer("another log"))
    watched.forged = Reply(409, "text/x.tlog.size", b"1000000\n")
    for shown in (
        Reply(404, "text/plain", b""),
        Reply(200, "text/plain", b"1000000\n"),
        watched.sign(1_000_000, by=other),
        Reply(200, "text/plain", watched.home.published.read_bytes()),
    ):
        watched.shown = shown
        with watched.open() as ledger, pytest.raises(RemoteError) as caught:
            watched.ask(ledger)
        assert caught.value.code == "witness.unproven"
    with asking(watched) as (cosigning, asked):
        asked.wait(bool)
        cosigning.check()
        watched.forged = None
        size = watched.grow()
        cosigning.update(size)
        asked.wait(lambda states: states[-1].size == size)
