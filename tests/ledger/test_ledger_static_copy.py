from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from tests.client.served import LostError, read_all
from tests.ledger.bench import LOG, Bench, clock
from tests.passports import CUSTOMS, PLAIN
from tests.vectors.former import OtherLedger
from tests.world import ORIGIN
from traceledger.client.mirror import mirror_ledger
from traceledger.client.remote import RemoteLedger
from traceledger.client.transport import Transport
from traceledger.errors import BusyError, ConflictError, VerificationError
from traceledger.files.bucket import BucketStore
from traceledger.files.static_store import MAX_FILE, FolderStore, Held, StaticFile
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.cosignature import Cosigner, cosign
from traceledger.formats.note import MAX_NOTE_SIZE, add_signatures, format_signatures, parse_note
from traceledger.formats.policy import parse_policy
from traceledger.formats.trust import TRUST_ADDRESS, TrustFile, format_trust
from traceledger.formats.vkey import format_vkey
from traceledger.labels.scanning import read_label
from traceledger.ledger.keeping.former import FormerPassports
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.changed_units import changed_units
from traceledger.ledger.reading.finality import find_final
from traceledger.ledger.reading.passports import build_passport
from traceledger.ledger.reading.static_copy import Copied, Pages, copy_ledger
from traceledger.verify import verify_passport
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.views.history import PUBLIC
from traceledger_api.pages.words import LANGUAGES
from traceledger_api.static_pages import StaticPages

URL = "https://copy.example"
ADDRESS = "s3://copies/ledger"


