"""What is logged of a driver error."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError, OperationFailure, ServerSelectionTimeoutError

from progress_service.mongo.reads import cause_of


def test_cause_has_no_ids_that_a_server_repeats():
    command = '{ find: "watch_progress", filter: { student_id: "ana" } }'
    errors = [
        OperationFailure(f"not authorized on progress to execute command {command}", 13),
        DuplicateKeyError('E11000 duplicate key error dup key: { student_id: "ana" }', 11_000),
    ]

    assert [cause_of(error) for error in errors] == ["code 13", "code 11000"]


def test_cause_does_not_describe_the_whole_replica_set():
    error = ServerSelectionTimeoutError("No primary, Timeout: 5s, Topology Description: <…>")

    assert cause_of(error) == "No primary"
