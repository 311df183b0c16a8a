from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.cli.plant import CORE, UNIT, Plant
from tests.world import make_signer
from traceledger.formats.label import LabelStatement, sign_label
from traceledger.labels.symbol import make_symbol

STRANGER = make_signer("stranger")


@pytest.fixture
def trust(busy_plant: Plant, tmp_path: Path) -> Path:
    """A trust file that lists the plant's approvers' keys for labels."""
    path = tmp_path / "trust.json"
    known = ("--item", "01/0952123", "--labels-of", "plant", "-o", path)
    busy_plant.run("trust", "make", *known)
    return path


@pytest.fixture
def signed(busy_plant: Plant, tmp_path: Path) -> Path:
    """A label with a statement signed by the approver's key."""
    path = tmp_path / "signed.png"
    busy_plant.run("label", UNIT, "-o", path, "--statement", "--key", "release")
    return path


@pytest.mark.parametrize("kind", ["pdf", "zpl", "svg", "png", "txt"])
def test_labels_are_drawn_in_every_format(busy_plant: Plant, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"label.{kind}"
    busy_plant.run("label", UNIT, "-o", path, "--dpi", "203")
    begins = {"pdf": b"%PDF-", "zpl": b"^XA", "svg": b"<svg", "png": b"\x89PNG", "txt": b"\x1b["}
    assert path.read_bytes().startswith(begins[kind])


def test_several_labels_are_written_to_one_pdf_or_a_folder(
    busy_plant: Plant, tmp_path: Path
) -> None:
    sheet, folder = tmp_path / "sheet.pdf", tmp_path / "labels"
    result = busy_plant.json("label", UNIT, CORE, "-o", sheet)
    assert result["labels"] == {UNIT: str(sheet), CORE: str(sheet)}
    busy_plant.run("label", UNIT, CORE, "-o", folder, "--format", "zpl")
    assert len(list(folder.glob("*.zpl"))) == 2
    result = busy_plant.json("label", UNIT, CORE, "-o", folder, "--format", "pdf")
    assert set(result["labels"].values()) == {str(folder / "labels.pdf")}
    roll = tmp_path / "roll.zpl"
    busy_plant.run("label", UNIT, CORE, "-o", roll)
    assert roll.read_bytes().count(b"^XA") == 2
    printed = busy_plant.run("label", UNIT, CORE, "-o", "-", "--format", "zpl").stdout_bytes
    assert printed == roll.read_bytes()
    pictures = ("label", UNIT, CORE, "-o", "-", "--format", "svg")
    assert busy_plant.refusal(*pictures, code=2) == "usage.option"
    assert not Path("-").exists()


def test_unsuitable_resolution_and_unknown_format_are_refused(
    busy_plant: Plant, tmp_path: Path
) -> None:
    path = tmp_path / "label.pdf"
    assert busy_plant.refusal("label", UNIT, "-o", path, "--dpi", "10", code=2) == "usage.option"
    assert busy_plant.refusal("label", UNIT, "-o", tmp_path / "label.doc", code=2) == "usage.option"


def test_scan_of_a_plain_label_proves_nothing(
    busy_plant: Plant, tmp_path: Path, trust: Path
) -> None:
    path = tmp_path / "plain.png"
    busy_plant.run("label", UNIT, "-o", path)
    result = busy_plant.json("scan", path, "--trust", trust, code=4)
    assert (result["result"], result["codes"], result["item"]) == (
        "incomplete",
        ["label.none"],
        UNIT,
    )
    assert "7KQ2 X4PM 9ATR WC" in busy_plant.run("scan", path, "--trust", trust, code=4).stdout


def test_scan_of_a_signed_label_names_the_signer(
    busy_plant: Plant, signed: Path, trust: Path
) -> None:
    result = busy_plant.json("scan", signed, "--trust", trust, code=4)
    assert result["codes"] == ["label.alone"]
    assert result["label"]["statement"]["party"] == "party/plant"
    assert "party/plant signed" in busy_plant.run("scan", signed, "--trust", trust, code=4).stdout


def test_signed_label_without_label_keys_in_the_trust_file_proves_nothing(
    busy_plant: Plant, signed: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "without-keys.json"
    busy_plant.run("trust", "make", "--item", "01/0952123", "-o", plain)
    result = busy_plant.json("scan", signed, "--trust", plain, code=4)
    assert result["codes"] == ["label.key"]
    assert "statement" not in result["label"]


def test_statement_on_the_label_of_another_part_is_refused(
    busy_plant: Plant, signed: Path, trust: Path, tmp_path: Path
) -> None:
    link = _link(signed)
    forged = _symbol(link.replace(UNIT[-4:], "AAAA", 1), tmp_path)
    result = busy_plant.json("scan", forged, "--trust", trust, code=3)
    assert (result["result"], result["codes"]) == ("refused", ["label.item"])


def test_passport_confirms_the_statement_of_a_label(
    busy_plant: Plant, signed: Path, trust: Path, tmp_path: Path
) -> None:
    busy_plant.run("checkpoint")
    passport = tmp_path / "passport.json"
    busy_plant.run("passport", UNIT, "-o", passport)
    known = ("--trust", trust, "--passport", passport)
    result = busy_plant.json("scan", signed, *known, code=4)
    assert result["codes"] == ["quorum.none", "replay.missing"]
    assert result["state"] == "PACKED"
    plain = tmp_path / "without-keys.json"
    busy_plant.run("trust", "make", "--item", "01/0952123", "-o", plain)
    known = ("--trust", plain, "--passport", passport)
    label = busy_plant.json("scan", signed, *known, code=4)["label"]
    assert label["statement"]["party"] == "party/plant"  # by the key in the passport
    assert "party/plant signed" in busy_plant.run("scan", signed, *known, code=4).stdout
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(passport.read_bytes()[:-9])
    known = ("--trust", trust, "--passport", damaged)
    assert busy_plant.json("scan", signed, *known, code=3)["result"] == "refused"


def test_statement_forged_with_a_strangers_key_is_refused_with_the_passport(
    busy_plant: Plant, signed: Path, trust: Path, tmp_path: Path
) -> None:
    """The trust file lists no label keys, so the label alone proves nothing either way."""
    busy_plant.run("checkpoint")
    passport = tmp_path / "passport.json"
    busy_plant.run("passport", UNIT, "-o", passport)
    label = busy_plant.json("scan", signed, "--trust", trust, code=4)["label"]
    members = {**label["statement"], "kid": STRANGER.key.kid}
    del members["party"]
    fragment = sign_label(LabelStatement(**members), STRANGER)
    forged = _symbol(f"{label['link']}#{fragment}", tmp_path)
    known = ("--trust", trust, "--passport", passport)
    result = busy_plant.json("scan", forged, *known, code=3)
    assert (result["result"], result["codes"]) == ("refused", ["label.signer"])


def test_only_approvers_sign_statements_and_only_for_approved_units(
    busy_plant: Plant, tmp_path: Path
) -> None:
    path = tmp_path / "label.png"
    labelling = ("label", UNIT, "-o", path, "--statement")
    assert busy_plant.refusal(*labelling, "--key", "station", code=6) == "label.signer"
    labelling = ("label", CORE, "-o", path, "--statement")
    assert busy_plant.refusal(*labelling, "--key", "release", code=7) == "label.unapproved"


def test_image_without_a_label_is_refused(busy_plant: Plant, trust: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    Image.new("L", (200, 200), 255).save(empty)
    assert busy_plant.refusal("scan", empty, "--trust", trust, code=5) == "scan.none"
    foreign = _symbol("WIFI:S:plant;;", tmp_path)
    assert busy_plant.refusal("scan", foreign, "--trust", trust, code=5) == "scan.none"
    assert busy_plant.refusal("scan", trust, "--trust", trust, code=2) == "scan.image"


def test_image_of_two_labels_is_refused(
    busy_plant: Plant, signed: Path, trust: Path, tmp_path: Path
) -> None:
    plain = tmp_path / "core.png"
    busy_plant.run("label", CORE, "-o", plain)
    both = Image.new("L", (2400, 1600), 255)
    both.paste(Image.open(signed).convert("L"), (0, 0))
    both.paste(Image.open(plain).convert("L"), (0, 1000))
    path = tmp_path / "both.png"
    both.save(path)
    assert busy_plant.refusal("scan", path, "--trust", trust, code=2) == "scan.image"


def _link(picture: Path) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
    return str(found.text)


def _symbol(text: str, folder: Path) -> Path:
    symbol = make_symbol(text)
    image = Image.new("L", ((symbol.size + 8) * 5,) * 2, 255)
    drawing = ImageDraw.Draw(image)
    for y, row in enumerate(symbol.rows, 4):
        for x, dark in enumerate(row, 4):
            if dark:
                drawing.rectangle((x * 5, y * 5, x * 5 + 4, y * 5 + 4), fill=0)
    path = folder / "symbol.png"
    image.save(path)
    return path
