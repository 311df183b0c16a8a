from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledger.bench import clock
from tests.storage.test_storage_sqlite import disk_full_at
from tests.world import ORIGIN, World, make_signer
from traceledger.errors import (
    BusyError,
    ConflictError,
    MalformedError,
    NoLedgerError,
    NotFoundError,
    StorageError,
    TraceledgerError,
    UsageError,
)
from traceledger.files.durable import write_file
from traceledger.files.lock import lock_writer
from traceledger.formats.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from traceledger.formats.note import NoteSigner, parse_note
from traceledger.ledger.keeping.backup import back_up, confirm_newest, restore
from traceledger.ledger.keeping.doctor import examine
from traceledger.ledger.keeping.home import DATABASE, Home
from traceledger.ledger.ledger import Ledger
from traceledger.planning.keys import LOG_KEY, Keys

SECRET = b"correct horse"
URL = "https://ledger.example/cq-1"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.create(tmp_path / "cq-1", ORIGIN, URL)
    home.keys.add(LOG_KEY, make_signer("log"), SECRET)
    return home


def writing(home: Home) -> contextlib.closing[Ledger]:
    return contextlib.closing(home.write(clock, SECRET))


def test_a_home_is_read_back(home: Home) -> None:
    assert Home.open(home.path) == home
    assert home.keys.names() == (LOG_KEY,)
    with contextlib.closing(home.read(clock)) as ledger:
        assert ledger.size == 0


def test_a_home_is_not_overwritten(home: Home) -> None:
    with pytest.raises(ConflictError) as caught:
        Home.create(home.path, ORIGIN, URL)
    assert caught.value.code == "store.exists"


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "é", "traceledger/x", "x" * 256])
def test_an_invalid_origin_creates_no_home(tmp_path: Path, origin: str) -> None:
    with pytest.raises(MalformedError):
        Home.create(tmp_path / "x", origin, URL)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("origin", ['a"b', "a\\b", "a'b", "#a", 'a"""b'])
def test_any_valid_origin_is_read_back(tmp_path: Path, origin: str) -> None:
    Home.create(tmp_path / "x", origin, URL)
    assert Home.open(tmp_path / "x").origin == origin


