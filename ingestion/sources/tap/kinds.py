"""The kinds of roaming files: their sections in order, and which of them holds the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    """One kind of file: the table of its tags, its sections in order, and which holds records."""

    kind: str
    table: str
    sections: tuple[str, ...]
    records: str = ""
    record_types: Mapping[str, str] = field(default_factory=dict)


SHAPES = {
    "TransferBatch": Shape(
        "tap",
        "tap",
        (
            "BatchControlInfo",
            "AccountingInfo",
            "NetworkInfo",
            "MessageDescriptionInfoList",
            "CallEventDetailList",
            "AuditControlInfo",
        ),
        "CallEventDetailList",
        {
            "MobileOriginatedCall": "moc",
            "MobileTerminatedCall": "mtc",
            "SupplServiceEvent": "supplementary",
            "ServiceCentreUsage": "service_centre",
            "GprsCall": "gprs",
            "ContentTransaction": "content",
            "LocationService": "location",
            "MessagingEvent": "messaging",
            "MobileSession": "session",
        },
    ),
    "Notification": Shape("notification", "tap", ()),
    "Nrtrde": Shape(
        "nrtrde",
        "nrtrde",
        (),
        "CallEventList",
        {"Moc": "moc", "Mtc": "mtc", "Gprs": "gprs"},
    ),
    "ReturnBatch": Shape(
        "rap",
        "rap",
        ("RapBatchControlInfo", "ReturnDetailList", "RapAuditControlInfo"),
        "ReturnDetailList",
        {
            "MissingReturn": "missing_return",
            "FatalReturn": "fatal_return",
            "SevereReturn": "severe_return",
        },
    ),
    "Acknowledgement": Shape("acknowledgement", "rap", ()),
}
# What `kinds` of a mapping lets in.
KINDS = {
    "tap": ("tap", "notification"),
    "nrtrde": ("nrtrde",),
    "rap": ("rap", "acknowledgement"),
}


# What a file is, in a message.
WORDS = {
    "tap": "a TAP batch",
    "notification": "a TAP notification, which says that there was no usage",
    "nrtrde": "NRTRDE, not TAP",
    "rap": "RAP, which returns records",
    "acknowledgement": "a RAP acknowledgement",
}
