"""The account over HTTP: the figures of an audit, up to date, for those who may read them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.site import ENGINES, NOW, Site, make_home, running, serving, store_of
from tests.audit.accounts import Plant
from traceledger.audit.ahead import look_ahead
from traceledger.audit.fold import AccountFold
from traceledger.audit.output import hash_report
from traceledger.audit.scope import Scope
from traceledger.ledger.reading.archives import export_archive
from traceledger.ledger.reading.rights import open_rights
from traceledger.verify.archive.archive import verify_archive
from traceledger.verify.archive.source import FolderSource
from traceledger.views.history import CUSTOMS, Reader

Json = dict[str, Any]
OTHER = ["01/0952199", "8004/9521999", "decl/OTHER", "book/OTHER", "lot/OTHER"]


def make_plant() -> Plant:
    """A plant with an exported unit, a core in process and another importer."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    first = plant.import_core(line, state="IN_PROCESS")
    plant.import_core(line)
    plant.export(plant.build("1.000", first), plant.declare_out(1, "1.000"))
    plant.admit("other", ("importer",), OTHER)
    plant.add_key("other importer", "other", ["importer"])
    return plant


@pytest.fixture(scope="module", params=ENGINES)
def site(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Site]:
    plant = make_plant()
    folder = tmp_path_factory.mktemp("account") / "ledger"
    with serving(make_home(folder, plant, store_of(request)), plant) as site:
        yield site


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., Json]:
    """Audits what a reader may take along, as `traceledger audit` does."""

    def run(site: Site, reader: Reader = CUSTOMS, scope: Scope | None = None) -> Json:
        target = tmp_path / f"archive-{len(list(tmp_path.iterdir()))}"
        export_archive(site.context.ledger, target, reader)
        trust = site.context.policy
        ahead = look_ahead(site.context.ledger.read_bodies(0, site.context.ledger.size))
        fold = AccountFold(scope or Scope(), trust.customs, (), ahead)
        folds = {"account": fold}
        verify_archive(FolderSource(target), trust, now=NOW, workers=1, folds=folds)
        return fold.finish()

    return run


def canonical(described: Json) -> bytes:
    return msgspec.json.encode(described, order="sorted")


def test_account_equals_that_of_an_audit_byte_for_byte(
    site: Site, audit: Callable[..., Json]
) -> None:
    """Defends against a console that shows other figures than customs compute at home."""
    found = site.get("account", "customs")
    described = audit(site)
    assert found.content == canonical(described)
    assert hashlib.sha256(found.content).hexdigest() == hash_report(described)
    assert described["open_cores"] == "1"


def test_importer_reads_only_what_its_party_may_see(site: Site, audit: Callable[..., Json]) -> None:
    """Defends against another importer that learns declared values from the sums."""
    ledger = site.context.ledger
    for by in ("importer", "other importer"):
        token = site.token(by).encode()
        rights = open_rights(token, ledger.state, origin=ledger.origin, now=NOW)
        assert site.get("account", by).content == canonical(audit(site, rights.reader))
    own = site.json("account/lines", "importer")["lines_in"]
    foreign = site.json("account/lines", "other importer")["lines_in"]
    assert [line["declared_value"] for line in own if line["imported"] == "2"] == ["2"]
    assert {line["declared_value"] for line in foreign} == {None}
    assert {line["declared"] for line in foreign} == {None}


@pytest.mark.parametrize(
    "path", ["account", "account/figure?path=/open_cores", "account/lines", "account/items"]
)
def test_others_read_no_account(site: Site, path: str) -> None:
    """Defends against strangers, carriers and operators of the plant who read the whole book."""
    assert site.refusal(path) == (401, "access.needed")
    for by in ("carrier", "distributor", "operator", "plant admin"):
        assert site.refusal(path, by) == (403, "access.role")


def test_figure_leads_to_signed_events(site: Site) -> None:
    """Defends against a figure without evidence."""
    lines = site.json("account/lines", "customs")["lines_in"]
    (line,) = [line for line in lines if line["imported"] == "2"]
    found = site.json("account/figure", "customs", params={"path": f"{line['path']}/imported"})
    assert (found["value"], found["count"]) == ("2", 2)
    for part in found["parts"]:
        (entry,) = part["entries"]
        event = site.json(f"events/{entry['index']}", "customs")
        assert (event["event"], event["item"], event["kind"]) == (
            entry["event"],
            part["item"],
            "import",
        )
    assert site.refusal("account/figure?path=/nothing", "customs") == (404, "account.figure")


