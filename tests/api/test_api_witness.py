"""A witness behind HTTP, against C2SP tlog-witness, and a log that asks it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.api.in_process import InProcess
from tests.forging import Forger
from tests.passports import CUSTOMS, LOG, NOW
from tests.witness.requests import grow, new_log, request
from traceledger.errors import RemoteError, TraceledgerError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from traceledger.formats.cosignature import check_cosignature
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import (
    MAX_SIGNATURES,
    Note,
    NoteSigner,
    NoteVerifier,
    SignatureLine,
    format_note,
    open_note,
    parse_note,
    parse_signatures,
    sign_note,
)
from traceledger.formats.receipt import LoggedLeaf, Receipt, sign_receipt
from traceledger.formats.witness import WitnessRequest, format_request
from traceledger.witness import home
from traceledger.witness.home import WitnessHome
from traceledger_api.limits import Limits
from traceledger_api.witness_site import create_witness_app

SECRET = b"correct horse"
SIZE = "text/x.tlog.size"

# The worked example of C2SP, with keys from the seeds 32 x 0x01 and 32 x 0x02.
SPEC_LOG = NoteSigner("ledger.example/reman", SoftwareSigner.from_seed(bytes([1]) * 32))
SPEC_REQUEST = """old 2
Zx8UbF5HHooag6PCFM5LqQe486WIjRTMjNPOdbsS75Q=

ledger.example/reman
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

— ledger.example/reman rTMau1NL8vaNxJS1ZUYbhpGpWplwMJLTacCZKhxQX6yiRha2k71/nH+A9hGm6/FMQlYeAk7SbO1Z\
sE+HreURS+aVCAE=
""".encode()
SPEC_ANSWER = (
    "— customs.example/w1 OnudEgAAAABlU/EAf/wovZWEMBlxSm8vktMQ1HqpmqpjLM7qp5yXLVqmiP5GFKDwlJolPO19"
    "tqxypZct8QBDwkecRJ4N9NukHrfVCA==\n"
).encode()
SPEC_TIME = 1_700_000_000
SPEC_ROOT = "T1X2GdkhUjV3iyufF9b0kVsWFxIU0VI4EpNml2Teci4="


class Office:
    """A witness of a log, and what it fetched of the log's entries."""

    def __init__(self, folder: Path, log_key: NoteVerifier, signer: SoftwareSigner) -> None:
        self.home = WitnessHome.create(folder, "customs.example/w1", log_key, signer, SECRET)
        self.now = NOW
        self.log: Forger | None = None
        self.fetched: list[int] = []
        self.failure: TraceledgerError | None = None

    @contextlib.contextmanager
    def serving(self, *, replaying: bool = False) -> Iterator[Office]:
        witness = self.home.witness(SECRET)
        fetch = self._fetch if replaying else None
        app = create_witness_app(
            self.home, witness, fetch=fetch, clock=lambda: self.now, limits=Limits(rate=0)
        )
        with InProcess(app, "https://witness.example", "127.0.0.1") as self.client:
            yield self

    def post(self, body: bytes) -> httpx.Response:
        return self.client.request("POST", "/add-checkpoint", content=body)

    def status(self, body: bytes) -> int:
        return self.post(body).status_code

    def _fetch(self, checkpoint: Checkpoint, start: int) -> Iterator[bytes]:
        assert self.log is not None
        if self.failure:
            raise self.failure
        for entry in self.log.entries[start : checkpoint.size]:
            self.fetched.append(start)
            yield entry


@pytest.fixture
def office(tmp_path: Path) -> Office:
    signer = CUSTOMS.signer
    assert isinstance(signer, SoftwareSigner)
    return Office(tmp_path / "witness", LOG.verifier, signer)


@pytest.fixture
def log() -> Forger:
    return new_log()


def test_lines_of_strangers_hide_no_cosigned_checkpoint(log: Forger, office: Office) -> None:
    """A hundred made the note unreadable, and an older copy of the log learned nothing of it."""
    note = parse_note(log.notes[log.size])
    strangers = [
        SignatureLine(f"stranger.example/{number}", bytes(4), bytes(68))
        for number in range(MAX_SIGNATURES - 1)
    ]
    crowded = format_note(Note(note.text, (note.signatures[0], *strangers)))
    with office.serving():
        assert office.status(format_request(WitnessRequest(0, (), crowded))) == 200
    assert office.home.published is not None
    assert open_note(office.home.published, [LOG.verifier, CUSTOMS.verifier]).text == note.text