def test_a_folder_without_settings_is_no_ledger(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", Path(__file__)):
        with pytest.raises(NoLedgerError):
            Home.open(path)


@pytest.mark.parametrize(
    "text", [b"", b"origin = 1", b"url = ", b'origin = "a"\nurl = "x"\nmore = 1', b"\xff\xfe"]
)
def test_invalid_settings_are_refused_with_their_path(home: Home, text: bytes) -> None:
    (home.path / "traceledger.toml").write_bytes(text)
    with pytest.raises(MalformedError) as caught:
        Home.open(home.path)
    assert caught.value.code == "ledger.config"


def test_private_keys_are_readable_by_their_owner_only(home: Home) -> None:
    mode = stat.S_IMODE((home.keys.path / "log.pem").stat().st_mode)
    assert mode == 0o600
    assert stat.S_IMODE(home.keys.path.stat().st_mode) == 0o700
    text = (home.keys.path / "log.pem").read_text()
    assert text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_a_key_opens_with_its_passphrase_only(home: Home) -> None:
    assert home.keys.signer(LOG_KEY, SECRET).key == make_signer("log").key
    assert home.keys.public(LOG_KEY) == make_signer("log").key
    for wrong in (b"", b"wrong", SECRET + b"\n"):
        with pytest.raises(UsageError) as caught:
            home.keys.signer(LOG_KEY, wrong)
        assert caught.value.code == "key.passphrase"
        with pytest.raises(UsageError):
            home.write(clock, wrong)
    with writing(home):
        pass  # a wrong passphrase left no lock behind


@pytest.mark.parametrize("data", [b"", b"-----BEGIN", bytes(100)])
def test_a_damaged_key_file_is_refused(home: Home, data: bytes) -> None:
    (home.keys.path / "log.pem").write_bytes(data)
    (home.keys.path / "log.jwk").write_bytes(data)
    with pytest.raises(UsageError):
        home.keys.signer(LOG_KEY, SECRET)
    with pytest.raises(MalformedError):
        home.keys.public(LOG_KEY)


def test_keys_are_neither_replaced_nor_stored_unencrypted(home: Home) -> None:
    before = (home.keys.path / "log.pem").read_bytes()
    for name, passphrase, code in (
        (LOG_KEY, b"new", "key.exists"),
        ("other", b"", "key.passphrase"),
        ("../other", b"new", "key.name"),
        ("Other", b"new", "key.name"),
        ("", b"new", "key.name"),
    ):
        with pytest.raises((ConflictError, UsageError)) as caught:
            home.keys.add(name, make_signer("x"), passphrase)
        assert caught.value.code == code
    assert (home.keys.path / "log.pem").read_bytes() == before
    assert home.keys.names() == (LOG_KEY,)


@pytest.mark.parametrize("name", ["none", "../keys/log", "log.pem"])
def test_a_missing_key_is_named(home: Home, name: str) -> None:
    for read in (home.keys.public, lambda name: home.keys.signer(name, SECRET)):
        with pytest.raises((NotFoundError, UsageError)) as caught:
            read(name)
        assert name in caught.value.message


def test_a_full_disk_leaves_no_partial_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    for size in (0, 10, 100):
        with disk_full_at(size), pytest.raises(StorageError):
            keys.add("station", make_signer("x"), SECRET)
        assert keys.names() == ()
        assert list(keys.path.iterdir()) == []
    keys.add("station", make_signer("x"), SECRET)
    assert keys.signer("station", SECRET).key == make_signer("x").key


def test_an_interrupted_key_is_completed(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    first = make_signer("first")
    keys.add("station", first, SECRET)
    (keys.path / "station.jwk").unlink()
    assert keys.names() == ()
    with pytest.raises(UsageError, match=r"station\.pem.*key\.passphrase"):
        keys.add("station", make_signer("x"), b"another")
    assert keys.add("station", make_signer("x"), SECRET).key == first.key
    assert keys.names() == ("station",)
    assert keys.public("station") == keys.signer("station", SECRET).key == first.key


def test_the_name_of_a_key_stored_elsewhere_stays_taken(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys")
    keys.add("root", make_signer("x"), SECRET)
    (keys.path / "root.pem").unlink()
    with pytest.raises(ConflictError):
        keys.add("root", make_signer("y"), SECRET)
    assert keys.public("root") == make_signer("x").key


def test_a_file_is_replaced_completely_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    write_file(path, b"old")
    with disk_full_at(5), pytest.raises(StorageError):
        write_file(path, b"newer and longer")
    assert path.read_bytes() == b"old"
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_writer_is_refused_while_the_first_is_open(home: Home) -> None:
    with writing(home):
        with pytest.raises(BusyError):
            home.write(clock, SECRET)
        home.read(clock).close()
    with writing(home):
        pass


def test_an_older_database_is_detected_before_anything_is_signed(home: Home) -> None:
    world = World()
    with writing(home) as ledger:
        ledger.append(world.wires)
        home.publish(ledger)
    old = home.path / "old.db"
    shutil.copy(home.path / "ledger.db", old)
    world.core()
    with writing(home) as ledger:
        ledger.append(world.wires)
        note = home.publish(ledger)
    newest = home.path / "newest.db"
    shutil.copy(home.path / "ledger.db", newest)
    assert home.published.read_bytes() == note
    shutil.copy(old, home.path / "ledger.db")
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            home.write(clock, SECRET)
        assert caught.value.code == "ledger.behind"
    home.read(clock).close()  # reading goes on
    shutil.copy(newest, home.path / "ledger.db")
    with writing(home) as ledger:
        assert home.publish(ledger) == note


def test_an_unreadable_published_checkpoint_leaves_no_lock(home: Home) -> None:
    home.published.write_bytes(b"not a note")
    for _ in range(2):
        with pytest.raises(StorageError) as caught:
            home.write(clock, SECRET)
        assert caught.value.code == "ledger.checkpoint"
    home.published.unlink()
    with writing(home):
        pass


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(TraceledgerError) as caught:
        call()
    return caught.value.code


def test_held_copy_of_the_checkpoint_is_replaced_with_the_next_publication(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint is signed and stored by then: a server must not report that it failed."""
    monkeypatch.setattr("traceledger.files.lock._PAUSE", 0)
    with writing(home) as ledger:
        ledger.append(World().wires)
        with contextlib.closing(lock_writer(home.published)):
            note = home.publish(ledger)
        assert not home.published.exists()
        assert home.publish(ledger) == note == home.published.read_bytes()


def test_contradiction_stops_the_log_until_the_newest_database_is_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was started again, another command or another server would sign a fork."""
    world = World()
    with writing(home) as ledger:
        ledger.append(world.wires)
        home.publish(ledger)
    older = home.path / "older.db"
    shutil.copy(home.path / "ledger.db", older)
    world.core()
    with writing(home) as ledger:
        ledger.append(world.wires)
        newest = home.publish(ledger)
    (home.path / "ledger.db").rename(home.path / "newest.db")
    home.published.unlink()
    shutil.copy(older, home.path / "ledger.db")
    with writing(home) as ledger:
        home.contradictions.keep(newest)  # a witness shows it to another server
        assert code_of(lambda: home.publish(ledger)) == "witness.ahead"
    assert code_of(lambda: home.write(clock, SECRET)) == "witness.ahead"
    assert code_of(lambda: confirm_newest(home, [newest])) == "ledger.behind"
    (half := home.contradictions.path / "half").write_bytes(b"half a note")
    with pytest.raises(MalformedError, match="contradiction/half"):  # it is named, and not ignored
        confirm_newest(home, [newest])
    half.unlink()
    monkeypatch.setattr("traceledger.files.lock._PAUSE", 0)
    with home.contradictions.lock():  # a server keeps another
        assert code_of(lambda: confirm_newest(home, [newest])) == "store.busy"
    seen = {found.name: found for found in examine(home, clock)}["checkpoints"]
    assert not seen.well
    assert "restore FOLDER --newest" in seen.remedy
    (home.path / "newest.db").rename(home.path / "ledger.db")
    (home.contradictions.path / ".9-00.new").touch()  # of a process that was killed
    confirm_newest(home, [newest])
    with writing(home) as ledger:
        assert home.publish(ledger) == newest == home.published.read_bytes()
    assert code_of(lambda: confirm_newest(home, [newest])) == "backup.confirmed"


def sign(home: Home, size: int, root: bytes) -> bytes:
    signer = NoteSigner(ORIGIN, home.keys.signer(LOG_KEY, SECRET))
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), [signer])


def test_every_contradiction_is_kept_and_compared(home: Home, tmp_path: Path) -> None:
    """Two forks of one size were one file: a database of one released a log that signed both."""
    with writing(home) as ledger:
        ledger.append(World().wires)
        home.publish(ledger)
    forks = [sign(home, 9, bytes([number] * 32)) for number in (1, 2)]
    for note in (*forks, sign(home, 7, bytes(32)), forks[0]):
        home.contradictions.keep(note)
    files = home.contradictions.files
    assert [path.read_bytes() for path in files] == [sign(home, 7, bytes(32)), *forks]
    back_up(home, tmp_path / "saved")
    restored = restore(tmp_path / "saved", tmp_path / "again")
    assert [path.name for path in restored.contradictions.files] == [path.name for path in files]
    assert code_of(lambda: confirm_newest(restored, [forks[0]])) == "ledger.behind"
    files[1].unlink()
    files[0].unlink()
    assert code_of(lambda: confirm_newest(home, [home.published.read_bytes()])) == "ledger.behind"


def test_contradiction_that_arrives_while_the_log_seals_stops_the_signature(home: Home) -> None:
    """Sealing a million items takes a moment, in which another server may hear of a fork."""
    with writing(home) as ledger:
        ledger.append(World().wires)
        size = ledger.size

        def check() -> None:
            if ledger.size > size:  # the seal is written, and nothing is signed
                home.contradictions.keep(sign(home, 9, bytes(32)))

        assert code_of(lambda: home.publish(ledger, check)) == "witness.ahead"
        assert (ledger.size, ledger.published_size) == (size + 1, 0)


def test_contradiction_of_an_earlier_version_stops_the_log_until_it_is_compared(
    home: Home, tmp_path: Path
) -> None:
    """It was a single file of that name, which no command could read as a folder."""
    with writing(home) as ledger:
        ledger.append(World().wires)
        newest = home.publish(ledger)
    size = parse_checkpoint(parse_note(newest).text).size
    file, kept = home.contradictions.path, home.contradictions
    file.write_bytes(fork := sign(home, 90, bytes(32)))
    assert code_of(lambda: home.write(clock, SECRET)) == "witness.ahead"
    assert kept.largest == fork
    for note in (fork, other := sign(home, 80, bytes(32))):
        kept.keep(note)
    assert file.read_bytes() == fork == kept.largest  # the log is never without it
    assert [path.read_bytes() for path in kept.files] == [other, fork]
    assert code_of(lambda: confirm_newest(home, [newest])) == "ledger.behind"
    back_up(home, tmp_path / "saved")
    saved = Home.open(tmp_path / "saved").contradictions
    names = [path.name for path in saved.files]
    assert names == [f"80-{'0' * 16}", f"90-{'0' * 16}"]
    saved.clear()
    saved.path.write_bytes(fork)  # as an earlier version backed it up
    restored = restore(tmp_path / "saved", tmp_path / "again").contradictions
    assert [path.name for path in restored.files] == names[1:]
    kept.clear()
    assert not kept.exist
    file.write_bytes(newest)
    kept.keep(newest)
    assert confirm_newest(home, [newest]) == size
    with writing(home) as ledger:
        assert home.publish(ledger) == newest


def test_file_of_an_earlier_version_is_never_removed_for_room(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, its log would sign again."""
    monkeypatch.setattr("traceledger.ledger.keeping.contradictions._MOST", 1)
    home.contradictions.path.write_bytes(sign(home, 7, bytes(32)))
    for size in (9, 8):
        home.contradictions.keep(sign(home, size, bytes(32)))
    assert home.contradictions.path.is_file()
    assert parse_checkpoint(parse_note(home.contradictions.largest).text).size == 9
    home.contradictions.path.write_bytes(b"half a note")
    with pytest.raises(MalformedError, match="contradiction"):
        confirm_newest(home, [sign(home, 7, bytes(32))])


def test_a_second_history_fills_no_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs it can show another checkpoint of it every second."""
    monkeypatch.setattr("traceledger.ledger.keeping.contradictions._MOST", 2)
    for size in (8, 11, 9, 7):
        home.contradictions.keep(sign(home, size, bytes(32)))
    assert [path.name.partition("-")[0] for path in home.contradictions.files] == ["9", "11"]


def test_damaged_back_up_is_not_restored(home: Home, tmp_path: Path) -> None:
    """Years in a cupboard can flip bits; whoever restored it learned that much later."""
    world = World()
    item = world.core()
    with writing(home) as ledger:
        ledger.append(world.wires)
        home.publish(ledger)
    back_up(home, tmp_path / "saved")
    database = tmp_path / "saved" / DATABASE
    # A row, or an index, has another item now.
    database.write_bytes(database.read_bytes().replace(item.encode(), b"x" * len(item), 1))
    assert code_of(lambda: restore(tmp_path / "saved", tmp_path / "again")) == "ledger.damaged"
    assert not (tmp_path / "again").exists()


def test_unfinished_files_of_killed_processes_are_removed(home: Home) -> None:
    old, new = (home.path / f".checkpoint.{number}.new" for number in (1, 2))
    for path, age in ((old, 4000), (new, 60)):
        path.write_bytes(b"half")
        os.utime(path, (clock() - age, clock() - age))
    with writing(home):
        assert (old.exists(), new.exists()) == (False, True)  # another server may be writing it
