from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.worked import (
    COSIGN_TIME,
    COSIGNED,
    COSIGNER,
    LOG_SIGNER,
    LOG_VKEY,
    ORIGIN,
    SIGNED,
    TEXT,
    WITNESS,
    WITNESS_VKEY,
    changed_bytes,
    insertions,
    refused_as,
    truncations,
)
from traceledger.errors import MalformedError, UsageError, VerificationError
from traceledger.events.keys import SoftwareSigner
from traceledger.formats.cosignature import CosignatureVerifier, Cosigner, cosign
from traceledger.formats.note import NoteVerifier, add_signatures
from traceledger.formats.policy import (
    NO_QUORUM,
    Policy,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    format_policy,
    open_cosigned,
    parse_policy,
)
from traceledger.formats.vkey import format_vkey

WORKED = f"""\
log {LOG_VKEY} https://ledger.example/reman/
witness cq {WITNESS_VKEY}
group customs any cq
quorum customs
""".encode()

COSIGNERS = {
    name: Cosigner(f"{name}.example/w", SoftwareSigner.from_seed(bytes([number]) * 32))
    for number, name in enumerate(("x1", "x2", "x3", "y1", "y2"), start=20)
}
WITNESS_LINES = "".join(
    f"witness {name} {format_vkey(by.verifier)}\n" for name, by in COSIGNERS.items()
)
# Two of three, and one of two: the shape of the specification's own example.
NESTED_LINES = f"""\
log {LOG_VKEY}
{WITNESS_LINES}group x 2 x1 x2 x3
group y any y1 y2
group both all x y
quorum both
"""
NESTED = parse_policy(NESTED_LINES.encode())


def expected(names: set[str]) -> bool:
    return len(names & {"x1", "x2", "x3"}) >= 2 and bool(names & {"y1", "y2"})


def test_worked_policy() -> None:
    policy = parse_policy(WORKED)
    assert policy == Policy(
        (PolicyLog(LOG_SIGNER.verifier, "https://ledger.example/reman/"),),
        (PolicyWitness("cq", COSIGNER.verifier),),
        (PolicyGroup("customs", 1, ("cq",)),),
        "customs",
    )
    assert format_policy(policy) == WORKED.replace(b" any ", b" 1 ")
    opened = open_cosigned(COSIGNED, ORIGIN, policy)
    assert opened.times == {"cq": COSIGN_TIME}
    assert policy.satisfied_by(opened.times)
    assert policy.latest_time(opened.times) == COSIGN_TIME


def test_without_the_cosignature_the_quorum_is_not_met() -> None:
    policy = parse_policy(WORKED)
    opened = open_cosigned(SIGNED, ORIGIN, policy)
    assert opened.times == {}
    assert not policy.satisfied_by(opened.times)
    assert policy.latest_time(opened.times) is None


def test_rejects_a_checkpoint_that_no_listed_log_signed() -> None:
    policy = parse_policy(WORKED.split(b"\n", 1)[1])
    assert policy.logs == ()
    with pytest.raises(VerificationError) as caught:
        open_cosigned(COSIGNED, ORIGIN, policy)
    assert caught.value.code == "note.signature"


def test_a_false_cosignature_of_a_listed_witness_invalidates_the_checkpoint() -> None:
    policy = parse_policy(WORKED)
    line = cosign(TEXT.replace(b"\n3\n", b"\n4\n"), COSIGN_TIME, COSIGNER)
    with pytest.raises(VerificationError) as caught:
        open_cosigned(add_signatures(SIGNED, [line]), ORIGIN, policy)
    assert caught.value.code == "note.signature"


def test_names_are_those_of_the_policy_not_of_the_keys() -> None:
    policy = parse_policy(WORKED)
    assert not policy.satisfied_by([WITNESS])
    assert policy.satisfied_by(["cq", "nobody"])


def test_nested_groups_are_met_by_exactly_the_right_witnesses() -> None:
    for count in range(len(COSIGNERS) + 1):
        for names in combinations(COSIGNERS, count):
            assert NESTED.satisfied_by(names) == expected(set(names))
            chosen = set(names)
            assert NESTED.satisfied_by(names, "x") == (len(chosen & {"x1", "x2", "x3"}) >= 2)
            assert NESTED.satisfied_by(names, "y1") == ("y1" in chosen)


