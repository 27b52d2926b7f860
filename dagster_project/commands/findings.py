"""`tieout findings` and `tieout explain`: what was found, and why one of them is right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dagster_project.commands.context import open_current, open_workspace
from dagster_project.commands.options import Options
from dagster_project.commands.summary import like_pattern
from dagster_project.commands.talk import print_json, print_lines, print_table
from dagster_project.lib.errors import DataError, UsageError
from dagster_project.lib.money import show, show_exact
from dagster_project.lib.periods import parse_month

if TYPE_CHECKING:
    from dagster_project.lib.controls.reperform import Comparison
    from dagster_project.lib.snapshot import Snapshot

_WHERE = """
where ($control is null or control_id like $control)
    and ($category is null or category = $category)
    and ($period is null or period = $period::date)
    and ($account is null or account_id = $account)
    and ($severity is null or severity = $severity)
    and under_amount + over_amount + cost_amount >= $at_least
"""
_LIST = f"""
select * from fct_findings {_WHERE}
order by under_amount + over_amount + cost_amount desc, finding_id
limit $count
"""  # noqa: S608
_COUNT = f"select count(*) as n from fct_findings {_WHERE}"  # noqa: S608
SIDES = ("left", "right")
MOST_SHARES = 10


@dataclass(frozen=True)
class Filters:
    """Which findings; None is all."""

    control: str = ""
    category: str = ""
    period: str = ""
    account: str = ""
    severity: str = ""
    at_least: Decimal = Decimal(0)

    def to_params(self) -> dict[str, Any]:
        """As the queries take them."""
        return {
            "control": like_pattern(self.control) if self.control else None,
            "category": self.category.upper() or None,
            "period": parse_month(self.period).isoformat() if self.period else None,
            "account": self.account or None,
            "severity": self.severity.upper() or None,
            "at_least": self.at_least,
        }


def findings(options: Options, filters: Filters, *, count: int, as_json: bool) -> int:
    """The command `tieout findings`: the greatest amounts first."""
    snapshot = open_current(options)
    params = filters.to_params()
    total = snapshot.rows(_COUNT, params)[0]["n"]
    rows = snapshot.rows(_LIST, {**params, "count": count or total})
    if as_json:
        about = {"snapshot_id": snapshot.snapshot_id, "count": total}
        print_json({**about, "findings": [_with_evidence(row) for row in rows]})
        return 0
    headings = (
        "finding",
        "control",
        "category",
        "month",
        "whose",
        "under",
        "over",
        "cost",
        "",
        "sev",
    )
    print_table(headings, [_line(row) for row in rows])
    more = f"; {total - len(rows)} more with --limit 0" if total > len(rows) else ""
    print_lines([f"{total} findings in snapshot {snapshot.snapshot_id}{more}"])
    return 0


def explain(
    options: Options, finding_id: str, *, as_json: bool, sql_only: bool, again: bool
) -> int:
    """The command `tieout explain`; 1 when `--reperform` did not return the same row."""
    workspace = open_workspace(options)
    snapshot = open_current(options)
    document = assemble(snapshot, finding_id)
    from dagster_project.lib.controls.reperform import compose, run_again

    found = document["finding"]
    inputs = snapshot.manifest.provenance.inputs
    wanted = (found["control_id"], found["finding_id"])
    is_sql_wanted = as_json or sql_only or again
    sql = compose(snapshot.folder, workspace.home, inputs, *wanted) if is_sql_wanted else ""
    if sql_only and not as_json:
        print_lines([sql])
        return 0
    result = run_again(sql, found) if again else None
    if as_json:
        told = {"reperformed": _told(result)} if result else {}
        evidenced = {"finding": _with_evidence(found)}
        print_json({**document, **evidenced, **told, "sql": sql})
    else:
        print_lines(_page(document))
        print_lines(_verdict(result) if result else [])
    return 0 if result is None or result.is_equal else 1


def assemble(snapshot: Snapshot, finding_id: str) -> dict[str, Any]:
    """Everything the snapshot says about one finding; the id may be cut short.

    Raises: DataError when there is none; UsageError when the short id fits several.
    """
    rows = snapshot.rows(
        "select * from fct_findings where starts_with(finding_id, $id) limit 2", {"id": finding_id}
    )
    if not rows or not finding_id:
        raise DataError(
            "TIE-3053",
            f"there is no finding {finding_id}",
            where=f"snapshot {snapshot.snapshot_id}",
            effect="nothing to explain",
            fix="`tieout findings` lists the ids; another snapshot may hold it (`tieout snapshot`)",
        )
    if len(rows) > 1:
        raise UsageError(
            "TIE-2029",
            f"{finding_id} fits more than one finding",
            where=f"snapshot {snapshot.snapshot_id}",
            effect="nothing was explained",
            fix="write more of the id",
        )
    found, params = rows[0], {"id": rows[0]["finding_id"]}
    details = snapshot.rows("select * from fct_finding_details where finding_id = $id", params)
    shares = snapshot.rows(
        "select * from fct_finding_allocations where finding_id = $id order by all", params
    )
    control = snapshot.rows(
        "select * from dim_controls where control_id = $control", {"control": found["control_id"]}
    )
    detail = details[0] if details else {}
    return {
        "snapshot_id": snapshot.snapshot_id,
        "finding": found,
        "control": control[0] if control else {},
        "rule": detail.get("rule"),
        "arithmetic": detail.get("arithmetic"),
        "price_record": _from_json(detail.get("price_record")),
        **{side: _side(detail, side) for side in SIDES},
        "allocations": [{k: v for k, v in one.items() if k != "finding_id"} for one in shares],
    }


def _side(detail: dict[str, Any], side: str) -> dict[str, Any] | None:
    """The record of one side with the place it was delivered at."""
    if not detail.get(f"{side}_feed"):
        return None
    names = ("feed", "source_file", "source_row", "file_hash")
    return {
        **{name: detail[f"{side}_{name}"] for name in names},
        "record": _from_json(detail[f"{side}_record"]),
    }


def _page(document: dict[str, Any]) -> list[str]:
    """The explanation as text."""
    found, control = document["finding"], document["control"]
    code = found["currency_code"]
    pairs = [
        ("finding", found["finding_id"]),
        ("control", f"{found['control_id']} {control.get('title', '')}".strip()),
        ("category", f"{found['category']} in {found['period']:%Y-%m}, severity {found['severity']}"
                     f", {found['confidence']}"),
        ("about", found["value_key"]),
        ("account", " / ".join(filter(None, (found["account_id"], found["subscription_id"])))),
        ("partner", found["partner_id"]),
        ("rule", document["rule"]),
        ("expected", show_exact(found["expected_amount"], code)),
        ("actual", show_exact(found["actual_amount"], code)),
        ("under", show_exact(found["under_amount"], code)),
        ("over", show_exact(found["over_amount"], code)),
        ("cost", show_exact(found["cost_amount"], code)),
        ("arithmetic", document["arithmetic"]),
        ("price row", _record_text(document["price_record"])),
    ]  # fmt: skip
    for side in SIDES:
        about = document[side]
        if about:
            pairs.append((side, _place_text(about)))
            pairs.append(("", _record_text(about["record"])))
    shares = document["allocations"]
    pairs += [("shared by", _share_text(one)) for one in shares[:MOST_SHARES]]
    if len(shares) > MOST_SHARES:
        pairs.append(("", f"... and {len(shares) - MOST_SHARES} accounts more: --json has them"))
    lines = [f"{name:<11}{text}" for name, text in pairs if text]
    short = found["finding_id"][:12]
    return [*lines, f"again      tieout explain {short} --sql | --reperform"]


def _place_text(side: dict[str, Any]) -> str:
    """Feed, file and line; a record that was put together from several has no line."""
    place = f": {side['source_file']}:{side['source_row']}" if side["source_file"] else ""
    return f"{side['feed']}{place}"


def _record_text(record: Any) -> str:
    if isinstance(record, dict):
        return ", ".join(f"{name}={value}" for name, value in record.items() if value is not None)
    return str(record or "")


def _share_text(share: dict[str, Any]) -> str:
    amount = show_exact(share["under_amount"] or share["over_amount"], share["currency_code"])
    return f"{share['account_id']}: {amount} ({share['revenue_stream']})"


def _told(result: Comparison) -> dict[str, Any]:
    return {"is_equal": result.is_equal, "differing": result.differing, "row": result.again}


def _verdict(result: Comparison) -> list[str]:
    if result.is_equal:
        return ["", "done over again from the frozen inputs: the same row"]
    if result.again is None:
        return ["", "done over again from the frozen inputs: NO row came out"]
    lines = [
        f"  {name}: published {result.published[name]}, again {result.again.get(name)}"
        for name in result.differing
    ]
    return ["", "done over again from the frozen inputs: NOT the same row", *lines]


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["finding_id"][:12],
        row["control_id"],
        row["category"],
        f"{row['period']:%Y-%m}",
        row["account_id"] or row["partner_id"],
        show(row["under_amount"]),
        show(row["over_amount"]),
        show(row["cost_amount"]),
        row["currency_code"],
        row["severity"],
    )


def _with_evidence(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": _from_json(row["evidence"])}


def _from_json(text: str | None) -> Any:
    return json.loads(text) if text else None
