"""What the last line of a file says about the others, and whether that is true."""

from __future__ import annotations

from decimal import Decimal

from ingestion.errors import TrailerError
from ingestion.mapping import FeedMapping, Trailer
from ingestion.scan import Scan


def trailer_row(mapping: FeedMapping, scan: Scan, where: str) -> int | None:
    """Return the line number of the trailer, None when the feed has none.

    Raises:
        TrailerError: the feed has trailers and this file does not.
    """
    if mapping.trailer is None:
        return None
    if not scan.last_line.startswith(mapping.trailer.starts_with.encode()):
        raise TrailerError(
            f"the trailer line that starts with {mapping.trailer.starts_with!r} is missing",
            where=where,
            effect="no line of it was loaded: it may be cut off",
            fix="ask for the file again under a new name",
        )
    return scan.last_line_no


class TrailerCheck:
    """Compares the figures of one trailer with those of its file."""

    def __init__(self, trailer: Trailer, delimiter: str, scan: Scan, where: str) -> None:
        self.trailer, self.where = trailer, where
        self.fields = scan.last_line.decode("utf-8", "replace").split(delimiter)

    def check_count(self, found: int) -> None:
        """Refuse the file when the trailer counts other lines than it has.

        Raises:
            TrailerError: names both figures.
        """
        if self.trailer.count_field:
            self._compare("lines", self._figure(self.trailer.count_field), Decimal(found))

    def check_total(self, found: Decimal, unreadable: int) -> None:
        """Refuse the file when the trailer states another total than it has.

        A figure in a line that cannot be read may be the difference: that is no proof.

        Raises:
            TrailerError: names both figures.
        """
        if self.trailer.total_field and not unreadable:
            column = str(self.trailer.total_column)
            self._compare(column, self._figure(self.trailer.total_field), found)

    def _figure(self, number: int) -> Decimal:
        try:
            return Decimal(self.fields[number - 1].strip().strip('"'))
        except (IndexError, ArithmeticError) as error:
            raise TrailerError(
                f"field {number} of the trailer is no figure",
                where=self.where,
                effect="no line of it was loaded",
                fix="correct the trailer fields of the mapping",
            ) from error

    def _compare(self, what: str, said: Decimal, found: Decimal) -> None:
        if said != found:
            raise TrailerError(
                f"the trailer says {what} {said}, the file holds {found}",
                where=self.where,
                effect="no line of it was loaded",
                fix="ask for the whole file again under a new name",
            )