def test_cores_are_listed_by_line_and_fate(site: Site) -> None:
    """Defends against a list of cores that differs from the count of a fate."""
    found = site.json("account/items?fate=exported", "customs")
    assert found["count"] == 1
    (core,) = found["items"]
    assert core["became"].startswith("01/")
    assert core["left_on"].startswith("decl/")
    account = site.json("account", "customs")
    for book in account["books"]:
        scope = {"book": book["book"]}
        imported = sum(int(line["imported"]) for line in book["lines_in"])
        assert site.json("account/items", "customs", params=scope)["count"] == imported
    rest = site.json("account/items", "customs", params={"line": core["line"], "after": 1})
    assert [one["fate"] for one in rest["items"]] == ["in_transit"]


def test_new_entries_are_read_once_and_an_older_size_stays(
    tmp_path: Path, audit: Callable[..., Json]
) -> None:
    """Defends against stale figures, and against a permalink whose figures change."""
    plant = make_plant()
    with running(tmp_path / "ledger", plant) as site:
        first = site.json("account", "customs")
        line = plant.declare_in(1, "1.000")
        plant.import_core(line)
        site.feed()
        second = site.get("account", "customs")
        assert second.content == canonical(audit(site))
        assert second.json()["open_cores"] == "2"
        old = site.json("account", "customs", params={"to": first["size"]})
        assert old == first
        period = {"from": first["size"]}
        found = site.get("account", "customs", params=period)
        scope = Scope(first["size"])
        assert found.content == canonical(audit(site, scope=scope))
        assert site.refusal("account?to=3", "customs") == (404, "ledger.unpublished")
        backwards = {"from": second.json()["size"], "to": first["size"]}
        answer = site.refusal("account", "customs", params=backwards)
        assert answer == (400, "account.period")


def test_erased_field_leaves_the_account(tmp_path: Path, audit: Callable[..., Json]) -> None:
    """Defends against a field that was erased by law and is still counted from memory."""
    plant = Plant()
    line = plant.declare_in(2, "2.000")
    cores = [plant.import_core(line, old_serial="S-1") for _ in range(2)]
    with running(tmp_path / "ledger", plant) as site:
        before = site.json("account", "importer")
        assert "DUP-01" in {finding["code"] for finding in before["findings"]}
        target = next(event for event in plant.events if event.payload.sub == cores[1])
        refs = (("target", cores[1], target.id),)
        plant.add("erase", cores[1], {"fields": ["old_serial"]}, refs=refs, by="importer")
        site.feed()
        found = site.json("account", "importer")
        assert "DUP-01" not in {finding["code"] for finding in found["findings"]}
        old = site.json("account", "importer", params={"to": before["size"]})
        assert "DUP-01" not in {finding["code"] for finding in old["findings"]}
        assert site.get("account", "customs").content == canonical(audit(site))


def test_report_is_recomputed_after_its_writeoff(
    tmp_path: Path, audit: Callable[..., Json]
) -> None:
    """Defends against a write-off that the running account cannot recompute any more."""
    plant = make_plant()
    with running(tmp_path / "ledger", plant) as site:
        size = site.json("account", "customs")["size"]
        plant.replay.publish(size)
        data = {
            "from_size": 1,
            "to_size": size,
            "report_sha256": "0" * 64,
            "residual_zero": True,
        }
        plant.add("writeoff", plant.book_id, data)
        site.feed()
        found = site.get("account", "customs")
        assert found.content == canonical(audit(site))
        assert "WOF-03" in {finding["code"] for finding in found.json()["findings"]}
        revoked = {"reason": "compromised", "compromised_since": 5}
        kid = plant.actors["importer"].signer.key.kid
        plant.add("revoke_key", f"key/{kid}", revoked, by="plant admin")
        site.feed()
        found = site.get("account", "customs")
        assert found.content == canonical(audit(site))
        disputed = [one for one in found.json()["findings"] if one["code"] == "INT-08"]
        assert disputed[0]["count"] > 1
