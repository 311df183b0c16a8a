"""Makes the pictures of docs/screenshots: python -m tests.browser.screenshots

The five states of a part, on the demo's ledger, as a phone and as a desk show them.
"""

from __future__ import annotations

import io
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import CHROMIUM, FLAGS
from traceledger.events.draft import Draft, DraftRef
from traceledger.formats.note import NoteVerifier
from traceledger.ledger.keeping.home import Home
from traceledger.ledger.ledger import Ledger
from traceledger.ledger.reading.witness_requests import make_request
from traceledger.planning.keys import LOG_KEY
from traceledger.planning.signing import find_identity, sign_drafts
from traceledger.views.rows import Search
from traceledger.witness.record import create_record
from traceledger.witness.witness import Witness
from traceledger_cli.demo.cast import PASSPHRASE, WITNESSES, Cast
from traceledger_cli.demo.drafts import WASTE

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
PROGRAM = [sys.executable, "-m", "traceledger_cli"]
SIZES = {360: 640, 1280: 800}
COLOURS = 255


def sign(ledger: Ledger, cast: Cast, by: tuple[str, str], draft: Draft) -> None:
    signer = cast.signer(*by)
    identity = find_identity(ledger, signer.key.kid)
    signed = sign_drafts(ledger, [draft], signer, identity, randbytes=secrets.token_bytes)
    ledger.append([one.wire for one in signed])


def prepare(ledger: Ledger, cast: Cast) -> dict[str, str]:
    """Adds what the demo's story lacks, and returns a unit for each state but the last."""
    exported = [row.item for row in ledger.search(Search(chain="unit", life="EXPORTED"))]
    packed = [row.item for row in ledger.search(Search(chain="unit", life="PACKED"))]
    released, held, unreleased = *exported[1:3], packed[0]
    hold = {"authority": "customs", "reason": "sample", "case": "K-2025-0031"}
    sign(ledger, cast, ("customs", "officer"), Draft(kind="hold", item=held, data=hold))
    mended = {"action": "resolder", "faults": ["cracked solder joint"], "replaced": []}
    repair = Draft(kind="repair", item=unreleased, data=mended)
    sign(ledger, cast, ("plant", "bench-1"), repair)
    return {"released": released, "held": held, "unreleased": unreleased}


def scrap(ledger: Ledger, cast: Cast, unit: str) -> None:
    lot = {"class": "waste", "material": "e-waste"}
    sign(ledger, cast, ("plant", "receiving"), Draft(kind="open_lot", item=f"{WASTE}-2", data=lot))
    why = {"reason": "housing cracked", "net_kg": "0.9", "material": "e-waste"}
    refs = (DraftRef("lot", f"{WASTE}-2"),)
    end = Draft(kind="scrap", item=unit, data=why, refs=refs)
    sign(ledger, cast, ("plant", "bench-1"), end)


def publish(home: Home, ledger: Ledger, cast: Cast, folder: Path) -> None:
    """Publishes a checkpoint that both witnesses cosign."""
    home.publish(ledger)
    log = NoteVerifier(home.origin, home.keys.public(LOG_KEY))
    cosigners = [cast.cosigner(name) for name in WITNESSES]
    for number, cosigner in enumerate(cosigners):
        record = folder / f"witness-{number}"
        if not record.exists():
            create_record(record, home.origin)
        witness = Witness(cosigner, log, record)
        start = witness.size()
        entries = ledger.read_bodies(start, ledger.size)
        request = make_request(ledger, start)
        answer = witness.cosign_replayed(request, entries, int(time.time()))
        ledger.accept_answer(answer, [one.verifier for one in cosigners])
    home.copy_checkpoint(ledger)


def make_ledger(folder: Path) -> dict[str, str]:
    """The demo's ledger with units in all states but scrapped, cosigned by both witnesses."""
    command = [*PROGRAM, "demo", str(folder), "--cores", "40", "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    home, cast = Home.open(folder / "ledger"), Cast(1, folder / "keys")
    with closing(home.write(time.time, PASSPHRASE)) as ledger:
        units = {"recalled": told["recalled_unit"], **prepare(ledger, cast)}
        publish(home, ledger, cast, folder)
    return units


def end_life(folder: Path, unit: str) -> None:
    """Scraps a unit of the ledger."""
    home, cast = Home.open(folder / "ledger"), Cast(1, folder / "keys")
    with closing(home.write(time.time, PASSPHRASE)) as ledger:
        scrap(ledger, cast, unit)
        publish(home, ledger, cast, folder)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    options = ["--ledger", str(folder / "ledger"), "--trust", str(folder / "trust.json")]
    options += ["--passphrase-file", str(folder / "passphrase"), "--port", "0", "--json"]
    command = [*PROGRAM, "serve", *options, "--log", "error", "--url", "https://id.yuxiang.example"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["address"]
        process.terminate()


def save(data: bytes, path: Path) -> None:
    """Saves a picture with few colours: small, and no eye sees it."""
    picture = (
        Image.open(io.BytesIO(data)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    )
    picture.save(path, "PNG", optimize=True)


def draw(browser: Browser, address: str, units: Mapping[str, str]) -> None:
    for width, height in SIZES.items():
        page = browser.new_page(viewport={"width": width, "height": height}, locale="en-US")
        for state, unit in units.items():
            page.goto(f"{address}/{unit}")
            page.wait_for_selector('body[data-record="proven"]')
            save(page.screenshot(), FOLDER / f"part-{state}-{width}.png")
        page.close()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name) / "demo"
        units = make_ledger(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(folder) as address:
            draw(browser, address, units)
        end_life(folder, units["unreleased"])
        with serving(folder) as address:
            draw(browser, address, {"scrapped": units["unreleased"]})
        browser.close()


if __name__ == "__main__":
    main()