def test_worked_example_of_the_specification_has_the_published_answer(tmp_path: Path) -> None:
    signer = SoftwareSigner.from_seed(bytes([2]) * 32)
    office = Office(tmp_path / "witness", SPEC_LOG.verifier, signer)
    office.now = SPEC_TIME
    text = f"ledger.example/reman\n2\n{SPEC_ROOT}\n".encode()
    root = parse_checkpoint(text).root
    note = sign_checkpoint(Checkpoint("ledger.example/reman", 2, root), [SPEC_LOG])
    with office.serving():
        assert office.status(format_request(WitnessRequest(0, (), note))) == 200
        answer = office.post(SPEC_REQUEST)
    assert (answer.status_code, answer.content) == (200, SPEC_ANSWER)


def test_log_that_grows_is_cosigned_and_published(log: Forger, office: Office) -> None:
    with office.serving():
        monitoring = f"/{sha256(LOG.name.encode()).hexdigest()}/checkpoint"
        assert office.client.request("GET", monitoring).status_code == 404
        for old in (0, log.size):
            answer = office.post(request(log, old))
            assert answer.status_code == 200
            (line,) = parse_signatures(answer.content)
            text = parse_note(log.notes[log.size]).text
            assert check_cosignature(text, line, CUSTOMS.verifier).time == NOW
            shown = office.client.request("GET", monitoring)
            # The forged log's note has lines of two witnesses, which this one cannot check.
            own = parse_note(log.notes[log.size]).signatures[0]
            assert parse_note(shown.content).signatures == (own, line)
            if not old:
                grow(log)


def test_unchanged_tree_is_cosigned_with_a_fresh_time(log: Forger, office: Office) -> None:
    with office.serving():
        office.post(request(log, 0))
        office.now += 60
        answer = office.post(request(log, log.size))
    (line,) = parse_signatures(answer.content)
    text = parse_note(log.notes[log.size]).text
    assert check_cosignature(text, line, CUSTOMS.verifier).time == NOW + 60


@pytest.mark.parametrize("old", [0, 1])
def test_other_old_size_is_a_conflict_that_states_the_size(
    log: Forger, office: Office, old: int
) -> None:
    """Also for the tree that it cosigned last: a log learns the size by asking from zero."""
    with office.serving():
        office.post(request(log, 0))
        answer = office.post(request(log, old))
        assert (answer.status_code, answer.headers["content-type"]) == (409, SIZE)
        assert answer.content == b"%d\n" % log.size
        grow(log)
        assert office.status(request(log, old)) == 409


def signed(size: int, root: bytes, signer: NoteSigner = LOG) -> bytes:
    return sign_checkpoint(Checkpoint(signer.name, size, root), [signer])


def empty_with_root(root: bytes) -> bytes:
    """A checkpoint of size 0, which the log's own code does not sign with that root."""
    return sign_note(b"%s\n0\n%s\n" % (LOG.name.encode(), encode_base64(root)), [LOG])


ALIEN = NoteSigner(LOG.name, SoftwareSigner.from_seed(bytes([9]) * 32))
OTHER = NoteSigner("ledger.example/other", SoftwareSigner.from_seed(bytes([9]) * 32))
STATUSES: dict[str, tuple[Callable[[Forger], bytes], int]] = {
    "no request": (lambda _log: b"", 400),
    "no checkpoint": (lambda _log: b"old 0\n\n", 400),
    "leading zero": (lambda log: request(log, 0).replace(b"old 0", b"old 00", 1), 400),
    "64 hashes": (lambda log: request(log, 0, proof=(bytes(32),) * 64), 400),
    "old above size": (
        lambda log: format_request(WitnessRequest(log.size + 1, (), log.notes[log.size])),
        400,
    ),
    "too long": (lambda log: request(log, 0) + b"x" * 70_000, 400),
    "another log": (
        lambda log: request(log, 0, checkpoint=signed(log.size, bytes(32), OTHER)),
        404,
    ),
    "alien key": (
        lambda log: request(log, 0, checkpoint=signed(log.size, bytes(32), ALIEN)),
        403,
    ),
    "false line": (
        lambda log: request(log, 0, checkpoint=log.notes[log.size].replace(b"\n\n", b"0\n\n", 1)),
        403,
    ),
    "proof from zero": (lambda log: request(log, 0, proof=(bytes(32),)), 422),
    "empty tree with a root": (
        lambda _log: format_request(WitnessRequest(0, (), empty_with_root(bytes(32)))),
        422,
    ),
}


