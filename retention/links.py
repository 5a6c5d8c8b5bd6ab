"""Links: which dossier points at which object, related dossier or main case, to be asked backward.

What stands here follows from the facts; it answers one question fast: whom does this reach?
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, Connection, Table, Text, delete, insert, select

from retention.fact_kinds import FactKind, key_of
from retention.standing import Fact
from retention.tables import DOSSIERS
from storage.database import METADATA

LINKS = Table(
    "retention_links",
    METADATA,
    Column("dossier", Text, primary_key=True),
    # object, related or parent: the kind of the fact.
    Column("kind", Text, primary_key=True),
    # "registry:id" of an object, the identifier of a dossier.
    Column("target", Text, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
)

LINKING = (FactKind.OBJECT, FactKind.RELATED, FactKind.PARENT)
AT_ONCE = 500


def links_of(dossier: str, zorgdrager: str, facts: Iterable[Fact]) -> list[dict[str, str]]:
    """The rows that follow from the facts that stand."""
    targets = {(each.kind.value, _target(each)) for each in facts if each.kind in LINKING}
    return [
        {"dossier": dossier, "kind": kind, "target": target, "zorgdrager": zorgdrager}
        for kind, target in sorted(targets)
    ]


def renew_links(
    connection: Connection, dossier: str, zorgdrager: str, facts: Iterable[Fact]
) -> None:
    """Write down the links of a dossier as its facts stand now."""
    connection.execute(delete(LINKS).where(LINKS.c.dossier == dossier))
    if rows := links_of(dossier, zorgdrager, facts):
        connection.execute(insert(LINKS), rows)


def waiting_for(connection: Connection, object_: str) -> tuple[str, ...]:
    """The dossiers that wait for an object."""
    wanted = select(LINKS.c.dossier).where(
        LINKS.c.kind == FactKind.OBJECT.value, LINKS.c.target == object_
    )
    return tuple(connection.execute(wanted.order_by(LINKS.c.dossier)).scalars())


def dependents(connection: Connection, changed: Sequence[str]) -> tuple[str, ...]:
    """The dossiers whose date can move because these changed: parts of them, and related ones."""
    found: set[str] = set()
    for start in range(0, len(changed), AT_ONCE):
        part = changed[start : start + AT_ONCE]
        children = select(DOSSIERS.c.dossier).where(DOSSIERS.c.parent.in_(part))
        pointing = (
            select(LINKS.c.dossier)
            .join(
                DOSSIERS,
                (DOSSIERS.c.zorgdrager == LINKS.c.zorgdrager)
                & (DOSSIERS.c.identifier == LINKS.c.target),
            )
            .where(
                DOSSIERS.c.dossier.in_(part),
                LINKS.c.kind.in_((FactKind.RELATED.value, FactKind.PARENT.value)),
            )
        )
        found.update(connection.execute(children).scalars())
        found.update(connection.execute(pointing).scalars())
    return tuple(sorted(found))


def _target(fact: Fact) -> str:
    return key_of(fact.kind, fact.value) or str(fact.value)
