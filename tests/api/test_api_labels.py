"""Labels over HTTP: identical to the library's, for readers of the item only, never active."""

from __future__ import annotations

import io

import pypdfium2  # type: ignore[import-untyped]  # it has no types
import pytest
import zxingcpp
from PIL import Image

from tests.api.site import URL, Site
from traceledger.labels.drawing import Format, Style, draw_labels
from traceledger.labels.symbol import make_symbol
from traceledger.planning.labels import find_label

MEDIA: dict[Format, str] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "zpl": "application/zpl",
    "txt": "text/plain; charset=utf-8",
}


@pytest.fixture
def unit(busy_site: Site) -> str:
    return find(busy_site, "unit")


@pytest.fixture
def core(busy_site: Site) -> str:
    return find(busy_site, "core")


def find(site: Site, chain: str) -> str:
    found: str = site.json(f"items?chain={chain}&limit=1", "operator")["items"][0]["item"]
    return found


def read_symbol(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return str(found.text)


@pytest.mark.parametrize("kind", MEDIA)
def test_label_is_what_the_library_draws(busy_site: Site, unit: str, kind: Format) -> None:
    asked = f"items/{unit}/label?format={kind}&dpi=203&error_correction=H&paper=label"
    answer = busy_site.get(asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MEDIA[kind]
    label = busy_site.client.run(
        busy_site.context.read(find_label, busy_site.context.ledger, URL, unit)
    )
    pair = (label, make_symbol(label.link, "H"))
    assert answer.content == draw_labels(kind, [pair], Style(203, "label"))


def test_label_leads_to_the_unit(busy_site: Site, unit: str) -> None:
    answer = busy_site.get(f"items/{unit}/label?format=png")
    assert read_symbol(Image.open(io.BytesIO(answer.content))) == f"{URL}/{unit}"


def test_label_is_svg_unless_asked_otherwise_and_runs_nothing(busy_site: Site, unit: str) -> None:
    answer = busy_site.get(f"items/{unit}/label")
    assert answer.content.startswith(b"<svg")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_unchanged_label_is_304_by_its_tag(busy_site: Site, unit: str) -> None:
    answer = busy_site.get(f"items/{unit}/label?format=pdf")
    assert answer.headers["cache-control"] == "no-cache"
    same = {"if-none-match": answer.headers["etag"]}
    assert busy_site.get(f"items/{unit}/label?format=pdf", headers=same).status_code == 304
    mine = busy_site.get(f"items/{unit}/label", "operator")
    assert mine.headers["cache-control"] == "private, no-cache"


def test_sheet_holds_a_label_for_each_item(busy_site: Site, unit: str, core: str) -> None:
    answer = busy_site.get(f"labels?item={core}&item={unit}&paper=label", "operator")
    document = pypdfium2.PdfDocument(answer.content)
    pages = [page.render(scale=4).to_pil() for page in document]
    assert [read_symbol(page) for page in pages] == [f"{URL}/{core}", f"{URL}/{unit}"]
    document.close()
    sheet = busy_site.get(f"labels?item={core}&item={unit}", "operator").content
    assert len(pypdfium2.PdfDocument(sheet)) == 1


def test_printer_file_has_each_label_once(busy_site: Site, unit: str, core: str) -> None:
    answer = busy_site.get(f"labels?item={core}&item={unit}&item={core}&format=zpl", "operator")
    assert answer.content.count(b"^XA") == answer.content.count(b"^XZ") == 2


def test_stranger_gets_labels_of_units_only(busy_site: Site, unit: str, core: str) -> None:
    assert busy_site.refusal(f"items/{core}/label") == (401, "access.needed")
    assert busy_site.refusal(f"labels?item={unit}&item={core}") == (401, "access.needed")
    assert busy_site.get(f"items/{core}/label", "distributor").status_code == 200


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("items/01/09521234543213/21/NONE/label", (404, "item.unknown")),
        ("items/policy/label", (404, "item.unknown")),
        ("items/book/7KQ2X4PM9ATRWC23QZ5H/label", (404, "item.unknown")),
        ("items/lot/label", (404, "item.unknown")),  # a lot with this name
        ("items/..%2f..%2fetc/label", (404, "item.form")),
        ("items/%3Csvg%20onload=alert(1)%3E/label", (404, "item.form")),
        ("labels", (400, "request.value")),
        ("labels?item=", (404, "item.form")),
        ("labels?item=8004/9521234C000001&format=png", (400, "request.value")),
    ],
)
def test_item_without_a_label_is_refused(
    busy_site: Site, path: str, wanted: tuple[int, str]
) -> None:
    assert busy_site.refusal(path, "operator") == wanted


@pytest.mark.parametrize(
    "query",
    [
        "format=gif",
        "format=../../svg",
        "format=",
        "dpi=99",
        "dpi=601",
        "dpi=1e3",
        "dpi=NaN",
        "error_correction=L",
        "paper=a0",
        "paper=%00",
    ],
)
def test_hostile_options_are_refused(busy_site: Site, unit: str, query: str) -> None:
    assert busy_site.refusal(f"items/{unit}/label?{query}") == (400, "request.value")


def test_sheet_is_bounded(busy_site: Site, unit: str) -> None:
    many = "&".join([f"item={unit}"] * 101)
    assert busy_site.refusal(f"labels?{many}") == (400, "request.value")


def test_label_of_a_unit_with_a_recalled_part_is_marked(site: Site) -> None:
    """Whoever prints labels for a batch must learn which units contain a recalled part."""
    world = site.world
    core = world.core("IN_PROCESS")
    unit, other = world.unit("PACKED", (core,)), world.unit("PACKED")
    site.feed()
    path = f"labels?item={unit}&item={other}&format=zpl"
    assert "Label-Marked" not in site.get(path).headers
    world.add("recall", core, by="approver")
    site.feed()
    assert site.get(path).headers["Label-Marked"] == unit
    (listed,) = site.json(f"items?q={unit}")["items"]
    assert listed["overlays"] == ["part_recalled"]
    parts = site.json(f"items/{unit}")["marked_parts"]
    assert parts == [{"item": core, "state": "CONSUMED", "overlays": ["recalled"]}]


def test_labels_are_bounded_by_their_dots(busy_site: Site, unit: str) -> None:
    """A hundred labels at the highest resolution kept a reader busy for seconds."""
    items = "&".join(f"item={unit}{number}" for number in range(26))
    assert busy_site.refusal(f"labels?{items}&format=zpl&dpi=600") == (400, "request.labels")
    assert busy_site.get(f"labels?item={unit}&format=zpl&dpi=600").status_code == 200