@pytest.mark.parametrize("case", STATUSES)
def test_each_fault_has_the_status_of_the_specification(
    log: Forger, office: Office, case: str
) -> None:
    make, status = STATUSES[case]
    with office.serving():
        assert office.status(make(log)) == status
        assert office.home.witness(SECRET).size() == 0
        assert office.status(request(log, 0)) == 200


def test_fork_is_unprocessable_and_kept_as_evidence(log: Forger, office: Office) -> None:
    with office.serving():
        office.post(request(log, 0))
        old = log.size
        second = request(log, old, checkpoint=signed(old, bytes(32)), proof=())
        assert office.status(second) == 422
        larger = request(log, old, checkpoint=signed(old + 5, bytes(32)), proof=(bytes(32),))
        assert office.status(larger) == 422
        proof = request(log, old, proof=(bytes(32),))
        assert office.status(proof) == 422
        assert office.status(request(log, old)) == 200
    kept = sorted(folder.name for folder in (office.home.path / "evidence").iterdir())
    assert len(kept) == 2  # the tree that it cosigned is no evidence
    assert (office.home.path / "evidence" / kept[0] / "cosigned").exists()


def test_false_proof_of_a_true_tree_leaves_no_evidence(log: Forger, office: Office) -> None:
    """A stranger could fill the folder with honest checkpoints, until no fork was kept."""
    evidence = office.home.path / "evidence"
    with office.serving():
        office.post(request(log, 0))
        old = log.size
        grow(log)
        assert office.status(request(log, old, proof=(bytes(32),))) == 422
        assert [folder.name.partition("-")[0] for folder in evidence.iterdir()] == [str(log.size)]
        assert office.status(request(log, old)) == 200
    assert not list(evidence.iterdir())


def test_fork_is_answered_if_its_evidence_cannot_be_kept(log: Forger, office: Office) -> None:
    (office.home.path / "evidence").write_bytes(b"")  # no folder can be created, as on a full disk
    with office.serving():
        office.post(request(log, 0))
        fork = request(log, log.size, checkpoint=signed(log.size, bytes(32)), proof=())
        assert office.status(fork) == 422


