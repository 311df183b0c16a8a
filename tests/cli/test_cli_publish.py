from __future__ import annotations

from pathlib import Path

from tests.cli.plant import Plant
from tests.plain_server import serving_files


def publishing(plant: Plant, *more: str) -> tuple[str, ...]:
    return ("publish", plant.path("copy"), "--trust", plant.path("trust.json"), *more)


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
