"""The answers that come once for an operator: files, feeds, keys, numbers, control schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ingestion.simulator.answers import DECOY, LEAK, Answer, AnswerKey
from ingestion.simulator.calendar import Calendar
from ingestion.simulator.deliver_usage import COMMA_MONTH, reject_file
from ingestion.simulator.population import ELEMENTS
from ingestion.simulator.roles import Role
from ingestion.simulator.settings import AnomalyMix
from ingestion.simulator.sites import (
    FEED_LOW,
    FEED_MISSING,
    FILE_DUP,
    UNKNOWN_CODE,
    Sites,
    file_name,
)
from ingestion.simulator.traffic import World

_MOST_DECOYS = 40


def answer_once(key: AnswerKey, world: World, anomalies: AnomalyMix) -> None:
    """Add the answers that no rating is needed for."""
    key.add(_feeds(world.calendar, world.sites))
    key.add(_schema(world.calendar, world.sites))
    key.add(_files(world.calendar, world.sites))
    key.add(_keys(world, anomalies))
    key.add(_schedule(world.calendar, anomalies))


def _period(calendar: Calendar, day: int) -> date:
    return calendar.month_first(calendar.month_of(day))


def _feeds(calendar: Calendar, sites: Sites) -> Iterator[Answer]:
    for kind in (FEED_MISSING, FEED_LOW):
        for element, day in sites.of(kind):
            key = f"network_usage|{ELEMENTS[element]}|{calendar.date_of(day)}"
            yield Answer(LEAK, "DQ-01", kind, _period(calendar, day), key, "not delivered whole")
    for day, holiday in calendar.holiday_names.items():
        for element_name in ELEMENTS:
            key = f"network_usage|{element_name}|{calendar.date_of(day)}"
            yield Answer(DECOY, "DQ-01", FEED_LOW, _period(calendar, day), key, holiday)


def _landed(calendar: Calendar, sites: Sites, element: int, day: int) -> str:
    name = file_name(sites, element, day, calendar.date_of(day))
    return f"network_usage/{ELEMENTS[element]}/{name}"


def _schema(calendar: Calendar, sites: Sites) -> Iterator[Answer]:
    for element, day in sites.of(UNKNOWN_CODE):
        name = f"network_usage|{_landed(calendar, sites, element, day)}|call_type_code"
        yield Answer(LEAK, "DQ-02", "ENUM_NEW", _period(calendar, day), name, "call type XCS")
    if sites.decimal_commas:
        yield Answer(
            LEAK,
            "DQ-02",
            "SCHEMA_DRIFT",
            calendar.month_first(COMMA_MONTH),
            f"mediation_rejects|{reject_file(calendar, COMMA_MONTH)}|quantity",
            "decimal commas",
        )
    day = calendar.month_start(2)
    for element in range(len(ELEMENTS)):
        name = f"network_usage|{_landed(calendar, sites, element, day)}|call_type_code"
        yield Answer(
            DECOY,
            "DQ-02",
            "ENUM_NEW",
            _period(calendar, day),
            name,
            "call type VOL was announced and is mapped",
        )


def _files(calendar: Calendar, sites: Sites) -> Iterator[Answer]:
    def named(element: int, day: int) -> str:
        return f"{ELEMENTS[element]}|{file_name(sites, element, day, calendar.date_of(day))}"

    for element, day in sorted(sites.second_copies):
        yield Answer(
            LEAK,
            "USG-01",
            FILE_DUP,
            _period(calendar, day),
            named(element, day),
            "collected twice, second copy rejected",
        )
    if sites.reset:
        yield Answer(
            LEAK,
            "USG-01",
            "SEQ_RESET",
            _period(calendar, sites.reset[1]),
            named(*sites.reset),
            "sequence begins again without a roll-over",
        )
    element, day = sites.rollover
    yield Answer(
        DECOY,
        "USG-01",
        "SEQ_RESET",
        _period(calendar, day),
        named(element, day),
        "sequence rolls over from 9999 to 0000",
    )
    element, day = sites.quiet
    yield Answer(
        DECOY,
        "USG-01",
        "FILE_SHORT",
        _period(calendar, day),
        named(element, day),
        "maintenance: three hours without traffic",
    )


def _keys(world: World, anomalies: AnomalyMix) -> Iterator[Answer]:
    lines, calendar = world.lines, world.calendar
    if anomalies.null_keys:
        yield Answer(
            LEAK,
            "DQ-03",
            "KEY_NULL",
            calendar.month_first(world.sites.null_key_month),
            "rated_usage|network_record_id",
            "every two-hundredth event",
        )
    for role, kind, note in (
        (Role.NUMBER_NEW, LEAK, "number given out again inside quarantine"),
        (Role.RESTED_NEW, DECOY, "number given out again after its rest"),
    ):
        for sub in (lines.role == role).nonzero()[0]:
            yield Answer(
                kind,
                "DQ-03",
                "KEY_DUP",
                _period(calendar, int(lines.start[sub])),
                f"subscriptions|{lines.number[sub]}",
                note,
            )
    for sub in (lines.twin == 1).nonzero()[0][:_MOST_DECOYS]:
        yield Answer(
            DECOY,
            "DQ-03",
            "KEY_DUP",
            calendar.month_first(1),
            f"subscriptions|{lines.number[sub]}",
            "two SIMs on one number by contract",
        )


def _schedule(calendar: Calendar, anomalies: AnomalyMix) -> Iterator[Answer]:
    first = calendar.month_first(1)
    for control in ("ORD-02", "ORD-03"):
        yield Answer(LEAK, "DQ-05", "NOT_RUN", first, control, "no network profiles of the month")
    if anomalies.control_gaps:
        yield Answer(LEAK, "DQ-05", "NOT_RUN", first, "RAT-03", "switched off")
        yield Answer(DECOY, "DQ-05", "NOT_RUN", first, "USG-06", "waived with approval")
