"""Findings, their lines and the exit code; what each check judges from what it read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_service.doctor import clock, disk, oplog, replica_set, version, write_latency
from progress_service.doctor.findings import EXIT_CODES, Finding, as_line, exit_code
from progress_service.doctor.oplog import Oplog
from progress_service.doctor.privileges import REQUIRED, lacking_actions
from progress_service.doctor.replica_set import Member

findings = st.builds(
    Finding,
    check=st.sampled_from(["clock", "disk"]),
    status=st.sampled_from(list(EXIT_CODES)),
    finding=st.text(),
    remedy=st.none() | st.text(),
)


@given(findings)
def test_line_is_one_printable_line(finding: Finding):
    line = as_line(finding)

    assert line.isprintable()
    assert line.startswith(f"{finding.status} ") or finding.status == "ok"


@given(st.lists(findings))
def test_exit_code_is_that_of_the_worst_finding(found: list[Finding]):
    statuses = {finding.status for finding in found}
    expected = 2 if "error" in statuses else 1 if "warning" in statuses else 0

    assert exit_code(found) == expected


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((6, 0, 27), "warning"),
        ((7, 0, 31), "warning"),
        ((7, 0, 32), "ok"),
        ((7, 3, 9), "warning"),
        ((8, 0, 20), "warning"),
        ((8, 0, 21), "ok"),
        ((8, 2, 0), "ok"),
        ((9, 0, 0), "ok"),
    ],
)
def test_version_requires_patches(parts: tuple[int, int, int], status: str):
    assert version.judge(".".join(map(str, parts)), parts).status == status


@given(st.floats(-1e9, 1e9), st.floats(0, 10))
def test_clock_is_judged_by_what_is_certain(ahead: float, uncertain: float):
    status = clock.judge(ahead, uncertain_seconds=uncertain).status
    certain = abs(ahead) - uncertain

    assert status == ("error" if certain > 5 else "warning" if certain > 1 else "ok")


@pytest.mark.parametrize(
    ("milliseconds", "status"), [(2, "ok"), (50, "ok"), (51, "warning"), (1_001, "error")]
)
def test_write_latency_has_two_thresholds(milliseconds: float, status: str):
    assert write_latency.judge(milliseconds).status == status


@pytest.mark.parametrize(
    ("used", "status"), [(0, "ok"), (79, "ok"), (80, "warning"), (95, "error"), (100, "error")]
)
def test_disk_has_two_thresholds(used: float, status: str):
    assert disk.judge(used_bytes=used, total_bytes=100).status == status


@pytest.mark.parametrize(
    ("hours", "used_share", "status"),
    [
        (0.1, 0.01, "ok"),  # a new set
        (0.1, 0.5, "ok"),  # an import says nothing about a usual day
        (2.0, 0.5, "warning"),  # four hours when full
        (2.0, 0.01, "ok"),
        (23.0, 1.02, "warning"),
        (24.0, 1.02, "ok"),
        (0.0, 0.0, "ok"),
    ],
)
def test_oplog_window_is_projected(hours: float, used_share: float, status: str):
    assert oplog.judge(Oplog(hours, used_share)).status == status


def members(*states: str, **given: int) -> list[Member]:
    return [
        Member(f"db-{number}", state, is_arbiter=state == "ARBITER", **given)
        for number, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "statuses"),
    [
        (["PRIMARY"], ["warning"]),
        (["PRIMARY", "SECONDARY"], ["warning"]),
        (["PRIMARY", "SECONDARY", "ARBITER"], ["warning"]),
        (["PRIMARY", "SECONDARY", "SECONDARY"], ["ok"]),
        (["PRIMARY", "SECONDARY", "SECONDARY", "SECONDARY"], ["warning"]),  # four votes
        (["PRIMARY", "SECONDARY", "RECOVERING"], ["warning"]),
        (["PRIMARY", "RECOVERING", "STARTUP2"], ["error"]),
        (["PRIMARY", "(not reachable/healthy)", "ARBITER"], ["warning", "error"]),
    ],
)
def test_replica_set_is_judged_by_members_and_votes(states: list[str], statuses: list[str]):
    assert [each.status for each in replica_set.judge(members(*states))] == statuses


def test_member_that_lags_is_a_warning():
    late = Member("db-3", "SECONDARY", lag_seconds=60.0)

    [finding] = replica_set.judge([*members("PRIMARY", "SECONDARY"), late])

    assert finding.status == "warning"
    assert "db-3 lags 60 s" in finding.finding


@pytest.mark.parametrize(
    "resource",
    [
        {"anyResource": True},
        {"db": "", "collection": ""},
        {"db": "progress", "collection": ""},
    ],
)
def test_role_on_the_database_has_all_privileges(resource: dict[str, object]):
    privileges = [{"resource": resource, "actions": list(REQUIRED)}]

    assert list(lacking_actions(privileges, "progress")) == []


@pytest.mark.parametrize(
    "resource",
    [
        {"db": "other", "collection": ""},
        {"db": "progress", "collection": "courses"},
        {"cluster": 1},
    ],
)
def test_role_on_something_else_has_none(resource: dict[str, object]):
    privileges = [{"resource": resource, "actions": list(REQUIRED)}]

    assert list(lacking_actions(privileges, "progress")) == list(REQUIRED)
