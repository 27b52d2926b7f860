"""The operator's tieout.toml: which of its files fill which feed, and when a control is off."""

from __future__ import annotations

from ingestion.simulator.calendar import Calendar
from ingestion.simulator.settings import AnomalyMix

_HEAD = """# Nordlicht Mobile: a simulated operator. Amounts, people and numbers are made up.

[operator]
name = "Nordlicht Mobile"
time_zone = "Europe/Berlin"
currency_code = "EUR"
home_country_code = "49"

[feeds.network_usage]
path = "network_usage/*/*.csv"
format = "csv"
trailer = { starts_with = "TRAILER", count_field = 2, total_field = 3, total_column = "quantity" }
[feeds.network_usage.code_lists.call_type_code]
"MOC" = "originating"
"MTC" = "terminating"
"CFW" = "forwarded"
"PDP" = "originating"
# announced by the vendor for the second month: voice over LTE
"VOL" = "originating"

[feeds.rated_usage]
path = ["rated_usage/*/*.csv", "rated_usage/*/*.csv.gz"]
format = "csv"
delimiter = ";"
trailer = { starts_with = "TRAILER", count_field = 2, total_field = 3, total_column = "quantity" }

[feeds.mediation_rejects]
path = "mediation_rejects/*.jsonl.gz"
format = "jsonl"
[feeds.mediation_rejects.columns]
network_record_id = "rec"
reason_code = "why"
usage_file_name = "file_name"
merged_into_record_id = "merged_rec"
started_at = "start_ts"
quantity = "qty"

[feeds.suspense]
path = "suspense/*.jsonl"
format = "jsonl"

[feeds.usage_files]
path = "usage_files/*.jsonl"
format = "jsonl"

[feeds.interconnect_usage]
path = "interconnect/*.csv"

[feeds.invoices]
path = "invoices/*.parquet"
format = "parquet"

[feeds.invoice_lines]
path = "invoice_lines/*.parquet"
format = "parquet"

[feeds.payments]
path = "payments/*.csv"

[feeds.orders]
format = "table"
url = "sqlite:///source/crm.db"
table = "ord_head"
order_by = ["ord_no"]
time_zone = "Europe/Berlin"
[feeds.orders.columns]
order_id = "ord_no"
account_id = "acct_no"
order_type = "ord_kind"
channel_code = "lower(sales_way)"
status = "ord_state"
submitted_at = "placed_ts"
completed_at = "done_ts"
[feeds.orders.code_lists.status]
"EING" = "submitted"
"BEARB" = "in_progress"
"ERL" = "completed"

[feeds.order_items]
format = "table"
url = "sqlite:///source/crm.db"
table = "ord_pos_log"
order_by = ["pos_no", "step_ts"]
time_zone = "Europe/Berlin"
[feeds.order_items.columns]
order_item_id = "pos_no"
order_id = "ord_no"
subscription_id = "sub_no"
service_id = "msisdn"
product_offering_id = "article"
action_code = "task"
requested_on = "wish_day"
charge_code = "fee_code"
charge_amount = "fee"
tax_group_code = "'STD'"
currency_code = "'EUR'"
state_code = "step"
state_at = "step_ts"
[feeds.order_items.code_lists.action_code]
"NEW" = "add"
"CHG" = "change"
"END" = "cease"
[feeds.order_items.code_lists.state_code]
"EING" = "submitted"
"BEARB" = "in_progress"
"ERL" = "completed"
"""

_PLAIN = {
    "catalogue": (
        "product_offerings",
        "price_rules",
        "approved_prices",
        "allowances",
        "time_bands",
        "discounts",
        "destination_zones",
        "tax_rates",
        "legal_entities",
    ),
    "crm": ("customers.gz", "accounts.gz", "agreements_b2b", "crm_services.gz", "tickets"),
    "billing": ("subscriptions.gz", "bill_runs", "credit_notes", "period_calendar"),
    "network": ("network_profiles.gz",),
    "partners": (
        "partners",
        "partner_agreements",
        "partner_rates",
        "partner_routes",
        "partner_destinations",
        "partner_statements",
    ),
}

_SCHEDULE = """
[[controls.schedule]]
control_id = "{control}"
from_month = "{month:%Y-%m}"
to_month = "{month:%Y-%m}"
state = "{state}"
reason = "{reason}"
approved_by = "{by}"
"""


def project_text(calendar: Calendar, anomalies: AnomalyMix) -> str:
    """Return tieout.toml."""
    parts = [_HEAD]
    for folder, feeds in _PLAIN.items():
        for name in feeds:
            feed, _, packed = name.partition(".")
            ending = ".csv.gz" if packed else ".csv"
            parts.append(f'\n[feeds.{feed}]\npath = "{folder}/{feed}{ending}"\n')
    if anomalies.control_gaps:
        first = calendar.month_first(1)
        parts.append(
            _SCHEDULE.format(
                control="RAT-03",
                month=first,
                state="disabled",
                reason="switched off for an update of the zero list",
                by="Operations",
            )
        )
        parts.append(
            _SCHEDULE.format(
                control="USG-06",
                month=first,
                state="waived",
                reason="rater was migrated; copies were checked by hand",
                by="Head of Assurance",
            )
        )
    return "".join(parts)
