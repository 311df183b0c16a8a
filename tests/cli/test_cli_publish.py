from __future__ import annotations

import signal
from pathlib import Path

import obstore
import pytest

from tests.cli.plant import UNIT, Plant
from tests.object_store import ObjectStore, serving_bucket
from tests.plain_server import serving_files

BUCKET = "s3://copies/ledger"


def publishing(plant: Plant, *more: str, target: str = "") -> tuple[str, ...]:
    place = target or plant.path("copy")
    return ("publish", place, "--trust", plant.path("trust.json"), *more)


def mirrored_size(plant: Plant, address: str) -> int:
    """Mirrors a copy, verifying it, and returns the size of its log."""
    mirroring = ("mirror", address, plant.path("mirror"))
    found = plant.json(*mirroring, "--trust", plant.path("trust.json"))
    return int(found["size"])


def test_copy_on_a_plain_file_server_is_mirrored_and_verified(watched: Plant) -> None:
    """Nothing of the plant is reachable: the mirror has only the files."""
    published = watched.json(*publishing(watched, "--private-target"))
    assert published["entries"] is True
    with serving_files(Path(watched.path("copy"))) as address:
        mirroring = ("mirror", address, watched.path("mirror"))
        mirrored = watched.json(*mirroring, "--trust", watched.path("trust.json"))
        assert (mirrored["size"], mirrored["disclosed"]) == (published["size"], False)
        again = watched.json(*publishing(watched, "--private-target"))
        assert (again["old"], again["files"]) == (published["size"], 0)
    verifying = ("verify", watched.path("mirror"), "--trust", watched.path("trust.json"))
    assert watched.json(*verifying)["result"] == "verified"


def test_entries_stay_private_without_the_option(watched: Plant) -> None:
    """All entries together reveal a plant's business, so only its policy may publish them."""
    text = watched.run(*publishing(watched)).stdout
    assert "without the entries, which are not public" in text
    assert not [*Path(watched.path("copy"), "tile").rglob("entries")]
    with serving_files(Path(watched.path("copy"))) as address:
        assert watched.refusal("mirror", address, watched.path("mirror"), code=8) == (
            "remote.missing"
        )


def test_copy_in_a_bucket_is_mirrored_and_never_overwritten(
    watched: Plant, object_store: ObjectStore
) -> None:
    command = publishing(watched, "--private-target", target=BUCKET)
    published = watched.json(*command)
    with serving_bucket(object_store, "ledger") as address:
        assert mirrored_size(watched, address) == published["size"]
    verifying = ("verify", watched.path("mirror"), "--trust", watched.path("trust.json"))
    assert watched.json(*verifying)["result"] == "verified"
    assert watched.json(*command)["files"] == 0
    bucket, tile = object_store.open(), f"ledger/tile/0/000.p/{published['size']}"
    altered = bytes(obstore.get(bucket, tile).bytes())[::-1]
    obstore.put(bucket, tile, altered)
    obstore.delete(bucket, "ledger/checkpoint")
    assert watched.refusal(*command, code=7) == "publish.file"
    assert bytes(obstore.get(bucket, tile).bytes()) == altered


@pytest.mark.parametrize("writes", [1, 4])  # among the tiles, and among the pages
def test_publisher_of_a_bucket_is_killed_and_the_next_run_continues(
    watched: Plant, object_store: ObjectStore, writes: int
) -> None:
    """Readers of the bucket have the old state until the new one is complete."""
    command = publishing(watched, "--private-target", "--pages", target=BUCKET)
    old = watched.json(*command)["size"]
    watched.event("hold", UNIT, "--authority", "quality", "--reason", "look", "--key", "lab")
    watched.run("checkpoint")
    with serving_bucket(object_store, "ledger") as address:
        with object_store.stopping_after(writes) as stopped, watched.spawn(*command) as publisher:
            assert stopped.wait(60)
            publisher.send_signal(signal.SIGKILL)
            publisher.wait(60)
        assert mirrored_size(watched, address) == old
        new = watched.json(*command)["size"]
        assert new > old
        assert mirrored_size(watched, address) == new
