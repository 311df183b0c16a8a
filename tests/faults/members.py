"""What Patroni says of the database servers of a cluster, wherever they run."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import httpx
import psycopg

__all__ = ["HIDDEN", "PATIENCE", "AnyMember", "Member", "Members", "execute", "wait_for"]

Found = TypeVar("Found")

HIDDEN = "correct horse"  # the password of all users of a cluster that exists for minutes
PATIENCE = 600  # seconds: a bound against hanging, not a measurement
_HEALTHY = {"running", "streaming"}
_FOLLOWERS = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"


class Member(Protocol):
    """One database server with its Patroni."""

    @property
    def name(self) -> str:
        """Its name in the cluster."""

    def url(self, path: str) -> str:
        """The address of Patroni's own service."""

    def address(self, database: str) -> str:
        """The address of a database on this server, for a user who may do everything."""


AnyMember = TypeVar("AnyMember", bound=Member)


class Members(ABC, Generic[AnyMember]):
    """The database servers of a cluster."""

    nodes: Sequence[AnyMember]

    @abstractmethod
    def logs(self) -> str:
        """The end of what each program logged."""

    def leader(self) -> AnyMember:
        """The node that Patroni names as the leader; waits until there is one."""
        return self._wait(lambda: self._in_role("leader"), "a leader")

    def standby(self) -> AnyMember:
        """The node for which commits wait; waits until there is one."""
        return self._wait(lambda: self._in_role("sync_standby"), "a synchronous standby")

    def wait_until_whole(self) -> AnyMember:
        """Waits until both standbys follow the leader, and returns the leader."""
        return self._wait(self._leader_of_whole, "three healthy nodes")

    def found_database(self) -> None:
        """Creates the database `ledger` and its owner when the cluster is whole."""
        leader = self.wait_until_whole()
        execute(leader, f"CREATE ROLE ledger LOGIN PASSWORD '{HIDDEN}'")
        execute(leader, "CREATE DATABASE ledger OWNER ledger ENCODING 'UTF8' TEMPLATE template0")

    def ends(self) -> list[object]:
        """The end of the log as each node has it, its size and root."""
        rows = [
            execute(n, "SELECT size, root FROM traceledger.log_end", "ledger") for n in self.nodes
        ]
        return [row for (row,) in rows]

    def _in_role(self, role: str) -> AnyMember | None:
        members = self._members()
        return next((n for n in self.nodes if members.get(n.name, ("", ""))[0] == role), None)

    def _leader_of_whole(self) -> AnyMember | None:
        roles = sorted(role for role, state in self._members().values() if state in _HEALTHY)
        leader = self._in_role("leader")
        if roles != ["leader", "replica", "sync_standby"] or leader is None:
            return None
        with contextlib.suppress(psycopg.OperationalError):
            followers = execute(leader, _FOLLOWERS)
            return leader if followers == [(2,)] else None
        return None

    def _members(self) -> dict[str, tuple[str, str]]:
        """Role and state of each member, as most nodes see them."""
        views = []
        for node in self.nodes:
            with contextlib.suppress(httpx.HTTPError, ValueError, KeyError):
                members = httpx.get(node.url("/cluster"), timeout=4).json()["members"]
                views.append({one["name"]: (one["role"], one["state"]) for one in members})
        # One that is cut off from the others still shows what it saw last.
        leaders = [_leaders(view) for view in views]
        return max(views, key=lambda view: leaders.count(_leaders(view)), default={})

    def _wait(self, find: Callable[[], Found | None], wanted: str) -> Found:
        return wait_for(find, lambda: f"{wanted} is missing\n{self.logs()}")


def execute(member: Member, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
    """Runs a statement on a server, whatever its role, as a user who may do everything."""
    with psycopg.connect(member.address(database), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def _leaders(view: Mapping[str, tuple[str, str]]) -> list[str]:
    return [name for name, (role, _) in view.items() if role == "leader"]


def wait_for(find: Callable[[], Found | None], missing: Callable[[], str]) -> Found:
    """Asks again and again until there is an answer that counts as true."""
    end = time.monotonic() + PATIENCE
    while not (found := find()):
        if time.monotonic() > end:
            raise AssertionError(missing())
        time.sleep(0.2)
    return found
