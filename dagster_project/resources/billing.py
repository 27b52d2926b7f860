"""The bill run of one home: models, frozen drafts and the control store brought together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.lib.billing import life
from dagster_project.lib.billing.draft import FOLDER, DraftSummary, Scope
from dagster_project.lib.billing.gate import GateLimits
from dagster_project.lib.periods import Months
from dagster_project.resources.code import DBT_PROJECT

if TYPE_CHECKING:
    from dagster_project.lib.billing.content import DraftContent
    from dagster_project.lib.store import (
        BillRun,
        BillRunTable,
        CreditPart,
        InvoiceTable,
        IssuedDocument,
        Issuer,
        NewDocument,
    )
    from dagster_project.lib.warehouse.dbt_runner import DbtRunner
    from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse
    from dagster_project.resources.workspace import Workspace

MODELS_FILE = FOLDER / "tieout.duckdb"
# Documents of one transaction: a killed process loses at most these, and takes them up again.
AT_ONCE = 500
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Drafted:
    """What came of a draft: the run, or None when there is nothing to bill."""

    run: BillRun | None
    summary: DraftSummary
    is_new: bool
    left_out: Sequence[dict[str, Any]] = ()


class BillingOffice:
    """Drafts, reviews, issues and corrects. Times are given by the caller."""

    def __init__(self, workspace: Workspace) -> None:
        """Use this home and project; nothing is opened yet."""
        self.workspace = workspace
        self.home = workspace.home
        self._open = ExitStack()
        self._contents: dict[str, DraftContent] = {}

    @cached_property
    def runs(self) -> BillRunTable:
        """The bill runs of the store."""
        from dagster_project.lib.store import BillRunTable

        return BillRunTable(self.workspace.store)

    @cached_property
    def invoices(self) -> InvoiceTable:
        """The issued documents of the store."""
        from dagster_project.lib.store import InvoiceTable

        return InvoiceTable(self.workspace.store)

    @cached_property
    def _issuer(self) -> Issuer:
        from dagster_project.lib.billing.numbers import number_of
        from dagster_project.lib.store import Issuer

        return Issuer(self.workspace.store, number_of)

    @cached_property
    def warehouse(self) -> DuckDBWarehouse:
        """A database of the bill run's own, so that `tieout run` is not disturbed."""
        from dagster_project.lib.warehouse.duckdb import DuckDBWarehouse

        settings = self.workspace.settings
        return DuckDBWarehouse(self.home, settings.threads, settings.memory_limit, MODELS_FILE)

    @cached_property
    def dbt(self) -> DbtRunner:
        """Dbt on that database."""
        from dagster_project.lib.warehouse.dbt_runner import DbtRunner

        threads = self.workspace.settings.threads
        work = self.home / FOLDER / "dbt"
        return DbtRunner(DBT_PROJECT, self.home, self.warehouse, threads, work)

    def get(self, bill_run_id: str) -> BillRun:
        """The run of that id.

        Raises: UsageError when there is none.
        """
        return life.require_run(bill_run_id, self.runs.find(bill_run_id))

    def build(self, month: date) -> None:
        """Build the models that a bill run reads, for the month and those whose usage may be late.

        Raises: DataError when a model cannot be built or a check fails.
        """
        from dagster_project.lib.billing.interface import MODELS
        from dagster_project.lib.warehouse.dbt_runner import raise_first_failure

        parameters = self.workspace.project.parameters
        late = int(parameters.get("late_cycle_count", _default("late_cycle_count")))
        months = Months(_months_back(month, late), month)
        variables = {**self.workspace.variables(months), "keep_rated_events": True}
        results = self.dbt.build(
            variables,
            select=[f"+{model}" for model in MODELS],
            on_event=lambda name, status: self.workspace.tell(f"{name}: {status}"),
        )
        raise_first_failure(results, self.dbt.log_path)

    def draft(self, scope: Scope, actor: str, at: datetime) -> Drafted:
        """Freeze what the models say now, and note it as a draft; the same content is one draft."""
        from dagster_project.lib.billing.content import open_content
        from dagster_project.lib.billing.draft import NEW, make_draft, place_draft

        with self.warehouse.reading() as connection:
            summary = make_draft(connection, self.home, scope, self._limits())
        if summary.invoice_count == 0:
            with open_content(self.home, NEW) as content:
                left_out = content.rows("left_out")
            return Drafted(None, summary, is_new=False, left_out=left_out)
        attempt = sum(
            run.status == "cancelled" and run.content_hash == summary.content_hash
            for run in self.runs.all()
        )
        named = place_draft(self.home, summary, attempt)
        known = self.runs.find(named.bill_run_id)
        run = self.runs.add(self._as_draft(named, actor, at))
        return Drafted(run, named, is_new=known is None)

    def metadata(self, drafted: Drafted) -> dict[str, Any]:
        """What a catalogue shows of a draft: counts, and the value of each currency."""
        from dagster_project.lib.billing.content import open_content

        summary = drafted.summary
        counts = {"row_count": summary.invoice_count, "held_count": summary.held_count}
        if drafted.run is None:
            return counts
        with open_content(self.home, drafted.run.bill_run_id) as content:
            totals = {
                f"control_total_{row['currency_code']}": str(row["total_amount"])
                for row in content.totals()
            }
        return {"bill_run_id": drafted.run.bill_run_id, **counts, **totals}

    def review(self, bill_run_id: str, actor: str, at: datetime) -> BillRun:
        """Release a draft for issue, by somebody else than its preparer."""
        run = self.get(bill_run_id)
        life.check_review(run, actor)
        self._verify(run)
        values = {"status": "reviewed", "reviewed_by": actor, "reviewed_at": at}
        self._move(run, "reviewed", ("draft",), values, (actor, at, ""))
        return self.get(bill_run_id)

    def accept(
        self, bill_run_id: str, kinds: Sequence[str], who: tuple[str, datetime, str]
    ) -> BillRun:
        """Let points of the gate pass, by name and with a reason."""
        from dagster_project.lib.store import Acceptance

        actor, at, reason = who
        life.check_kinds(kinds)
        life.check_reason(reason)
        run = self.get(bill_run_id)
        life.check_accept(run, actor)
        self.runs.accept(bill_run_id, [Acceptance(kind, actor, at, reason) for kind in kinds])
        return run

    def cancel(self, bill_run_id: str, who: tuple[str, datetime, str]) -> BillRun:
        """Give up a draft of which nothing is issued."""
        actor, at, reason = who
        life.check_reason(reason)
        run = self.get(bill_run_id)
        life.check_cancel(run)
        values = {"status": "cancelled", "cancelled_by": actor, "cancelled_at": at}
        self._move(run, "cancelled", ("draft", "reviewed"), values, (actor, at, reason))
        return self.get(bill_run_id)

    def issue(
        self,
        bill_run_id: str,
        who: tuple[str, datetime, date],
        on_progress: OnProgress = lambda done, total: None,
    ) -> BillRun:
        """Write what the draft froze into the store, each invoice with the next number.

        Args: who: actor, time, date on the invoices; of a run that was begun, the date stays.
        """
        from dagster_project.lib.billing.content import open_content
        from dagster_project.lib.billing.report import open_points
        from dagster_project.lib.store import Stamp

        run = self.get(bill_run_id)
        life.check_issue(run, who[0])
        self._verify(run)
        stamp = Stamp(*who)
        with open_content(self.home, bill_run_id) as content:
            accepted = [one.kind for one in self.runs.acceptances(bill_run_id)]
            life.check_gate(run, open_points(content), accepted)
            self._issuer.begin(bill_run_id, content.claims(), stamp)

            def read(done: int) -> list[NewDocument]:
                return [_as_new(one) for one in content.documents(done, AT_ONCE)]

            done = -1
            while done < run.invoice_count:
                done = self._issuer.issue_some(bill_run_id, read, stamp)
                on_progress(done, run.invoice_count)
        self.workspace.bring_in_issued()
        return self.get(bill_run_id)

    def credit(
        self,
        invoice_number: str,
        who: tuple[str, datetime, date],
        reason: str,
        part: CreditPart | None = None,
    ) -> str:
        """Take an invoice, or a part of it, back by a credit note; its number is returned."""
        from dagster_project.lib.store import Stamp

        life.check_reason(reason)
        number = self._issuer.credit(invoice_number, Stamp(*who), reason, part)
        self.workspace.bring_in_issued()
        return number

    def report(self, bill_run_id: str) -> dict[str, Any]:
        """Everything there is to say about one run."""
        from dagster_project.lib.billing.content import open_content
        from dagster_project.lib.billing.report import make_report

        run = self.get(bill_run_id)
        self._verify(run)
        said = {**asdict(run), "issued_count": self.invoices.count_of_run(bill_run_id)}
        accepted = [asdict(one) for one in self.runs.acceptances(bill_run_id)]
        events = [asdict(one) for one in self.runs.events(bill_run_id)]
        with open_content(self.home, bill_run_id) as content:
            return make_report(said, content, accepted, events)

    def journal(self, name: str) -> list[dict[str, Any]]:
        """The entries of a run, or of the document of that number.

        Raises: UsageError when there is neither.
        """
        from dagster_project.lib.billing.content import open_content
        from dagster_project.lib.billing.journal import entries_of

        document = self.invoices.find(name)
        if document is not None:
            head = document.invoice
            before = self.invoices.lines_before(head) if head["corrects_invoice_number"] else None
            return entries_of(head, document.lines, document.taxes, before)
        run = self.get(name)
        self._verify(run)
        with open_content(self.home, run.bill_run_id) as content:
            return content.rows("journal")

    def folder(self, bill_run_id: str) -> Path:
        """Where a run keeps what it froze."""
        return self.home / FOLDER / self.get(bill_run_id).bill_run_id

    def document(self, invoice_number: str) -> IssuedDocument:
        """The issued document of that number.

        Raises: UsageError when there is none.
        """
        return life.require_document(invoice_number, self.invoices.find(invoice_number))

    def render(self, invoice_number: str, document_format: str) -> tuple[str, bytes]:
        """A document as a file: its name and its bytes."""
        from dagster_project.lib.billing.documents import file_name, render
        from dagster_project.lib.billing.filling import fill, usage_of

        found = self.document(invoice_number)
        operator = self.workspace.project.operator
        corrects = found.invoice["corrects_invoice_number"]
        document = fill(
            found.invoice,
            found.lines,
            found.taxes,
            corrected_on=self.document(corrects).invoice["issued_on"] if corrects else None,
            usage=usage_of(self.events(found.invoice), operator.time_zone),
            seller_name=operator.name,
        )
        return file_name(document, document_format), render(document, document_format)

    def events(self, invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The usage behind an invoice, as its run froze it."""
        from dagster_project.lib.billing.content import open_content

        bill_run_id = invoice["bill_run_id"]
        if bill_run_id is None:
            return []
        if bill_run_id not in self._contents:
            # once, and open until the command ends: a run may have a hundred thousand documents
            self._verify(self.get(bill_run_id))
            content = self._open.enter_context(open_content(self.home, bill_run_id))
            self._contents[bill_run_id] = content
        return self._contents[bill_run_id].events(invoice["draft_no"])

    def _verify(self, run: BillRun) -> None:
        from dagster_project.lib.billing.draft import verify_draft

        verify_draft(self.home, run.bill_run_id, run.content_hash)

    def _move(
        self,
        run: BillRun,
        event: str,
        origins: Sequence[str],
        values: dict[str, Any],
        who: tuple[str, datetime, str],
    ) -> None:
        """Move the run, or say what somebody else made of it in between."""
        if not self.runs.move(run.bill_run_id, event, origins, values, who):
            now = self.get(run.bill_run_id)
            (life.check_cancel if event == "cancelled" else _recheck(who[0]))(now)

    def _as_draft(self, summary: DraftSummary, actor: str, at: datetime) -> BillRun:
        from dagster_project.lib.store import BillRun

        return BillRun(
            bill_run_id=summary.bill_run_id,
            **asdict(summary.scope),
            status="draft",
            content_hash=summary.content_hash,
            code_revision=self.workspace.code_revision,
            invoice_count=summary.invoice_count,
            line_count=summary.line_count,
            held_count=summary.held_count,
            drafted_by=actor,
            drafted_at=at,
        )

    def _limits(self) -> GateLimits:
        """The gate's limits, as `[controls.parameters]` of tieout.toml says."""
        parameters = self.workspace.project.parameters
        given = {
            name: Decimal(str(parameters[f"bill_{name}"]))
            for name in ("outlier_ratio", "outlier_amount", "change_ratio")
            if f"bill_{name}" in parameters
        }
        return GateLimits(**given)


def _recheck(actor: str) -> Callable[[life.Run], None]:
    return lambda run: life.check_review(run, actor)


def _as_new(document: Any) -> NewDocument:
    from dagster_project.lib.store import NewDocument

    return NewDocument(document.invoice, document.lines, document.taxes)


def _default(name: str) -> Any:
    """A parameter that tieout.toml does not set, as the models take it."""
    from ingestion.own_yaml import read_yaml

    path = Path(DBT_PROJECT) / "dbt_project.yml"
    return read_yaml(path.read_text(encoding="utf-8"))["vars"][name]


def _months_back(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)
