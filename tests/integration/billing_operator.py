"""An operator with bills small enough to be reckoned by hand, and the command line to bill it.

Plan 20.00 a month, calls 0.10 a minute, 19 % tax. In July:
  A1 calls 600 s = 1.00: net 21.00, tax 3.99, total 24.99.
  A2 calls nobody:       net 20.00, tax 3.80, total 23.80.
  A3 has a plan without price: its charge is held, and it gets no invoice.
"""

from __future__ import annotations

from pathlib import Path

from .conftest import Done, run_tieout

FEEDS = {
    "product_offerings": "offerings",
    "price_rules": "prices",
    "tax_rates": "taxes",
    "legal_entities": "entities",
    "accounts": "accounts",
    "subscriptions": "subscriptions",
    "crm_services": "services",
    "network_usage": "network*",
}
SERVICES = (
    "subscription_id,account_id,service_id,product_offering_id,status,valid_from_on\n"
    "S1,A1,491700000001,PLAN,active,2026-01-01\n"
    "S2,A2,491700000002,PLAN,active,2026-01-01\n"
    "S3,A3,491700000003,BARE,active,2026-01-01\n"
)
CALL_HEADER = (
    "network_record_id,service_id,service_code,call_type_code,other_party_number,started_at,"
    "quantity,unit_code\n"
)
CALLS = f"{CALL_HEADER}D,491700000001,voice,originating,49301,2026-07-10 10:00:00,600,second\n"
FILES = {
    "offerings.csv": "product_offering_id,product_type\nPLAN,plan\nBARE,plan\n",
    "prices.csv": (
        "price_rule_id,product_offering_id,charge_code,charge_type,service_code,charge_model,"
        "price_amount,unit_quantity,proration_type,charge_timing,tax_group_code,gl_account_id,"
        "currency_code,valid_from_on\n"
        "P1,PLAN,USAGE_VOICE,usage,voice,per_unit,0.10,60,,,STANDARD,4100,EUR,2026-01-01\n"
        "P2,PLAN,PLAN_FEE,recurring,,flat,20.00,,day,arrears,STANDARD,4000,EUR,2026-01-01\n"
    ),
    "taxes.csv": (
        "tax_rate_id,tax_name,tax_group_code,rate_ratio,tax_basis,tax_category_code\n"
        "V19,VAT 19 %,STANDARD,0.19,after_discount,S\n"
    ),
    "entities.csv": (
        "legal_entity_code,legal_name,street_address,city_name,postal_code,country_code,tax_id,"
        "registration_id,iban,bic,payment_term_days,payment_terms,creditor_id,"
        "invoice_number_pattern\n"
        "NORTH,North Telecom GmbH,Hafenstr. 1,Hamburg,20457,DE,DE123456789,HRB 1234,"
        "DE02120300000000202051,BYLADEM1001,14,Payable without deduction.,"
        "DE98ZZZ09999999999,{entity}-{year}-{number:06}\n"
    ),
    "accounts.csv": (
        "account_id,account_type,currency_code,bill_cycle_code,legal_entity_code,billing_name,"
        "street_address,city_name,postal_code,country_code,payment_term_days,"
        "direct_debit_mandate_id,iban\n"
        "A1,consumer,EUR,01,NORTH,Anna Ast,Weg 1,Bremen,28195,DE,30,M-1,DE02700100800030876808\n"
        "A2,consumer,EUR,15,NORTH,Ben Berg,Weg 2,Bremen,28195,DE,,,\n"
        "A3,consumer,EUR,01,NORTH,Cleo Cox,Weg 3,Bremen,28195,DE,,,\n"
    ),
    "subscriptions.csv": SERVICES,
    "services.csv": SERVICES,
    "network.csv": CALLS,
}


def make_operator(folder: Path) -> None:
    """Write the files and the mapping."""
    (folder / "landing").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / "landing" / name).write_text(text)
    operator = (
        '[operator]\nname = "T"\ntime_zone = "UTC"\ncurrency_code = "EUR"\n'
        'home_country_code = "49"\n'
    )
    feeds = "".join(f'[feeds.{feed}]\npath = "{name}.csv"\n' for feed, name in FEEDS.items())
    (folder / "tieout.toml").write_text(operator + feeds)


def tieout(folder: Path, *words: object, code: int = 0) -> Done:
    """Run a command in the operator's folder; it must end with that code."""
    done = run_tieout(*words, cwd=folder)
    assert done.code == code, (done.code, done.out, done.err)
    return done