class PlainServer(httpx.BaseTransport):
    """Serves a folder as a web server does that knows nothing of the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.missed: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        place = self.folder / request.url.path.removeprefix("/")
        if not place.is_file():
            self.missed.append(request.url.path)
            return httpx.Response(404, html="<h1>Not found</h1>")
        return httpx.Response(200, content=place.read_bytes())


@dataclass
class Mortal(FolderStore):
    """A folder whose writer is killed before one of its changes."""

    folder: Path
    left: int
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.folder)

    def write(self, file: StaticFile) -> None:
        self._change(file.path)
        super().write(file)

    def remove(self, path: str) -> None:
        self._change(path)
        super().remove(path)

    def _change(self, path: str) -> None:
        if not self.left:
            raise LostError
        self.left -= 1
        self.order.append(path)


def trust_of(bench: Bench, *witnesses: Cosigner) -> TrustFile:
    policy = f"log {format_vkey(LOG.verifier)} {URL}\n"
    for number, witness in enumerate(witnesses):
        policy += f"witness w{number} {format_vkey(witness.verifier)}\n"
    policy += "quorum none\n"
    return TrustFile(
        origin=ORIGIN,
        founding=bench.ledger.founding,
        policy_text=policy,
        policy=parse_policy(policy.encode()),
        customs=(),
        items=("01/", "8004/"),
        max_age=86_400,
    )


def grow(bench: Bench, size: int) -> None:
    """Appends events up to a size, with three checkpoints."""
    for part in range(3):
        start = bench.ledger.size
        while bench.ledger.size < start + (size - start) // (3 - part):
            bench.world.core("ACCEPTED")
            bench.feed()
        bench.ledger.publish()


def copy(
    bench: Bench,
    folder: Path,
    *,
    entries: bool = True,
    pages: Pages | None = None,
    refresh: bool = False,
) -> Copied:
    store, trust = FolderStore(folder), format_trust(trust_of(bench))
    return copy_ledger(
        bench.ledger, store, trust=trust, entries=entries, pages=pages, refresh=refresh
    )


def pages_of(bench: Bench) -> StaticPages:
    former = FormerPassports(bench.path.parent)
    return StaticPages(bench.ledger, trust_of(bench), former, url=URL, contact="", language="en")


def mirror(bench: Bench, folder: Path, target: Path) -> PlainServer:
    """Mirrors what a plain server would serve, and verifies the mirror."""
    server = PlainServer(folder)
    transport = Transport(URL, client=httpx.Client(transport=server), sleep=lambda _seconds: None)
    mirror_ledger(transport, target, trust_of(bench), own_trust=format_trust(trust_of(bench)))
    return server


def test_killed_at_any_step_the_copy_is_complete_and_the_next_run_continues(
    bench: Bench, tmp_path: Path
) -> None:
    """No reader may see a checkpoint whose tiles are not there yet, whatever stops the writer."""
    grow(bench, 200)
    first = tmp_path / "first"
    copy(bench, first)
    grow(bench, 300)
    trust = format_trust(trust_of(bench))
    whole = Mortal(tmp_path / "whole", 100)
    shutil.copytree(first, whole.folder)
    copied = copy_ledger(bench.ledger, whole, trust=trust, entries=True)
    assert copied.size == bench.ledger.size
    # Nothing is written after the checkpoint; only what it replaces is removed.
    after = whole.order[whole.order.index("checkpoint") + 1 :]
    assert after
    assert all(".p/" in path and not (whole.folder / path).exists() for path in after)
    for changes in range(len(whole.order)):
        folder = tmp_path / f"copy{changes}"
        shutil.copytree(first, folder)
        with pytest.raises(LostError):
            copy_ledger(bench.ledger, Mortal(folder, changes), trust=trust, entries=True)
        mirror(bench, folder, tmp_path / f"mirror{changes}")
        copy(bench, folder)
        assert files_of(folder) >= files_of(whole.folder)
        assert all(".p/" in path for path in files_of(folder) - files_of(whole.folder))


def test_mirror_of_a_copy_is_the_archive(bench: Bench, tmp_path: Path) -> None:
    """A mirror needs nothing but the files: no list of checkpoints, no program behind them."""
    folder, target = tmp_path / "copy", tmp_path / "mirror"
    for size in (100, 250, 520):
        grow(bench, size)
        copy(bench, folder)
        mirror(bench, folder, target)
    export_archive(bench.ledger, tmp_path / "archive", PUBLIC)
    assert read_all(target) == read_all(tmp_path / "archive")
    for place in (folder, target):
        verdict = verify_archive(
            FolderSource(place), trust_of(bench), now=int(clock()), workers=1, first_use=True
        )
        assert verdict.counts.checkpoints == 9
    assert not (folder / "tile" / "0" / "000.p").exists()  # partial tiles go when one is full


def test_reader_of_an_older_checkpoint_finds_the_full_tiles(bench: Bench, tmp_path: Path) -> None:
    """A checkpoint from a cache names partial tiles that were removed since (C2SP tlog-tiles)."""
    folder = tmp_path / "copy"
    grow(bench, 200)
    copy(bench, folder)
    cached = (folder / "checkpoint").read_bytes()
    grow(bench, 300)
    copy(bench, folder)
    (folder / "checkpoint").write_bytes(cached)
    server = mirror(bench, folder, tmp_path / "mirror")
    assert any("/tile/0/000.p/" in path for path in server.missed)
    assert any("/tile/entries/000.p/" in path for path in server.missed)


def test_run_writes_only_what_is_new(bench: Bench, tmp_path: Path) -> None:
    grow(bench, 300)
    copy(bench, tmp_path / "copy")
    assert copy(bench, tmp_path / "copy").files == 0
    grow(bench, 310)
    store = Mortal(tmp_path / "copy", 100)
    copy_ledger(bench.ledger, store, trust=format_trust(trust_of(bench)), entries=True)
    assert not [path for path in store.order if path in {"tile/0/000", "tile/entries/000"}]


def test_entries_are_copied_only_on_request_and_can_be_added(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    grow(bench, 300)
    copy(bench, folder, entries=False)
    assert not (folder / "tile" / "entries").exists()
    assert (folder / "tile" / "0" / "000").exists()
    assert (folder / TRUST_ADDRESS).exists()
    assert not (folder / "disclosures").exists()
    grow(bench, 310)
    copy(bench, folder)
    mirror(bench, folder, tmp_path / "mirror")


def alter(folder: Path) -> None:
    data = bytearray((folder / "tile" / "1" / "000.p" / "1").read_bytes())
    data[0] ^= 1
    (folder / "tile" / "1" / "000.p" / "1").write_bytes(data)


def test_altered_file_of_the_copy_is_never_overwritten(bench: Bench, tmp_path: Path) -> None:
    grow(bench, 300)
    copy(bench, tmp_path / "copy")
    alter(tmp_path / "copy")
    (tmp_path / "copy" / "checkpoint").unlink()
    with pytest.raises(ConflictError) as refused:
        copy(bench, tmp_path / "copy")
    assert (refused.value.code, refused.value.where) == ("publish.file", "tile/1/000.p/1")


def other_root(note: bytes) -> bytes:
    found = parse_checkpoint(parse_note(note).text)
    lines = note.split(b"\n")
    return b"\n".join([*lines[:2], b"A" * 43 + b"=", *lines[3:]]) if found.size else note


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda note: note.replace(ORIGIN.encode(), b"other.example/log"), "publish.other"),
        (lambda note: note.replace(b"\n1", b"\n9", 1), "publish.ahead"),
        (other_root, "publish.fork"),
    ],
)
def test_copy_of_another_history_is_refused(
    bench: Bench, tmp_path: Path, change: Callable[[bytes], bytes], code: str
) -> None:
    """An old back-up of the ledger must not overwrite what the world has already seen."""
    grow(bench, 100)
    copy(bench, tmp_path / "copy")
    place = tmp_path / "copy" / "checkpoint"
    place.write_bytes(change(place.read_bytes()))
    with pytest.raises((ConflictError, VerificationError)) as refused:
        copy(bench, tmp_path / "copy")
    assert refused.value.code == code


def test_folder_with_other_files_is_left_alone(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("a site")
    with pytest.raises(ConflictError) as refused:
        copy(bench, tmp_path / "www")
    assert refused.value.code == "publish.folder"


def test_two_writers_of_one_folder_exclude_each_other(bench: Bench, tmp_path: Path) -> None:
    grow(bench, 100)
    with FolderStore(tmp_path / "copy").lock(), pytest.raises(BusyError):
        copy(bench, tmp_path / "copy")


def test_only_units_with_new_events_of_theirs_or_of_a_part_are_written_again(
    bench: Bench, tmp_path: Path
) -> None:
    """A recall of a part must reach the page of the unit; 150,000 other pages need not change."""
    world = bench.world
    core = world.core("IN_PROCESS")
    unit, other = world.unit("EXPORTED", (core,)), world.unit("EXPORTED")
    bench.feed()
    bench.ledger.publish()
    site = pages_of(bench)
    copy(bench, tmp_path / "copy", pages=site.make)
    old = bench.ledger.published_size
    for item in (unit, other):
        page = (tmp_path / "copy" / item / "index.html").read_text()
        assert item in page
        assert "Content-Security-Policy" in page
    world.add("hold", core, {"authority": "quality", "reason": "look"}, by="quality")
    bench.feed()
    bench.ledger.publish()
    assert [*changed_units(bench.ledger, old, bench.ledger.size)] == [unit]
    served = tmp_path / "copy" / "api" / "v1" / "items"
    before = (served / other / "passport").read_bytes()
    copy(bench, tmp_path / "copy", pages=site.make)
    assert (served / other / "passport").read_bytes() == before
    passport = (served / unit / "passport").read_bytes()
    held = verify_passport(passport, trust_of(bench), unit, now=int(clock()), first_use=True)
    assert [hold.authority for hold in held.holds] == ["quality"]
    missing = (tmp_path / "copy" / "404.html").read_text()
    assert all(f'lang="{language}"' in missing for language in LANGUAGES)


def recall(bench: Bench, item: str) -> None:
    """Holds an item, which its page must show, and publishes the log."""
    bench.world.add("hold", item, {"authority": "quality", "reason": "look"}, by="quality")
    bench.feed()
    bench.ledger.publish()


def holds_in(copied: Path, bench: Bench, item: str) -> int:
    passport = (copied / "api" / "v1" / "items" / item / "passport").read_bytes()
    shown = verify_passport(passport, trust_of(bench), item, now=int(clock()), first_use=True)
    return len(shown.holds)


def test_passport_that_became_too_large_is_replaced_by_the_reason(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older one lacks the recall that the new page shows; later runs go on."""
    unit = bench.world.unit("EXPORTED")
    bench.feed()
    bench.ledger.publish()
    folder, site = tmp_path / "copy", pages_of(bench)
    copy(bench, folder, pages=site.make)
    passport = folder / "api" / "v1" / "items" / unit / "passport"
    assert passport.is_file()
    recall(bench, unit)
    monkeypatch.setattr("traceledger.formats.passport.MAX_PASSPORT", 2000)
    copy(bench, folder, pages=site.make)
    problem = passport.read_bytes()
    assert (folder / unit / "index.html").is_file()
    client = httpx.Client(transport=PlainServer(folder))
    remote = RemoteLedger(Transport(URL, client=client), trust_of(bench))
    with pytest.raises(ConflictError) as refused:
        remote.passport(unit)
    assert refused.value.code == "passport.size"
    assert refused.value.message in json.loads(problem)["detail"]
    recall(bench, unit)
    copy(bench, folder, pages=site.make)
    assert int((folder / "pages").read_text()) == bench.ledger.published_size
    monkeypatch.undo()
    copy(bench, folder, pages=site.make, refresh=True)
    assert holds_in(folder, bench, unit) == 2
    assert remote.passport(unit) == passport.read_bytes()


