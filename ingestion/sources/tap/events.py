"""One event of a roaming file: from its elements to named values.

Which element means what depends only on the tags of a record, so that is worked out once for each
sequence of tags (a plan) and looked up for all other records of that sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingestion.sources.tap.tags import (
    DECODERS,
    LOCAL_TIME,
    LONGEST_NUMBER,
    Decode,
    Table,
    ValueSpoiltError,
    integer,
    tag_text,
    text,
)
from ingestion.sources.tap.tlv import END

# What the value of a name is taken from: the first of these elements that is there; `a.b` is b
# directly in a. They are the names that a mapping may use.
VALUES: dict[str, tuple[str, ...]] = {
    "imsi": ("Imsi",),
    "msisdn": ("Msisdn",),
    "min": ("Min",),
    "imei": ("Imei",),
    "public_user_id": ("PublicUserId",),
    "called_number": ("CalledNumber", "RequestedNumber", "ConnectedNumber"),
    "dialled_digits": ("DialledDigits",),
    "sms_destination": ("SMSDestinationNumber",),
    "calling_number": ("CallingNumber",),
    "sms_originator": ("SMSOriginator",),
    "non_charged_number": ("NonChargedPartyNumber", "NonChargedNumber"),
    "duration_seconds": (
        "TotalCallEventDuration",
        "TotalTransactionDuration",
        "CallEventDuration",
    ),
    "volume_incoming_bytes": ("DataVolumeIncoming",),
    "volume_outgoing_bytes": ("DataVolumeOutgoing",),
    "volume_total_bytes": ("TotalDataVolume",),
    "cause_for_term": ("CauseForTerm", "CauseForTermination"),
    "partial_type": ("PartialTypeIndicator",),
    "tele_service_code": ("BasicServiceCode.TeleServiceCode", "TeleServiceCode"),
    "bearer_service_code": ("BearerServiceCode",),
    "suppl_service_code": ("SupplServiceCode", "SupplementaryServiceCode"),
    "event_service": ("MessagingEventService", "MobileSessionService"),
    "call_type_level_1": ("CallTypeLevel1",),
    "call_type_level_2": ("CallTypeLevel2",),
    "call_type_level_3": ("CallTypeLevel3",),
    "charged_item": ("ChargedItem",),
    "chargeable_units": ("ChargeableUnits",),
    "charged_units": ("ChargedUnits",),
    "charging_id": ("ChargingId",),
    "call_reference": ("CallReference", "EventReference", "TransactionIdentifier"),
    "rec_entity_code": ("RecEntityCode", "RecEntityId"),
    "access_point_name": ("AccessPointNameNI",),
    "access_point_operator": ("AccessPointNameOI",),
    "serving_network": ("ServingNetwork",),
    "location_area": ("LocationArea",),
    "cell_id": ("CellId",),
    "camel_service_key": ("CamelServiceKey",),
    "is_refund": ("ChargeRefundIndicator",),
    "tax_code": ("TaxInformation.TaxCode",),
    # Of NRTRDE: indicative, in a unit that its specification says.
    "indicative_charge": ("ChargeAmount",),
    # Of a return, and of nothing else.
    "returned_sequence_no": ("FileSequenceNumber",),
    "first_missing_sequence_no": ("StartMissingSeqNumber",),
    "last_missing_sequence_no": ("EndMissingSeqNumber",),
    "returned_record_no": ("ItemOccurrence",),
}
# The time of an event is that of the first of these that is there.
_STARTS = (
    "CallEventStartTimeStamp",
    "ServiceStartTimestamp",
    "DepositTimeStamp",
    "OrderPlacedTimeStamp",
    "ChargingTimeStamp",
    "LCSRequestTimestamp",
    "ChargeDetailTimeStamp",
)
# Whole numbers that are never below zero.
NEVER_NEGATIVE = frozenset(
    name
    for name in (
        *(f"DataVolume{way}" for way in ("Incoming", "Outgoing")),
        *("TotalDataVolume", "TotalCallEventDuration", "TotalTransactionDuration"),
        *("CallEventDuration", "ChargeableUnits", "ChargedUnits", "Charge", "TaxValue"),
        *("TaxableAmount", "Discount", "DiscountableAmount", "CamelInvocationFee", "ChargeAmount"),
    )
)
_TOTAL_CHARGE = b"00"

Values = Sequence[bytes]


@dataclass(frozen=True)
class Problem:
    """Why a record is not loaded: reason code, tag and value that broke it, and what is wrong."""

    reason: str
    tag: str
    value: str
    what: str


@dataclass
class Plan:
    """Which value of a record means what, by its place among the values.

    `charges` are pairs: where the type of a charge stands, where its amount does. `names` are the
    types of all values.
    """

    kind: str = ""
    takes: list[tuple[str, int, Decode]] = field(default_factory=list)
    start: tuple[int, int, bool] | None = None
    charges: list[tuple[int, int]] = field(default_factory=list)
    direct: list[int] = field(default_factory=list)
    camel: list[int] = field(default_factory=list)
    taxes: list[int] = field(default_factory=list)
    discounts: list[int] = field(default_factory=list)
    rates: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    counts: list[tuple[int, str]] = field(default_factory=list)
    names: tuple[str, ...] = ()
    is_charged: bool = False
    problem: Problem | None = None


@dataclass(frozen=True)
class _Leaf:
    index: int
    name: str
    parent: str
    group: int


def make_plan(tags: Sequence[int], table: Table) -> Plan:
    """Work out what the values of a record with these tags mean."""
    plan = Plan(kind=table.names.get(tags[0], ""))
    leaves = list(_leaves(tags, table, plan))
    if plan.problem:
        return plan
    by_name: dict[str, _Leaf] = {}
    for leaf in leaves:
        by_name.setdefault(leaf.name, leaf)
        by_name.setdefault(f"{leaf.parent}.{leaf.name}", leaf)
    for name, sources in VALUES.items():
        found = next((by_name[one] for one in sources if one in by_name), None)
        if found:
            decode = DECODERS[table.kinds[found.name]]
            plan.takes.append((name, found.index, decode))
    plan.names = tuple(leaf.name for leaf in leaves)
    plan.start = _start(by_name)
    _add_money(plan, leaves)
    plan.errors = [leaf.index for leaf in leaves if leaf.name == "ErrorCode"]
    plan.counts = [(leaf.index, leaf.name) for leaf in leaves if leaf.name in NEVER_NEGATIVE]
    return plan


def _leaves(tags: Sequence[int], table: Table, plan: Plan) -> Iterator[_Leaf]:
    """Yield the elements that have a value, with the group around each; groups are numbered."""
    around: list[tuple[str, int]] = [("", 0)]
    index = 0
    for no, tag in enumerate(tags):
        if tag == END:
            around.pop()
            continue
        name = table.names.get(tag)
        if name is None:
            what = "no element of this kind of file has this tag"
            plan.problem = Problem("tag", tag_text(tag), "", what)
            return
        if table.kinds[name] == "group":
            around.append((name, no))
        else:
            yield _Leaf(index, name, *around[-1])
            index += 1


def _start(by_name: Mapping[str, _Leaf]) -> tuple[int, int, bool] | None:
    """Return where local time and offset stand, and whether the offset is one or a code of one."""
    for group in _STARTS:
        local = by_name.get(f"{group}.{LOCAL_TIME}")
        if not local:
            continue
        for name, is_code in (("UtcTimeOffsetCode", True), ("UtcTimeOffset", False)):
            offset = by_name.get(f"{group}.{name}")
            if offset:
                return local.index, offset.index, is_code
        return local.index, -1, True
    # An event of NRTRDE has both by itself.
    local, offset = by_name.get("CallEventStartTimeStamp"), by_name.get("UtcTimeOffset")
    if local and offset:
        return local.index, offset.index, False
    return (local.index, -1, False) if local else None


def _add_money(plan: Plan, leaves: Sequence[_Leaf]) -> None:
    types = {leaf.group: leaf.index for leaf in leaves if leaf.name == "ChargeType"}
    for leaf in leaves:
        if leaf.name == "Charge" and leaf.parent == "ChargeDetail":
            plan.charges.append((types.get(leaf.group, -1), leaf.index))
        elif leaf.name == "Charge":
            plan.direct.append(leaf.index)
        elif leaf.name == "CamelInvocationFee":
            plan.camel.append(leaf.index)
        elif leaf.name == "TaxValue":
            plan.taxes.append(leaf.index)
        elif leaf.name == "Discount":
            plan.discounts.append(leaf.index)
        elif leaf.name == "ExchangeRateCode":
            plan.rates.append(leaf.index)
    plan.is_charged = bool(plan.charges or plan.direct)


@dataclass(frozen=True)
class Money:
    """What a record charges, in the smallest unit of its file."""

    charge: int = 0
    camel: int = 0
    tax: int = 0
    discount: int = 0


def is_totalled(plan: Plan, values: Values) -> bool:
    """Tell whether a record says what it charges in all."""
    return bool(plan.direct) or any(
        kind >= 0 and values[kind] == _TOTAL_CHARGE for kind, _ in plan.charges
    )


def money_of(plan: Plan, values: Values) -> Money:
    """Add up the charges of a record: details of type 00 are totals, the others parts of them."""
    charge = sum(
        _number(values[amount])
        for kind, amount in plan.charges
        if kind >= 0 and values[kind] == _TOTAL_CHARGE
    )
    charge += sum(_number(values[index]) for index in plan.direct)
    return Money(
        charge,
        sum(_number(values[index]) for index in plan.camel),
        sum(_number(values[index]) for index in plan.taxes),
        sum(_number(values[index]) for index in plan.discounts),
    )


def _number(value: bytes) -> int:
    return int.from_bytes(value, "big", signed=True)


def find_problem(plan: Plan, values: Values) -> Problem | None:
    """Return what is wrong with the values that are counted or added up, if anything is."""
    for index, name in plan.counts:
        value = values[index]
        if not 0 < len(value) <= LONGEST_NUMBER:
            what = f"it has {len(value)} octets, and is no figure"
            return Problem("value", name, value[:LONGEST_NUMBER].hex(), what)
        if value[0] & 0x80:
            return Problem("negative", name, integer(value), "it is below zero")
    return None


def take_values(plan: Plan, values: Values) -> dict[str, str | None]:
    """Return the named values of a record as text.

    Raises:
        ValueSpoiltError: one is not written as its type is; `args` are its name, octets and what
            is wrong.
    """
    found: dict[str, str | None] = {}
    for name, index, decode in plan.takes:
        try:
            found[name] = decode(values[index])
        except ValueSpoiltError as error:
            raise ValueSpoiltError(name, values[index].hex(), error.args[0]) from None
    return found


def local_time(value: bytes) -> str:
    """Return `YYYY-MM-DD hh:mm:ss` of a time stamp.

    Raises:
        ValueSpoiltError: it has not fourteen digits.
    """
    said = text(value)
    if len(said) != 14 or not said.isdecimal():
        raise ValueSpoiltError("it has not fourteen digits")
    return f"{said[:4]}-{said[4:6]}-{said[6:8]} {said[8:10]}:{said[10:12]}:{said[12:]}"
