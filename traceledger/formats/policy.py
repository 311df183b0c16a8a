"""Trust policies (C2SP tlog-policy): whose signatures make a checkpoint acceptable.

::

    log ledger.example/reman+ad331abb+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c https://ledger.example/reman/
    witness cq customs.example/w1+3a7b9d12+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU
    group customs any cq
    quorum customs

A checkpoint is accepted if one of the logs signed it and the witnesses that cosigned it meet the
quorum: a witness, a group, or `none`. A group is met by `all`, `any` or a number of its members.
Names are local to the policy; a note shows the name in the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from traceledger.errors import MalformedError, UsageError
from traceledger.formats.checkpoint import Checkpoint, open_checkpoint
from traceledger.formats.cosignature import CosignatureVerifier, split_cosignature
from traceledger.formats.encoding import check_origin, parse_decimal, split_lines
from traceledger.formats.note import Note, NoteVerifier
from traceledger.formats.vkey import format_vkey, parse_vkey

__all__ = [
    "NO_QUORUM",
    "CosignedCheckpoint",
    "Policy",
    "PolicyGroup",
    "PolicyLog",
    "PolicyWitness",
    "format_policy",
    "open_cosigned",
    "parse_policy",
]

NO_QUORUM = "none"

_CODE = "policy.form"
_MAX_TEXT = 1 << 16
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_SEPARATOR = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log's key, whose name is the log's origin, and the log's URL, if given."""

    key: NoteVerifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness's name in the policy, its key, and its URL, if given."""

    name: str
    key: CosignatureVerifier
    url: str = ""


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """A group's name, how many of its members must have cosigned, and their names."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs, witnesses, groups (each after its members) and the name of the quorum, or `none`."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str

    @property
    def signers(self) -> frozenset[tuple[str, bytes]]:
        """The keys of logs and witnesses, each by its name and id in a note."""
        logs = ((log.key.name, log.key.key_id) for log in self.logs)
        return frozenset((*logs, *((by.key.name, by.key.key_id) for by in self.witnesses)))

    def satisfied_by(self, witnesses: Iterable[str], name: str | None = None) -> bool:
        """Reports whether these witnesses, by policy name, meet the quorum, or `name` if given.

        The quorum `none` is always met. Raises UsageError `policy.name` for an unknown `name`.
        """
        target = self._target(name)
        return target == NO_QUORUM or target in self._latest(dict.fromkeys(witnesses, 0))

    def latest_time(self, times: Mapping[str, int], name: str | None = None) -> int | None:
        """Finds the latest t for which cosignatures with time >= t alone meet the quorum.

        `times` are POSIX seconds by the witnesses' policy names. With `name`, the same for one
        witness or group. Returns None if it is not met, and always for the quorum `none`, which
        implies no time. Raises UsageError `policy.name` for an unknown `name`.
        """
        return self._latest(times).get(self._target(name))

    def _latest(self, times: Mapping[str, int]) -> dict[str, int]:
        known = (witness.name for witness in self.witnesses)
        latest = {name: times[name] for name in known if name in times}
        for group in self.groups:
            met = sorted((latest[name] for name in group.members if name in latest), reverse=True)
            if len(met) >= group.threshold:
                latest[group.name] = met[group.threshold - 1]
        return latest

    def _target(self, name: str | None) -> str:
        if name is None:
            return self.quorum
        defined = {witness.name for witness in self.witnesses}
        defined |= {group.name for group in self.groups}
        if name not in defined:
            raise UsageError("policy.name", f"the policy has no witness or group {name!r}")
        return name


@dataclass(frozen=True, slots=True)
class CosignedCheckpoint:
    """A checkpoint that its log has signed, and the times of its cosignatures by policy name.

    `note` has only the verified lines.
    """

    checkpoint: Checkpoint
    note: Note
    times: Mapping[str, int]


def open_cosigned(data: bytes, origin: str, policy: Policy) -> CosignedCheckpoint:
    """Verifies the note of a checkpoint of the log `origin` with the keys of a policy.

    The caller must check the quorum and the age. Raises MalformedError, and VerificationError
    `note.signature` if a line of a known key does not verify or the log did not sign.
    """
    log_keys = [log.key for log in policy.logs]
    opened = open_checkpoint(data, origin, log_keys, [witness.key for witness in policy.witnesses])
    lines = {(line.name, line.key_id): line.signature for line in opened.note.signatures}
    times = {
        witness.name: split_cosignature(lines[witness.key.name, witness.key.key_id])[0]
        for witness in policy.witnesses
        if (witness.key.name, witness.key.key_id) in lines
    }
    return CosignedCheckpoint(opened.checkpoint, opened.note, times)


def format_policy(policy: Policy) -> bytes:
    """Formats a policy: logs, witnesses, groups, quorum; inverse of `parse_policy`.

    Raises MalformedError `policy.form` for values that no policy can have.
    """
    lines = [f"log {format_vkey(log.key)} {log.url}" for log in policy.logs]
    lines += [
        f"witness {witness.name} {format_vkey(witness.key)} {witness.url}"
        for witness in policy.witnesses
    ]
    for group in policy.groups:
        lines.append(f"group {group.name} {group.threshold} {' '.join(group.members)}")
    lines.append(f"quorum {policy.quorum}")
    text = "".join(line.rstrip(" ") + "\n" for line in lines)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise MalformedError(_CODE, "a name or an address is not UTF-8") from error
    if parse_policy(data) != policy:
        raise MalformedError(_CODE, "a name or an address contains a space or a line break")
    return data


def parse_policy(data: bytes) -> Policy:
    """Parses a policy of at most 64 KiB of UTF-8; comments and blank lines are skipped.

    Raises MalformedError `policy.form` with the line, or the code of an invalid key.
    """
    lines = split_lines(data, _CODE, limit=_MAX_TEXT)
    if match := _FORBIDDEN.search(data):
        raise MalformedError(_CODE, f"the policy contains the control character {match[0]!r}")
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        try:
            reader.read(line)
        except MalformedError as error:
            raise error.at(f"line {number}") from error
    return reader.finish()


class _Reader:
    """The definitions from the lines read so far."""

    def __init__(self) -> None:
        self._logs: list[PolicyLog] = []
        self._witnesses: list[PolicyWitness] = []
        self._groups: list[PolicyGroup] = []
        self._quorum: str | None = None
        self._keys: set[str] = set()
        # Names that a later line may use; a name can be a member of only one group.
        self._names: set[str] = set()
        self._members: set[str] = set()

    def read(self, line: bytes) -> None:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise MalformedError(_CODE, "the line is not UTF-8") from error
        words = _SEPARATOR.split(text.strip(" \t"))
        if words[0].startswith("#") or words == [""]:
            return
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._read_log(vkey, *url)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._read_witness(name, vkey, *url)
            case ["group", name, threshold, *members] if members:
                self._read_group(name, threshold, tuple(members))
            case ["quorum", name]:
                self._read_quorum(name)
            case _:
                raise MalformedError(_CODE, f"{text[:48]!r} is not a line of a policy")

    def finish(self) -> Policy:
        if self._quorum is None:
            raise MalformedError(_CODE, "the quorum line is missing")
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _read_log(self, vkey: str, url: str = "") -> None:
        key = parse_vkey(vkey)
        if not isinstance(key, NoteVerifier):
            raise MalformedError(_CODE, f"the key of the log {key.name} is not of type 0x01")
        check_origin(key.name, _CODE)
        self._add_key(key)
        self._logs.append(PolicyLog(key, url))

    def _read_witness(self, name: str, vkey: str, url: str = "") -> None:
        key = parse_vkey(vkey)
        if not isinstance(key, CosignatureVerifier):
            raise MalformedError(_CODE, f"the key of the witness {name} is not of type 0x04")
        self._add_name(name)
        self._add_key(key)
        self._witnesses.append(PolicyWitness(name, key, url))

    def _read_group(self, name: str, threshold: str, members: tuple[str, ...]) -> None:
        for member in members:
            self._check_defined(member)
            if member in self._members:
                raise MalformedError(_CODE, f"{member} is already a member of a group")
            self._members.add(member)
        shorthand = {"any": 1, "all": len(members)}
        needed = shorthand.get(threshold) or parse_decimal(threshold.encode(), _CODE)
        if not 1 <= needed <= len(members):
            raise MalformedError(
                _CODE, f"{len(members)} members cannot meet a threshold of {needed}"
            )
        self._add_name(name)
        self._groups.append(PolicyGroup(name, needed, members))

    def _read_quorum(self, name: str) -> None:
        if self._quorum is not None:
            raise MalformedError(_CODE, "there is more than one quorum line")
        if name != NO_QUORUM:
            self._check_defined(name)
        self._quorum = name

    def _check_defined(self, name: str) -> None:
        if name not in self._names:
            raise MalformedError(_CODE, f"{name} is not defined on an earlier line")

    def _add_name(self, name: str) -> None:
        if name in self._names or name == NO_QUORUM:
            raise MalformedError(_CODE, f"the name {name} is already used")
        self._names.add(name)

    def _add_key(self, verifier: NoteVerifier | CosignatureVerifier) -> None:
        if verifier.key.kid in self._keys:
            raise MalformedError(_CODE, f"the key of {verifier.name} appears twice")
        self._keys.add(verifier.key.kid)