@given(st.dictionaries(st.sampled_from(sorted(COSIGNERS)), st.integers(1, 9)))
def test_the_time_is_the_latest_at_which_younger_cosignatures_alone_suffice(
    times: dict[str, int],
) -> None:
    met = [t for t in range(1, 10) if expected({name for name, time in times.items() if time >= t})]
    assert NESTED.latest_time(times) == (max(met) if met else None)
    assert NESTED.latest_time(times, "x1") == times.get("x1")


def test_a_group_shown_by_name_has_its_own_time() -> None:
    times = {"x1": 50, "x2": 40, "y1": 30, "y2": 90}
    assert NESTED.latest_time(times) == 40
    assert NESTED.latest_time(times, "y") == 90
    assert NESTED.latest_time(times, "x3") is None


@pytest.mark.parametrize("name", ["z", "none", "", ORIGIN])
def test_refuses_a_name_that_the_policy_does_not_define(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        NESTED.satisfied_by([], name)
    assert caught.value.code == "policy.name"
    with pytest.raises(UsageError):
        NESTED.latest_time({}, name)


def test_the_quorum_none_is_always_met_and_has_no_time() -> None:
    policy = parse_policy(f"log {LOG_VKEY}\nquorum none\n".encode())
    assert policy.quorum == NO_QUORUM
    assert policy.satisfied_by([])
    assert policy.latest_time({}) is None


def test_a_witness_alone_can_be_the_quorum() -> None:
    policy = parse_policy(f"witness cq {WITNESS_VKEY}\nquorum cq\n".encode())
    assert policy.satisfied_by(["cq"])
    assert not policy.satisfied_by([])


def test_comments_blank_lines_and_tabs_are_skipped() -> None:
    loose = f"""\
# whom to trust
\t # indented comment, with caf\u00e9

log\t{LOG_VKEY}  https://ledger.example/reman/ \t
  witness  cq \t {WITNESS_VKEY}
quorum\tcq
"""
    policy = parse_policy(loose.encode())
    assert policy.quorum == "cq"
    assert parse_policy(format_policy(policy)) == policy


def test_names_are_compared_octet_by_octet() -> None:
    lines = f"witness K {WITNESS_VKEY}\nquorum \u212a\n"
    refused_as("policy.form", lambda: parse_policy(lines.encode()))


def test_a_changed_policy_is_refused_or_formats_differently() -> None:
    for data in (*changed_bytes(WORKED), *truncations(WORKED), *insertions(WORKED)):
        try:
            other = parse_policy(data)
        except MalformedError:
            continue
        # The remaining changes: spaces, blank lines, comments, addresses, names, thresholds.
        assert all(log.key == LOG_SIGNER.verifier for log in other.logs)
        assert [by.key for by in other.witnesses] == [COSIGNER.verifier]
        assert not other.satisfied_by([])
        assert parse_policy(format_policy(other)) == other


OTHER_VKEY = format_vkey(COSIGNERS["x1"].verifier)
LOG_KEY_AS_WITNESS = format_vkey(CosignatureVerifier("w", LOG_SIGNER.signer.key))
LOG_KEY_AGAIN = format_vkey(NoteVerifier("other.example/log", LOG_SIGNER.signer.key))


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "\n",
        f"log {LOG_VKEY}\n",
        f"log {LOG_VKEY}\nquorum none",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none none\n",
        "quorum cq\n",
        f"quorum cq\nwitness cq {WITNESS_VKEY}\n",
        "quorum none\r\n",
        "quorum none\x00\n",
        "quorum none\x7f\n",
        "quorum\x0bnone\n",
        "quorum\u00a0none\n",
        "Quorum none\n",
        "logs x\nquorum none\n",
        "log\nquorum none\n",
        f"log {LOG_VKEY} a b\nquorum none\n",
        f"log {LOG_VKEY}\nlog {LOG_VKEY}\nquorum none\n",
        f"log {LOG_VKEY}\nlog {LOG_KEY_AGAIN}\nquorum none\n",
        f"log {WITNESS_VKEY}\nquorum none\n",
        "witness cq\nquorum none\n",
        f"witness cq {LOG_VKEY}\nquorum none\n",
        f"witness none {WITNESS_VKEY}\nquorum none\n",
        f"witness cq {WITNESS_VKEY} url more\nquorum none\n",
        f"witness a {WITNESS_VKEY}\nwitness b {WITNESS_VKEY}\nquorum none\n",
        f"witness a {WITNESS_VKEY}\nwitness a {OTHER_VKEY}\nquorum none\n",
        f"log {LOG_VKEY}\nwitness w {LOG_KEY_AS_WITNESS}\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup a any a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup none any a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any b\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any none\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any g\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any a a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g any a\ngroup h any a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g 0 a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g 2 a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g 01 a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g -1 a\nquorum none\n",
        f"witness a {WITNESS_VKEY}\ngroup g ALL a\nquorum none\n",
        f"group g any a\nwitness a {WITNESS_VKEY}\nquorum g\n",
    ],
)
def test_refuses_what_is_not_a_policy(lines: str) -> None:
    refused_as("policy.form", lambda: parse_policy(lines.encode()))


