"""A set of three real nodes, of which one after the other stops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.replica_set import three_nodes, wait_until

from .conftest import Examine, of_check, only


@pytest.mark.faults
async def test_members_that_stop_are_found(examined: Examine, tmp_path: Path):
    with three_nodes(tmp_path) as nodes:
        assert only(of_check("replica_set", await examined(uri=nodes.uri))).status == "ok"

        primary = nodes.primary()
        one, other = (member for member in nodes.members if member is not primary)
        nodes.kill(one)
        wait_until(lambda: nodes.state_of(one) == "(not reachable/healthy)", "lost member")
        finding = only(of_check("replica_set", await examined(uri=nodes.uri)))
        assert finding.status == "warning"
        assert str(one.socket) in finding.finding
        assert "rs.status()" in str(finding.remedy)

        nodes.kill(other)
        wait_until(lambda: nodes.state_of(primary) == "SECONDARY", "step-down")
        findings = await examined(uri=nodes.uri)
        assert findings[-1].check == "database"
        assert findings[-1].status == "error"
        assert "no primary" in findings[-1].finding
        assert str(primary.socket) in findings[-1].finding