def test_pages_are_as_of_the_checkpoint_of_their_run(bench: Bench, tmp_path: Path) -> None:
    """A slower publisher could replace a newer page that was labelled with an older size."""
    unit = bench.world.unit("EXPORTED")
    bench.feed()
    bench.ledger.publish()
    folder, site = tmp_path / "copy", pages_of(bench)

    def overtaken(old: int, size: int) -> Iterator[StaticFile]:
        recall(bench, unit)
        yield from site.make(old, size)

    copy(bench, folder, pages=overtaken)
    assert holds_in(folder, bench, unit) == 0
    copy(bench, folder, pages=site.make)
    assert holds_in(folder, bench, unit) == 1


def test_passport_of_a_long_run_is_final_however_many_checkpoints_follow(bench: Bench) -> None:
    """Twenty were searched, counted from the newest: each later passport was not final."""
    unit = bench.world.unit("EXPORTED")
    bench.feed()
    trust = trust_of(bench, CUSTOMS)
    policy = trust.policy_text.replace("quorum none", "quorum w0")
    parsed = parse_policy(policy.encode())
    trust = replace(trust, policy_text=policy, policy=parsed, replayed_by="w0")
    sizes = []
    for _ in range(22):
        bench.world.core("ACCEPTED")
        bench.feed()
        note = bench.ledger.publish()
        answer = [cosign(parse_note(note).text, int(clock()), CUSTOMS)]
        bench.ledger.accept_answer(format_signatures(answer), [CUSTOMS.verifier])
        sizes.append(bench.ledger.published_size)
    passport = build_passport(bench.ledger, unit, PUBLIC, trust=trust, size=sizes[0])
    shown = verify_passport(passport, trust, unit, now=int(clock()))
    assert shown.as_of is not None
    assert find_final(bench.ledger, trust, -1, size=sizes[1] - 1) == sizes[0]


