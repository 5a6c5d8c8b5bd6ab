"""The words of dossiers, out of the base tables: what query holds and person marks look in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, or_, select

from retention.tables import DOSSIERS
from storage.catalogue import AIPS, FILES

AT_ONCE = 500
"""So many dossiers in one question."""

_OWN = (DOSSIERS.c.identifier, DOSSIERS.c.zaaktype, DOSSIERS.c.result)
_DESCRIBED = (
    *(AIPS.c.title, AIPS.c.identifier, AIPS.c.delivery_id, AIPS.c.text),
    *(AIPS.c.supplier, AIPS.c.selection_category),
)
_FILED = (FILES.c.name, FILES.c.title, FILES.c.record_identifier)


def in_parts(values: Iterable[str], size: int = AT_ONCE) -> Iterator[list[str]]:
    """The values, so many at once."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def texts_of(connection: Connection, dossiers: Collection[str]) -> Mapping[str, list[str]]:
    """Every text of these dossiers: register, titles and descriptions, names of files.

    At most AT_ONCE dossiers at a time.
    """
    found: dict[str, list[str]] = defaultdict(list)
    asked = (
        select(DOSSIERS.c.dossier, *_OWN).where(DOSSIERS.c.dossier.in_(dossiers)),
        select(AIPS.c.aip_id, *_DESCRIBED).where(AIPS.c.aip_id.in_(dossiers)),
        select(AIPS.c.aip_id, *_FILED)
        .join(FILES, FILES.c.aip == AIPS.c.number)
        .where(AIPS.c.aip_id.in_(dossiers)),
    )
    for wanted in asked:
        for dossier, *texts in connection.execute(wanted):
            found[dossier].extend(each for each in texts if each)
    return found


def holding(connection: Connection, zorgdrager: str, texts: Collection[str]) -> set[str]:
    """The dossiers of a zorgdrager that have one of these texts in any of theirs.

    Capitals make no difference, accents do. It reads every title and every name.
    """
    asked = (
        select(DOSSIERS.c.dossier).where(DOSSIERS.c.zorgdrager == zorgdrager, _within(_OWN, texts)),
        select(AIPS.c.aip_id).where(AIPS.c.zorgdrager == zorgdrager, _within(_DESCRIBED, texts)),
        select(AIPS.c.aip_id)
        .join(FILES, FILES.c.aip == AIPS.c.number)
        .where(AIPS.c.zorgdrager == zorgdrager, _within(_FILED, texts)),
    )
    return {each for wanted in asked for each in connection.execute(wanted).scalars()}


def _within(columns: Iterable[Any], texts: Collection[str]) -> Any:
    return or_(*(column.icontains(each, autoescape=True) for column in columns for each in texts))
