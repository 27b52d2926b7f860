from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ingestion.simulator import AnomalyMix, simulate
from tests.unit.ingestion.simulator.conftest import Operator


def fingerprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Digest and time of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_arguments_give_the_same_bytes_and_times(operator: Operator, tmp_path: Path) -> None:
    simulate(tmp_path, "xs")
    assert fingerprint(tmp_path) == fingerprint(operator.folder)


def test_another_seed_is_another_operator_and_replaces_the_first(
    operator: Operator, tmp_path: Path
) -> None:
    stale = tmp_path / "landing" / "network_usage" / "old.csv"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    simulate(tmp_path, "xs", seed=2, months=2)
    assert not stale.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "answer_key",
        "landing",
        "source",
        "tieout.toml",
    ]
    ours, theirs = fingerprint(operator.folder), fingerprint(tmp_path)
    same = [name for name in ours if name in theirs and ours[name][0] == theirs[name][0]]
    assert same
    assert not [name for name in same if "usage" in name or "invoice" in name]


def test_answer_key_is_not_landed(operator: Operator) -> None:
    landed = [path.name for path in (operator.folder / "landing").rglob("*")]
    assert not [name for name in landed if "answer" in name]
    assert (operator.folder / "answer_key" / "answer_key.parquet").is_file()


def test_every_record_of_the_network_is_accounted_for(operator: Operator) -> None:
    seen = operator.summary
    parts = seen.rated_count + seen.reject_count + seen.suspense_count + seen.lost_count
    assert seen.usage_count == parts
    written = [
        json.loads(line)["record_count"]
        for path in (operator.folder / "landing" / "usage_files").glob("element_*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert sum(written) == seen.usage_count


def test_feeds_hold_the_counts_of_the_summary(operator: Operator) -> None:
    rated = operator.csv("rated_usage/*/*", ";")
    made_up = {"2", "3"}
    known = {
        row["rated_usage_id"] for row in rated
        if not row["rated_usage_id"].startswith(("R8", "R9"))
    }  # fmt: skip
    strangers = [
        row for row in rated
        if row["network_record_id"] and row["network_record_id"].split("-")[1][0] in made_up
    ]  # fmt: skip
    assert len(known) == operator.summary.rated_count
    assert strangers
    rejects = operator.query(
        "SELECT rec, why FROM read_json('{landing}/mediation_rejects/*.jsonl.gz',"
        " columns={{rec: 'VARCHAR', why: 'VARCHAR'}}, format='newline_delimited')"
    )
    reasons = {row["why"] for row in rejects}
    assert reasons == {
        "zero_quantity", "terminating_leg", "merged_partial", "test_number", "duplicate",
    }  # fmt: skip
    assert sum(row["why"] != "duplicate" for row in rejects) == operator.summary.reject_count


@pytest.mark.parametrize("control_id", [
    "DQ-01", "DQ-02", "DQ-03", "DQ-05", "USG-01", "USG-02", "USG-05", "USG-06", "RAT-01", "RAT-03",
    "ORD-02", "ORD-03", "BIL-01", "BIL-02", "BIL-03", "BIL-04", "BIL-05", "BIL-07", "BIL-08",
    "BIL-11", "ORD-08", "RAT-10", "POM-03", "RAT-02", "RAT-04", "RAT-05", "RAT-06", "POM-01",
    "POM-07", "RAT-07",
])  # fmt: skip
def test_every_control_has_leaks_and_look_alikes(operator: Operator, control_id: str) -> None:
    leaks, decoys = operator.answers(control_id), operator.answers(control_id, "decoy")
    assert leaks
    keys = [(row["category"], row["period"], row["value_key"]) for row in leaks]
    assert len(keys) == len(set(keys))
    if control_id != "USG-05":  # so few late events may all be free at this size
        assert decoys
    assert not {key[1:] for key in keys} & {(row["period"], row["value_key"]) for row in decoys}


def test_leaks_of_money_have_amounts(operator: Operator) -> None:
    free = {"FILE_DUP", "SEQ_RESET", "LOST_IN_MEDIATION"}
    for control_id in ("USG-01", "USG-02", "USG-05", "USG-06", "RAT-01", "RAT-03", "ORD-02",
                       "ORD-03", "ORD-08", "BIL-01", "BIL-02", "BIL-03", "BIL-05", "BIL-07",
                       "BIL-08", "RAT-10", "POM-03", "RAT-02", "RAT-04", "RAT-05",
                       "RAT-06"):  # fmt: skip
        for row in operator.answers(control_id):
            assert row["under_amount"] + row["over_amount"] > 0 or row["category"] in free, row


def test_an_operator_without_faults_has_an_empty_key(tmp_path: Path) -> None:
    summary = simulate(tmp_path, "xs", months=2, anomalies=AnomalyMix.none())
    # the network's profiles begin with the second month for every operator
    assert summary.planted == {"DQ-05": 2}
    assert summary.lost_count == 0


@pytest.mark.parametrize(("size", "months"), [("xxl", 3), ("xs", 1), ("xs", 13)])
def test_what_cannot_be_simulated_is_refused(tmp_path: Path, size: str, months: int) -> None:
    with pytest.raises(ValueError, match="use"):
        simulate(tmp_path, size, months=months)