def test_refuses_an_invalid_key_and_names_the_line() -> None:
    wrong = f"quorum none\nlog {LOG_VKEY.replace('ad331abb', 'ad331abc')}\n"
    with pytest.raises(MalformedError) as caught:
        parse_policy(wrong.encode())
    assert (caught.value.code, caught.value.where) == ("note.key", "line 2")


def test_refuses_a_log_whose_name_is_not_an_origin() -> None:
    name = format_vkey(NoteVerifier("traceledger/seal/v1", LOG_SIGNER.signer.key))
    refused_as("policy.form", lambda: parse_policy(f"log {name}\nquorum none\n".encode()))


def test_refuses_bytes_that_are_not_utf8_and_policies_that_are_too_large() -> None:
    refused_as("policy.form", lambda: parse_policy(b"# \xff\nquorum none\n"))
    refused_as("policy.form", lambda: parse_policy(b"#" * (1 << 16) + b"\nquorum none\n"))


def test_accepts_a_hundred_nested_groups() -> None:
    lines = [f"witness w {WITNESS_VKEY}", "group g0 any w"]
    lines += [f"group g{n} all g{n - 1}" for n in range(1, 2000)]
    policy = parse_policy("\n".join([*lines, "quorum g1999", ""]).encode())
    assert policy.latest_time({"w": 7}) == 7


@pytest.mark.parametrize("size", [32, 100])
def test_accepts_many_logs_witnesses_and_groups(size: int) -> None:
    lines = []
    for n in range(size):
        log, witness = (SoftwareSigner.from_seed(bytes([n, kind]) * 16) for kind in (1, 2))
        lines.append(f"log {format_vkey(NoteVerifier(f'log{n}', log.key))}")
        lines.append(f"witness w{n} {format_vkey(CosignatureVerifier(f'w{n}', witness.key))}")
        lines.append(f"group g{n} any w{n}")
    lines.append(f"group all {size // 2} " + " ".join(f"g{n}" for n in range(size)))
    policy = parse_policy("\n".join([*lines, "quorum all", ""]).encode())
    assert policy.satisfied_by([f"w{n}" for n in range(size // 2)])
    assert not policy.satisfied_by([f"w{n}" for n in range(size // 2 - 1)])
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize(
    "policy",
    [
        Policy((), (), (), "nobody"),
        Policy((), (PolicyWitness("a b", COSIGNER.verifier),), (), "none"),
        Policy((), (PolicyWitness("a", COSIGNER.verifier, "u\nquorum a"),), (), "none"),
        Policy((), (PolicyWitness("\udc80", COSIGNER.verifier),), (), "none"),
        Policy((PolicyLog(LOG_SIGNER.verifier, "two words"),), (), (), "none"),
        Policy((PolicyLog(LOG_SIGNER.verifier, " "),), (), (), "none"),
    ],
)
def test_refuses_to_format_what_parses_as_something_else(policy: Policy) -> None:
    with pytest.raises(MalformedError):
        format_policy(policy)