def test_run_without_pages_leaves_what_it_skipped_to_the_next(bench: Bench, tmp_path: Path) -> None:
    """A recall between two runs with pages would never reach its page."""
    unit = bench.world.unit("EXPORTED")
    bench.feed()
    bench.ledger.publish()
    folder, site = tmp_path / "copy", pages_of(bench)
    copy(bench, folder, pages=site.make)
    recall(bench, unit)
    copy(bench, folder)
    grow(bench, bench.ledger.size + 10)
    assert holds_in(folder, bench, unit) == 0
    copy(bench, folder, pages=site.make)
    assert holds_in(folder, bench, unit) == 1
    lasting = ("linkset.json", "label.png")
    for name in lasting:
        (folder / unit / name).unlink()
    copy(bench, folder, pages=site.make)
    assert not any((folder / unit / name).exists() for name in lasting)
    copy(bench, folder, pages=site.make, refresh=True)
    assert all((folder / unit / name).exists() for name in lasting)


@pytest.mark.usefixtures("object_store")
@pytest.mark.parametrize("stop", ["tile/", "api/v1/items/", "404.html", "checkpoint"])
def test_slow_publisher_of_a_bucket_replaces_nothing_newer(
    bench: Bench, tmp_path: Path, stop: str
) -> None:
    """Two timers on two machines: the slower run began before a recall and ends after it."""
    unit = bench.world.unit("EXPORTED")
    bench.feed()
    bench.ledger.publish()
    trust, site = format_trust(trust_of(bench)), pages_of(bench)

    class Slow(BucketStore):
        """Lets another publisher pass before one of its files."""

        waiting = True

        def write(self, file: StaticFile) -> None:
            self._let_pass(file)
            super().write(file)

        def exchange(self, file: StaticFile, held: Held | None) -> None:
            self._let_pass(file)
            super().exchange(file, held)

        def _let_pass(self, file: StaticFile) -> None:
            if self.waiting and file.path.startswith(stop):
                self.waiting = False
                recall(bench, unit)
                fast = BucketStore(ADDRESS)
                copy_ledger(bench.ledger, fast, trust=trust, entries=True, pages=site.make)

    with contextlib.suppress(ConflictError):
        copy_ledger(bench.ledger, Slow(ADDRESS), trust=trust, entries=True, pages=site.make)
    store = BucketStore(ADDRESS)
    for name in (f"api/v1/items/{unit}/passport", "pages", "checkpoint"):
        held = store.read(name, MAX_FILE)
        assert held is not None
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(held.data)
    assert holds_in(tmp_path, bench, unit) == 1
    assert int((tmp_path / "pages").read_text()) == bench.ledger.published_size
    shown = parse_checkpoint(parse_note((tmp_path / "checkpoint").read_bytes()).text)
    assert shown.size == bench.ledger.published_size


