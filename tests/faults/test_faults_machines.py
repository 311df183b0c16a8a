"""A ledger on machines of their own, whose power fails and whose network falls apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Counts
from tests.faults.fleet import DatabaseMachine, Fleet, running_fleet


def wait_for_another_leader(fleet: Fleet, old: DatabaseMachine) -> None:
    fleet.wait_for(lambda: fleet.databases.leader() is not old)
    fleet.wait_for_answers()


def leader_is_changed_on_purpose(fleet: Fleet) -> None:
    leader, standby = fleet.databases.wait_until_whole(), fleet.databases.standby()
    names = ("--leader", leader.name, "--candidate", standby.name)
    leader.patronictl("switchover", *names, "--force")
    fleet.wait_for(lambda: fleet.databases.leader() is standby)
    assert standby.name in standby.patronictl("list")


def power_of_the_leader_fails(fleet: Fleet) -> None:
    leader = fleet.databases.leader()
    leader.cut_power()
    wait_for_another_leader(fleet, leader)
    leader.boot()


def a_room_loses_its_power(fleet: Fleet) -> None:
    """A database, a member of etcd and a server of the ledger at once."""
    leader, etcd, server = fleet.databases.leader(), fleet.databases.etcd[0], fleet.servers[0]
    for machine in (leader, etcd, server):
        machine.cut_power()
    wait_for_another_leader(fleet, leader)
    for machine in (etcd, leader, server):
        machine.boot()
    fleet.wait_for(lambda: server.is_ready)


def leader_is_cut_off(fleet: Fleet) -> None:
    """It goes on alone until its lease ends, while another one leads."""
    leader = fleet.databases.leader()
    fleet.network.unplug(leader)
    wait_for_another_leader(fleet, leader)
    fleet.network.plug_back(leader)


def leader_no_longer_reaches_etcd(fleet: Fleet) -> None:
    """Clients still reach it, and so do the standbys."""
    leader = fleet.databases.leader()
    leader.lose_way_to(fleet.databases.etcd)
    wait_for_another_leader(fleet, leader)
    leader.find_way_to(fleet.databases.etcd)


def leader_no_longer_reaches_its_standbys(fleet: Fleet) -> None:
    """It keeps its lease, and must not acknowledge what only it has."""
    leader = fleet.databases.leader()
    others = [node for node in fleet.databases.nodes if node is not leader]
    leader.lose_way_to(others)
    fleet.wait_for_losses()
    leader.find_way_to(others)


def leader_is_cut_off_from_the_ledger(fleet: Fleet) -> None:
    """The databases see nothing wrong; the servers cannot write until the way is back."""
    leader = fleet.databases.leader()
    leader.lose_way_to(fleet.servers)
    fleet.wait_for_losses()
    leader.find_way_to(fleet.servers)


def a_server_is_cut_off_from_the_databases(fleet: Fleet) -> None:
    server = fleet.servers[1]
    server.lose_way_to(fleet.databases.nodes)
    fleet.wait_for_losses()
    fleet.wait_for_answers()  # of the others
    server.find_way_to(fleet.databases.nodes)


def members_of_etcd_lose_each_other(fleet: Fleet) -> None:
    """Nobody may lead, so nothing is acknowledged."""
    for member in fleet.databases.etcd:
        fleet.network.unplug(member)
    fleet.wait_for_losses(20)
    for member in fleet.databases.etcd:
        fleet.network.plug_back(member)


FAULTS: tuple[Callable[[Fleet], None], ...] = (
    leader_is_changed_on_purpose,
    a_server_is_cut_off_from_the_databases,
    leader_is_cut_off_from_the_ledger,
    leader_no_longer_reaches_its_standbys,
    leader_no_longer_reaches_etcd,
    leader_is_cut_off,
    power_of_the_leader_fails,
    a_room_loses_its_power,
    members_of_etcd_lose_each_other,
)


@pytest.mark.faults
@pytest.mark.usefixtures("passfile")
def test_machines_that_fail_and_lose_each_other_lose_no_answer_and_contradict_no_checkpoint(
    tmp_path: Path, counts: Counts
) -> None:
    with running_fleet(tmp_path) as fleet:
        counts(
            "machines of their own that lose their power and each other",
            **fleet.outlast(FAULTS, fleet.databases),
        )
