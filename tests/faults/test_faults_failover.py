"""Servers of a ledger on a cluster whose parts fail, hang and are cut off one after the other."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Counts
from tests.faults.cluster import Node
from tests.faults.members import execute
from tests.faults.site import Site, running_site
from tests.faults.workload import PASSPHRASE
from tests.ledger.bench import clock
from traceledger.errors import StorageError
from traceledger.ledger.keeping.backup import confirm_newest

_CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def wait_for_another_leader(site: Site, old: Node) -> None:
    site.wait_for(lambda: site.cluster.leader() is not old)
    site.wait_for_answers()


def leader_is_killed(site: Site) -> None:
    leader = site.cluster.leader()
    leader.kill()
    wait_for_another_leader(site, leader)
    leader.start()


def database_of_the_leader_is_killed(site: Site) -> None:
    leader = site.cluster.leader()
    leader.kill_database()
    wait_for_another_leader(site, leader)


def leader_is_changed_on_purpose(site: Site) -> None:
    site.cluster.switch_over()


def leader_hangs(site: Site) -> None:
    leader = site.cluster.leader()
    leader.signal(signal.SIGSTOP)
    wait_for_another_leader(site, leader)
    leader.signal(signal.SIGCONT)


def leader_is_unsupervised(site: Site) -> None:
    """Patroni hangs, and PostgreSQL goes on as if it led."""
    leader = site.cluster.leader()
    leader.signal(signal.SIGSTOP, database=False)
    wait_for_another_leader(site, leader)
    leader.signal(signal.SIGCONT, database=False)


def standby_is_killed(site: Site) -> None:
    standby = site.cluster.standby()
    standby.kill()
    site.wait_for_answers()
    standby.start()


def wait_for_the_standby_is_cancelled(site: Site) -> None:
    """Rows are committed that no standby has, then the only server that has them is lost."""
    leader = site.cluster.leader()
    followers = [node for node in site.cluster.nodes if node is not leader]
    # Otherwise Patroni may record a position that no standby reaches, and then nobody may lead.
    leader.signal(signal.SIGSTOP, database=False)
    for node in followers:
        node.signal_receiver(signal.SIGSTOP)
    lost = site.lost

    def cancel() -> bool:
        execute(leader, _CANCEL)
        return site.lost >= lost + 3

    site.wait_for(cancel)
    leader.kill()
    for node in followers:
        node.signal_receiver(signal.SIGKILL)  # with what it was sent and had not written
    wait_for_another_leader(site, leader)
    leader.start()


def etcd_is_away(site: Site) -> None:
    leader = site.cluster.leader()
    site.cluster.kill_etcd()
    site.wait_for(lambda: not may_write(leader))
    site.cluster.start_etcd()


def member_of_etcd_is_killed(site: Site) -> None:
    """Two members of three go on, so nobody else notices."""
    leader = site.cluster.leader()
    site.cluster.kill_etcd_member(0)
    site.wait_for_answers()
    assert site.cluster.leader() is leader
    site.cluster.start_etcd_member(0)


def may_write(node: Node) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        return execute(node, "SELECT pg_is_in_recovery()") == [(False,)]
    return False


def line_is_cut(site: Site) -> None:
    line = site.servers[0].line
    line.cut()
    site.wait_for_losses()
    line.mend()


def transaction_is_lost(site: Site) -> None:
    site.servers[0].line.at_next_events(lambda: None, committed=False)
    site.wait_for_losses()


def answer_to_a_commit_is_lost(site: Site) -> None:
    line = site.servers[0].line
    line.at_next_events(lambda: None, committed=True)
    site.wait_for_losses()
    line.mend()


def server_is_killed_in_a_transaction(site: Site) -> None:
    kill_server(site, committed=False)


def server_is_killed_after_a_commit(site: Site) -> None:
    kill_server(site, committed=True)


def kill_server(site: Site, *, committed: bool) -> None:
    server = site.servers[1]
    starts = server.starts
    server.line.at_next_events(server.kill, committed=committed)
    site.wait_for(lambda: server.starts > starts)
    server.line.mend()
    site.wait_for(lambda: server.is_ready)


FAULTS: tuple[Callable[[Site], None], ...] = (
    transaction_is_lost,
    answer_to_a_commit_is_lost,
    server_is_killed_in_a_transaction,
    server_is_killed_after_a_commit,
    line_is_cut,
    standby_is_killed,
    leader_is_changed_on_purpose,
    database_of_the_leader_is_killed,
    leader_is_killed,
    leader_hangs,
    leader_is_unsupervised,
    wait_for_the_standby_is_cancelled,
    member_of_etcd_is_killed,
    etcd_is_away,
)


@pytest.mark.faults
@pytest.mark.usefixtures("passfile")
def test_a_cluster_whose_parts_fail_loses_no_answer_and_contradicts_no_checkpoint(
    tmp_path: Path, counts: Counts
) -> None:
    with running_site(tmp_path) as site:
        counted = site.outlast(FAULTS, site.cluster)
        check_restored(site)
        counts("fail-over of PostgreSQL under the load of several servers", **counted)


def check_restored(site: Site) -> None:
    """The copy of a standby becomes the database, and signs after it was compared."""
    newest = site.home.published.read_bytes()
    site.cluster.restore(site.cluster.back_up())
    site.home.restored.touch()
    with pytest.raises(StorageError, match="restored"):
        site.home.write(clock, PASSPHRASE)
    confirm_newest(site.home, [newest])
    with contextlib.closing(site.home.write(clock, PASSPHRASE)) as ledger:
        assert site.home.publish(ledger) == newest