@pytest.mark.usefixtures("object_store")
def test_note_keeps_the_lines_that_another_publisher_wrote(bench: Bench) -> None:
    """The slower of two publishers read the note before a witness signed it."""
    grow(bench, 20)
    trust = format_trust(trust_of(bench, CUSTOMS))
    size = bench.ledger.published_size
    note = bench.ledger.checkpoint()
    line, stranger = (cosign(parse_note(note).text, int(clock()), by) for by in (CUSTOMS, PLAIN))
    forged = line._replace(signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    for written, kept in (
        (add_signatures(note, [line]), add_signatures(note, [line])),
        (add_signatures(note, [stranger]), note),
        (add_signatures(note, [forged]), note),
        (b"damaged", note),
    ):
        store = BucketStore(ADDRESS)
        store.write(StaticFile(f"checkpoints/{size}", written, "text/plain", fixed=False))
        copy_ledger(bench.ledger, store, trust=trust, entries=True)
        held = store.read(f"checkpoints/{size}", MAX_NOTE_SIZE)
        assert held is not None
        assert held.data == kept
        store.remove("checkpoint")


def test_copy_has_label_links_and_earlier_lives_and_finds_a_unit_by_its_serial(
    bench: Bench, tmp_path: Path
) -> None:
    """Whoever knows one serial learns no other; a serial that two products share leads nowhere."""
    world = bench.world
    unit, first = world.unit("EXPORTED"), world.unit("EXPORTED")
    serial = first.rpartition("/")[2]
    second = f"01/09521239900004/21/{serial}"
    world.assemble(second, (world.core("IN_PROCESS"),))
    bench.feed()
    bench.ledger.publish()
    former = OtherLedger().public
    digest = FormerPassports(bench.path.parent).keep(former)
    site = pages_of(bench)
    folder = tmp_path / "copy"
    copy(bench, folder, pages=site.make)
    assert (folder / "api" / "v1" / "former" / digest).read_bytes() == former

    def found(item: str) -> dict[str, str]:
        text = (folder / "find" / f"{item.rpartition('/')[2]}.json").read_text()
        return dict(json.loads(text))

    assert found(unit) == {"item": unit}
    assert found(first) == found(second) == {"item": ""}
    label = read_label((folder / unit / "label.png").read_bytes())
    assert (label.base, label.item.text) == (URL, unit)
    (links,) = json.loads((folder / unit / "linkset.json").read_text())["linkset"]
    assert links["anchor"] == f"{URL}/{unit}"
    targets = {name.rpartition("/")[2]: links[name] for name in links if "://" in name}
    assert set(targets) == {"defaultLink", "pip", "dpp"}
    for (target,) in targets.values():
        file = folder / target["href"].removeprefix(f"{URL}/")
        assert file.is_file() or (file / "index.html").is_file()


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
