from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Route

from tests.vectors.signatures import SIGNATURES
from traceledger_api.verifier import STATIC

ORIGIN = "http://localhost"  # WebCrypto needs a secure context; every request is answered here
JUDGE = """
async ([vectors, fallback]) => {
  const { judgeSignature, useEd25519 } = await import("/verify.js");
  if (fallback) {
    const { loadEd25519 } = await import("/ed25519.js");
    useEd25519(await loadEd25519("/vendor/noble-ed25519.js"));
  }
  const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const different = [];
  for (const { name, jwk, message, signature, code } of vectors) {
    const found = await judgeSignature(jwk, fromHex(signature), fromHex(message));
    if (found !== code) different.push([name, found, code]);
  }
  return different;
}
"""


def serve(route: Route) -> None:
    """Answers with a file of the service, or with an empty page."""
    name = route.request.url.removeprefix(f"{ORIGIN}/")
    if name.endswith(".js"):
        route.fulfill(body=(STATIC / name).read_text(), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")


@pytest.mark.parametrize("fallback", [False, True], ids=["webcrypto", "fallback"])
def test_chromium_judges_every_signature_as_its_vector_states(
    browser: Browser, *, fallback: bool
) -> None:
    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(f"{ORIGIN}/")
    assert page.evaluate(JUDGE, [json.loads(SIGNATURES.read_text()), fallback]) == []
    page.close()