def test_strangers_never_keep_a_fork_from_being_kept(
    log: Forger, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anyone can fill a quota with public checkpoints and false proofs."""
    monkeypatch.setattr(home, "MAX_EVIDENCE", 1)
    with office.serving():
        office.post(request(log, 0))
        old, evidence = log.size, office.home.path / "evidence"
        for size in (old + 5, old + 6):
            note = signed(size, bytes(32))
            office.post(request(log, old, checkpoint=note, proof=(bytes(32),)))
        zero = "0" * 16
        assert [folder.name for folder in evidence.iterdir()] == [f"{old + 6}-{zero}"]
        fork = signed(old, bytes(32))
        assert office.status(request(log, old, checkpoint=fork, proof=())) == 422
        grow(log)
        office.post(request(log, old))
        for size in (log.size + 5, log.size + 6):
            note = signed(size, bytes(32))
            office.post(request(log, log.size, checkpoint=note, proof=(bytes(32),)))
    assert (evidence / f"{old}-{zero}" / "shown").read_bytes() == fork
    assert [folder.name for folder in evidence.iterdir()] == [f"{old}-{zero}"]


def test_tree_that_becomes_a_fork_is_evidence_for_good(log: Forger, office: Office) -> None:
    """Its signed checkpoint first came with a false proof, from anyone, and comes so again."""
    with office.serving():
        office.post(request(log, 0))
        old = log.size
        grow(log)
        fork = signed(log.size, bytes(32))
        false = request(log, old, checkpoint=fork, proof=(bytes(32),))
        assert office.status(false) == 422
        folder = office.home.path / "evidence" / f"{log.size}-{'0' * 16}"
        assert (folder / "unproven").exists()
        office.post(request(log, old))
        assert office.status(request(log, log.size, checkpoint=fork, proof=())) == 422
    cosigned = (folder / "cosigned").read_bytes()
    assert parse_note(cosigned).text == parse_note(log.notes[log.size]).text
    assert office.home.keep_evidence(false, VerificationError("merkle.proof", "false")) == folder
    assert sorted(path.name for path in folder.iterdir()) == ["cosigned", "shown"]


def test_unknown_signature_lines_are_ignored(log: Forger, office: Office) -> None:
    note = log.notes[log.size]
    with office.serving():
        more = note + note.splitlines(keepends=True)[-1].replace(b"w", b"v", 1)
        assert office.status(request(log, 0, checkpoint=more)) == 200


def test_of_two_requests_at_once_one_is_cosigned(log: Forger, office: Office) -> None:
    """Compare-and-swap: the record never returns to the smaller tree."""
    with office.serving(), ThreadPoolExecutor(4) as pool:
        office.post(request(log, 0))
        old = log.size
        bodies = []
        for _ in range(4):
            grow(log)
            bodies.append(request(log, old))
        statuses = sorted(pool.map(office.status, bodies))
        assert statuses == [200, 409, 409, 409]


def test_replaying_witness_fetches_only_new_entries(log: Forger, office: Office) -> None:
    office.log = log
    with office.serving(replaying=True):
        assert office.status(request(log, 0)) == 200
        old = log.size
        assert len(office.fetched) == old
        office.fetched.clear()
        grow(log)
        assert office.status(request(log, old)) == 200
        assert office.fetched == [old] * (log.size - old)
        assert office.status(request(log, log.size)) == 200
    office.fetched.clear()
    with office.serving(replaying=True):  # after a restart
        size = log.size
        grow(log)
        assert office.status(request(log, size)) == 200
        assert office.fetched == [size] * (log.size - size)


def test_illegal_event_is_refused_with_its_finding(log: Forger, office: Office) -> None:
    office.log = log
    with office.serving(replaying=True):
        office.post(request(log, 0))
        old = log.size
        grow(log, "test", "01/09521234543213/21/U0002", "operator")
        answer = office.post(request(log, old))
        assert (answer.status_code, answer.json()["code"]) == (422, "log.illegal")
        assert office.home.witness(SECRET).size() == old


def test_lost_replay_is_caught_up_from_the_log(log: Forger, office: Office) -> None:
    office.log = log
    with office.serving(replaying=True):
        office.post(request(log, 0))
        office.home.witness(SECRET).replay.unlink()
        old = log.size
        grow(log)
        assert office.status(request(log, old)) == 200


def test_log_that_cannot_be_fetched_is_cosigned_later(log: Forger, office: Office) -> None:
    office.log = log
    office.failure = RemoteError("remote.unreachable", "no route")
    with office.serving(replaying=True):
        assert office.status(request(log, 0)) == 502
        office.failure = None
        assert office.status(request(log, 0)) == 200


def test_log_that_lacks_a_promised_event_is_refused_after_an_hour(
    log: Forger, office: Office
) -> None:
    """The log signed a receipt to the witness's own party, and publishes without the event."""
    office.log = log
    promised = Receipt(LOG.name, (LoggedLeaf(1, bytes(32)),))
    folder = office.home.path / "receipts"
    folder.mkdir()
    (folder / "shift-1").write_bytes(sign_receipt(promised, LOG))
    os.utime(folder / "shift-1", (NOW, NOW))
    with office.serving(replaying=True):
        office.now = NOW + 60
        assert office.status(request(log, 0)) == 200
        office.now = NOW + 4_000
        answer = office.post(request(log, log.size))
        assert (answer.status_code, answer.json()["code"]) == (422, "witness.receipt")
        (folder / "shift-1").write_bytes(b"no receipt")
        os.utime(folder / "shift-1", (NOW, NOW))
        assert office.status(request(log, log.size)) == 503
