import pytest
from hypothesis import given
from hypothesis import strategies as st

import traceledger.formats.note
from tests.formats.worked import (
    COSIGNED,
    COSIGNER,
    LOG_LINE,
    LOG_SIGNER,
    LOG_VKEY,
    ORIGIN,
    SIGNED,
    STRANGER,
    TEXT,
    WITNESS_LINE,
    changed_bytes,
    insertions,
    parsed_or_refused,
    refused,
    refused_as,
    truncations,
)
from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.formats.encoding import encode_base64
from traceledger.formats.note import (
    MAX_NOTE_SIZE,
    MAX_SIGNATURES,
    LineVerifier,
    NoteSigner,
    NoteVerifier,
    SignatureLine,
    add_signatures,
    format_note,
    format_signatures,
    open_note,
    parse_note,
    parse_signatures,
    sign_note,
)
from traceledger.formats.vkey import parse_vkey

LOG = LOG_SIGNER.verifier
BOTH: list[LineVerifier] = [LOG, COSIGNER.verifier]
COSIGNER_ID = COSIGNER.verifier.key_id


def line(name: str, blob: bytes) -> bytes:
    return "— ".encode() + name.encode() + b" " + encode_base64(blob) + b"\n"


def test_worked_note() -> None:
    assert sign_note(TEXT, [LOG_SIGNER]) == SIGNED
    assert open_note(SIGNED, [LOG]).text == TEXT


def test_the_documented_example_is_real() -> None:
    lines = (traceledger.formats.note.__doc__ or "").splitlines()
    start = next(i for i, text in enumerate(lines) if ORIGIN in text)
    example = "".join(text.removeprefix("    ") + "\n" for text in lines[start : start + 5])
    assert example.encode() == SIGNED


def test_verifies_the_example_of_the_specification() -> None:
    # C2SP signed-note, "Example".
    key = parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    signature = (
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72Ine"
        "yaQM="
    )
    data = f"This is an example message.\n\n— example.com/foo {signature}\n".encode()
    assert open_note(data, [key]).text == b"This is an example message.\n"


def test_rejects_every_changed_byte() -> None:
    for data in changed_bytes(SIGNED):
        refused(lambda note: open_note(note, [LOG]), data)


def test_rejects_every_truncation() -> None:
    for data in truncations(SIGNED):
        refused(lambda note: open_note(note, [LOG]), data)


def test_rejects_every_inserted_byte() -> None:
    for data in insertions(SIGNED):
        refused(lambda note: open_note(note, [LOG]), data)


def test_every_changed_byte_of_a_cosigned_note_is_refused_or_drops_a_cosigner() -> None:
    whole = open_note(COSIGNED, BOTH)
    for data in (*changed_bytes(COSIGNED), *truncations(COSIGNED)):
        try:
            opened = open_note(data, BOTH)
        except (MalformedError, VerificationError):
            continue
        # A line that no longer names a known key is a line of an unknown key, which is ignored.
        assert opened.text == whole.text
        assert set(opened.signatures) < set(whole.signatures)


def test_lines_of_unknown_keys_are_ignored_even_of_long_types() -> None:
    ml_dsa = line("customs.example/w1", b"\x06\x06\x06\x06" + bytes(2428))
    other = line("ledger.example/reman", b"\x01\x02\x03\x04" + bytes(64))
    unicode_name = line("海关/见证", b"\x01\x02\x03\x04" + bytes(64))
    data = TEXT + b"\n" + ml_dsa + other + LOG_LINE + unicode_name
    assert open_note(data, [LOG]) == open_note(SIGNED, [LOG])
    assert len(parse_note(data).signatures) == 4


def test_a_false_line_of_a_known_key_invalidates_the_note() -> None:
    forged = format_signatures([SignatureLine("customs.example/w1", COSIGNER_ID, bytes(72))])
    assert open_note(SIGNED + forged, [LOG]).text == TEXT
    refused_as(
        "cosignature.form",
        lambda: open_note(SIGNED + line("customs.example/w1", COSIGNER_ID + bytes(64)), BOTH),
    )
    late = format_signatures(
        [SignatureLine("customs.example/w1", COSIGNER_ID, (1).to_bytes(8) + bytes(64))]
    )
    refused_as("note.signature", lambda: open_note(SIGNED + late, BOTH))


def test_rejects_a_note_that_no_known_key_signed() -> None:
    refused_as("note.signature", lambda: open_note(SIGNED, []))
    refused_as("note.signature", lambda: open_note(SIGNED, [COSIGNER.verifier]))
    refused_as("note.signature", lambda: open_note(SIGNED, [NoteVerifier("other", LOG.key)]))
    refused_as("note.signature", lambda: open_note(SIGNED, [NoteVerifier(ORIGIN, STRANGER.key)]))
    with pytest.raises(VerificationError, match=f"known: other; signed by: {ORIGIN}"):
        open_note(SIGNED, [NoteVerifier("other", LOG.key)])


def test_rejects_a_duplicate_line_of_a_known_key_only() -> None:
    refused_as("note.form", lambda: open_note(SIGNED + LOG_LINE, [LOG]))
    again = line(ORIGIN, LOG.key_id + bytes(64))
    refused_as("note.form", lambda: open_note(SIGNED + again, [LOG]))
    assert open_note(COSIGNED + WITNESS_LINE, [LOG]).text == TEXT


