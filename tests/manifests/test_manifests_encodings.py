"""The encoding of a file is never guessed."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path

import pytest

from traceledger.errors import MalformedError
from traceledger.manifests import Conventions, Encoding, read_manifest
from traceledger.manifests.decoding import decode

LISTS = Path(__file__).parents[1] / "data" / "lists"
MANIFEST = (files("traceledger_cli") / "demo" / "data" / "manifest-1080-tcm.csv").read_text()
WESTERN = [
    "Citroën", "Škoda", "Société Générale", "Müller", "Größe", "Prüfstand", "Peña", "São Paulo",
    "Mégane", "Kärcher", "Ångström", "Øresund", "Façade", "Zürich", "Málaga", "Éric",
    "Rücksendung", "Jürgen", "naïve", "Declarant’s",
]  # fmt: skip
JAPANESE = ["トヨタ", "日立", "三菱電機", "アイシン", "本田"]
CHINESE = ["博世", "变速箱控制模块(旧件) 6T40", "A型", "USB转接口", "镕基", "X光", "大众·上海"]


def with_make(make: str, encoding: str) -> bytes:
    rows = list(csv.reader(io.StringIO(MANIFEST, newline="")))[:3]
    rows[1][3] = make
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("name", WESTERN)
def test_western_name_in_windows_1252_is_not_read_as_chinese(name: str) -> None:
    data = with_make(name, "cp1252")
    with pytest.raises(MalformedError) as caught:
        read_manifest(data)
    assert "--encoding" in str(caught.value.message) + caught.value.hint
    (first, _) = read_manifest(data, Conventions(encoding="windows-1252")).rows
    assert first.make == name


@pytest.mark.parametrize("name", JAPANESE)
def test_japanese_name_in_shift_jis_is_not_read_as_chinese(name: str) -> None:
    data = with_make(name, "cp932")
    with pytest.raises(MalformedError) as caught:
        read_manifest(data)
    assert "--encoding" in str(caught.value.message) + caught.value.hint
    (first, _) = read_manifest(data, Conventions(encoding="Shift-JIS")).rows
    assert first.make == name


@pytest.mark.parametrize("name", CHINESE)
def test_chinese_name_in_gbk_is_read_and_shown(name: str) -> None:
    manifest = read_manifest(with_make(name, "gbk"))
    assert manifest.rows[0].make == name
    assert manifest.reading.encoding == "GBK"
    assert manifest.reading.names == (name,)


def test_refusal_shows_the_implausible_line() -> None:
    with pytest.raises(MalformedError) as caught:
        read_manifest(with_make("Citroën", "cp1252"))
    assert caught.value.code == "manifest.encoding"
    assert "line 2 contains" in caught.value.message
    assert "Citro雗" in caught.value.message


def test_gbk_that_is_valid_utf_8_by_chance_is_not_read_as_hebrew() -> None:
    data = with_make("USB转RS232", "gbk")
    with pytest.raises(MalformedError) as caught:
        read_manifest(data)
    assert caught.value.code == "manifest.encoding"
    assert read_manifest(data, Conventions(encoding="GBK")).rows[0].make == "USB转RS232"
    assert read_manifest(data, Conventions(encoding="UTF-8")).rows[0].make == "USB\u05eaRS232"


@pytest.mark.parametrize("name", [*WESTERN, "Ελλάς", "Завод", "博世"])
def test_name_in_utf_8_is_read(name: str) -> None:
    manifest = read_manifest(with_make(name, "utf-8"))
    assert (manifest.rows[0].make, manifest.reading.encoding) == (name, "UTF-8")


def test_specified_gbk_disables_the_plausibility_check() -> None:
    manifest = read_manifest(with_make("Citroën", "cp1252"), Conventions(encoding="GBK"))
    assert manifest.rows[0].make == "Citro雗"


@pytest.mark.parametrize("name", ["09-cds-import-item.csv", "11-core-return-list.csv",
                                  "12-bench-german.csv"])  # fmt: skip
def test_western_file_is_not_read_without_its_encoding(name: str) -> None:
    with pytest.raises(MalformedError):
        decode((LISTS / name).read_bytes())
    text, encoding = decode((LISTS / name).read_bytes(), "windows-1252")
    assert encoding == "windows-1252"
    assert "’" in text or "ü" in text


@pytest.mark.parametrize(
    ("name", "encoding", "wrong"),
    [("Citroën", "cp1252", "UTF-8"), ("博", "utf-8", "Shift-JIS"), ("博", "utf-8", "GBK")],
)
def test_specified_encoding_that_does_not_fit_is_refused(
    name: str, encoding: str, wrong: Encoding
) -> None:
    with pytest.raises(MalformedError) as caught:
        decode(with_make(name, encoding), wrong)
    assert wrong in caught.value.message
