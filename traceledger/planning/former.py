"""What an `import` states about a part's life in another ledger."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from traceledger.events.encoding import encode_base64url
from traceledger.events.kinds.cores import Former
from traceledger.formats.checkpoint import parse_checkpoint
from traceledger.formats.note import parse_note
from traceledger.formats.passport import parse_passport

__all__ = ["format_former"]


def format_former(passport: bytes) -> bytes:
    """Formats the field `former` for a passport of another ledger, as JSON.

    Verifies nothing: verify the passport first. Raises MalformedError for what is no passport.
    """
    parsed = parse_passport(passport)
    checkpoint = parse_checkpoint(parse_note(parsed.checkpoint).text)
    former = Former(
        origin=checkpoint.origin,
        item=parsed.item,
        size=checkpoint.size,
        root=encode_base64url(checkpoint.root),
        passport_sha256=sha256(passport).hexdigest(),
    )
    return msgspec.json.encode(former, order="sorted")