def test_rejects_the_line_of_another_note() -> None:
    other = sign_note(b"another text\n", [LOG_SIGNER])
    refused_as("note.signature", lambda: open_note(TEXT + other.partition(b"\n")[2], [LOG]))


def test_the_text_ends_at_the_last_blank_line() -> None:
    text = b"first\n\n" + LOG_LINE + b"\n\nlast\n\n"
    opened = open_note(sign_note(text, [LOG_SIGNER]), [LOG])
    assert opened.text == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        TEXT,
        TEXT + b"\n",
        TEXT + LOG_LINE,
        b"\n" + LOG_LINE,
        LOG_LINE,
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"junk\n",
        SIGNED.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf"[:2] + SIGNED,
        b"tab\there\n\n" + LOG_LINE,
        b"nul\x00\n\n" + LOG_LINE,
        TEXT + b"\n" + LOG_LINE.replace("—".encode(), b"-"),
        TEXT + b"\n" + LOG_LINE.replace("— ".encode(), "—".encode()),
        TEXT + b"\n" + LOG_LINE.replace("— ".encode(), "—  ".encode()),
        TEXT + b"\n" + LOG_LINE.replace(b"reman ", b"reman  "),
        TEXT + b"\n" + LOG_LINE.replace(b"=\n", b"\n"),
        TEXT + b"\n" + LOG_LINE.replace(b"=\n", b"==\n"),
        TEXT + b"\n" + LOG_LINE.replace(b"=\n", b"= \n"),
        TEXT + b"\n" + line("", b"1234" + bytes(64)),
        TEXT + b"\n" + line("a+b", b"1234" + bytes(64)),
        TEXT + b"\n" + line("a\u00a0b", b"1234" + bytes(64)),
        TEXT + b"\n" + line("a\u2028b", b"1234" + bytes(64)),
        TEXT + b"\n" + line("a\x85b", b"1234" + bytes(64)),
        TEXT + b"\n" + line("a", b"1234"),
        TEXT + b"\n" + line("a", b""),
        TEXT + b"\n" + LOG_LINE.replace(b"reman", b"rem\xff"),
    ],
)
def test_refuses_what_is_not_a_note(data: bytes) -> None:
    refused_as("note.form", lambda: parse_note(data))


def test_accepts_many_signature_lines_and_refuses_too_many() -> None:
    lines = [line(f"w{n}", b"1234" + bytes(4900)) for n in range(MAX_SIGNATURES - 1)]
    assert len(parse_note(SIGNED + b"".join(lines)).signatures) == MAX_SIGNATURES
    refused_as("note.form", lambda: parse_note(COSIGNED + b"".join(lines)))


def test_refuses_a_note_that_is_too_large() -> None:
    text = b"a" * MAX_NOTE_SIZE + b"\n"
    refused_as("note.form", lambda: parse_note(text + b"\n" + LOG_LINE))
    refused_as("note.form", lambda: sign_note(text, [LOG_SIGNER]))


@pytest.mark.parametrize("text", [b"", b"no newline", b"tab\t\n", b"cr\r\n", b"\xff\n"])
def test_refuses_to_sign_a_text_that_no_note_can_contain(text: bytes) -> None:
    refused_as("note.form", lambda: sign_note(text, [LOG_SIGNER]))


def test_signs_only_with_keys_that_readers_can_distinguish() -> None:
    refused_as("note.form", lambda: sign_note(TEXT, []))
    refused_as("note.form", lambda: sign_note(TEXT, [LOG_SIGNER, LOG_SIGNER]))
    refused_as("note.key", lambda: sign_note(TEXT, [NoteSigner("a b", STRANGER)]))
    refused_as("note.key", lambda: NoteVerifier("\udc80", STRANGER.key))


def test_two_different_keys_of_one_name_and_id_are_refused() -> None:
    class Colliding:
        name = ORIGIN
        key_id = LOG.key_id

        def verify(self, text: bytes, signature: bytes) -> None:
            """Accepts all."""

    with pytest.raises(UsageError) as caught:
        open_note(SIGNED, [LOG, Colliding()])
    assert caught.value.code == "note.key"
    assert open_note(SIGNED, [LOG, NoteVerifier(ORIGIN, LOG.key)]).text == TEXT


def test_signatures_can_be_added_once() -> None:
    (cosignature,) = parse_signatures(WITNESS_LINE)
    assert add_signatures(SIGNED, [cosignature]) == COSIGNED
    refused_as("note.form", lambda: add_signatures(COSIGNED, [cosignature]))


def test_overlapping_keys_of_one_log_both_sign() -> None:
    new = NoteSigner(ORIGIN, STRANGER)
    data = sign_note(TEXT, [LOG_SIGNER, new])
    for known in ([LOG], [new.verifier], [LOG, new.verifier]):
        assert len(open_note(data, known).signatures) == len(known)


TEXTS = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=["Cs"]) | st.just("\n"), max_size=60
).map(lambda text: text.encode() + b"\n")


@given(TEXTS)
def test_any_signed_text_round_trips(text: bytes) -> None:
    assert open_note(sign_note(text, [LOG_SIGNER]), [LOG]).text == text


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode() + LOG_LINE))
def test_parsed_bytes_round_trip_or_are_refused(data: bytes) -> None:
    note = parsed_or_refused("note.form", parse_note, data)
    if note is not None:
        assert format_note(note) == data


def test_the_worked_key_is_the_one_used() -> None:
    assert parse_vkey(LOG_VKEY) == LOG
