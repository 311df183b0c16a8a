"""Passports of parts that came from other ledgers, as the operator keeps them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tests.api.site import running
from tests.vectors.former import OtherLedger
from tests.world import World
from traceledger.ledger.keeping.former import FormerPassports


def test_kept_passport_is_served_to_everyone_and_nothing_else_of_the_folder(
    tmp_path: Path,
) -> None:
    passport = OtherLedger().public
    with running(tmp_path / "ledger", World()) as site:
        digest = FormerPassports(tmp_path / "ledger").keep(passport)
        answer = site.get(f"former/{digest}")
        assert answer.content == passport
        assert "immutable" in answer.headers["cache-control"]
        assert site.refusal(f"former/{sha256(b'').hexdigest()}") == (404, "former.unknown")
        for path in ("former/..%2Ftraceledger.toml", f"former/{digest.upper()}"):
            assert site.get(path).status_code in {400, 404}
