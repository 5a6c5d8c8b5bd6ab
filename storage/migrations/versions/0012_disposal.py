"""Destruction: what guards manifests, evidence, tombstones and items in the database itself.

A copy may only be named for deletion of a dossier that is to be destroyed, on a list that was
signed as it stands; what was proven stays as it is. Each rule refuses with "disposal: " and its
name, the same on both databases.
"""

from alembic import op

from storage.postgres import order_by_bytes

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# One question for the item, the signature and the valuation.
_MAY_GO = (
    "EXISTS (SELECT 1 FROM list_items AS i JOIN disposal_lists AS l ON l.id = i.list "
    "JOIN list_authorisations AS a ON a.list = l.id AND a.root = l.root AND a.withdrawn_at = '' "
    "LEFT JOIN retention_dossiers AS d ON d.dossier = i.dossier "
    "WHERE i.list = NEW.list AND i.dossier = NEW.dossier AND i.state IN "
    "('sealed', 'destroying', 'halted', 'needs_operator', 'destroyed') "
    "AND (l.kind <> 'destroy' OR d.valuation = 'destroy'))"
)

# Name, table, event, when it is refused.
_RULES = (
    ("copy_named", "copy_actions", "INSERT", f"NOT {_MAY_GO}"),
    ("copy_changed", "copy_actions", "UPDATE", f"NOT {_MAY_GO}"),
    (
        "copy_fixed",
        "copy_actions",
        "UPDATE",
        " OR ".join(
            f"NEW.{each} <> OLD.{each}"
            for each in ("list", "dossier", "number", "store", "key", "version", "role")
        ),
    ),
    (
        "copy_forgotten",
        "copy_actions",
        "DELETE",
        "NOT EXISTS (SELECT 1 FROM list_items WHERE list = OLD.list AND dossier = OLD.dossier "
        "AND state = 'sealed')",
    ),
    ("evidence_fixed", "destruction_evidence", "UPDATE", "1 = 1"),
    ("evidence_kept", "destruction_evidence", "DELETE", "1 = 1"),
    (
        "tombstone_fixed",
        "tombstones",
        "UPDATE",
        " OR ".join(
            f"NEW.{each} <> OLD.{each}"
            for each in (
                *("dossier", "zorgdrager", "identifier", "list", "kind"),
                *("destroyed_at", "said"),
            )
        ),
    ),
    ("tombstone_kept", "tombstones", "DELETE", "1 = 1"),
    (
        "item_destroyed",
        "list_items",
        "UPDATE",
        "NEW.state = 'destroyed' AND OLD.state <> 'destroyed' AND (OLD.state <> 'destroying' OR "
        "NOT EXISTS (SELECT 1 FROM tombstones WHERE dossier = NEW.dossier AND list = NEW.list))",
    ),
    (
        "item_begun",
        "list_items",
        "UPDATE",
        "NEW.state = 'destroying' AND OLD.state NOT IN "
        "('destroying', 'sealed', 'halted', 'needs_operator')",
    ),
    (
        "item_ended",
        "list_items",
        "UPDATE",
        "OLD.state = 'destroyed' AND NEW.state <> 'destroyed'",
    ),
)

_REFUSE = """CREATE FUNCTION disposal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'disposal: %', TG_ARGV[0] USING ERRCODE = '23000'; END $$"""


def upgrade() -> None:
    """Make them."""
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        # What a trigger names cannot be given its order afterwards.
        order_by_bytes(op.get_bind())
        op.execute(_REFUSE)
    for rule in _RULES:
        for each in (_on_postgres if on_postgres else _on_sqlite)(*rule):
            op.execute(each)
    if on_postgres:
        for table in ("destruction_evidence", "tombstones"):
            op.execute(
                f"CREATE TRIGGER disposal_{table}_all BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION disposal_refuse('kept')"
            )


def _on_sqlite(name: str, table: str, event: str, refused_when: str) -> tuple[str, ...]:
    return (
        f"CREATE TRIGGER disposal_{name} BEFORE {event} ON {table} WHEN {refused_when} "
        f"BEGIN SELECT RAISE(ABORT, 'disposal: {name}'); END",
    )


def _on_postgres(name: str, table: str, event: str, refused_when: str) -> tuple[str, ...]:
    """A condition that asks other tables stands in a function: WHEN may not."""
    gives = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE FUNCTION disposal_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {refused_when} THEN RAISE EXCEPTION 'disposal: {name}' "
        f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {gives}; END $$",
        f"CREATE TRIGGER disposal_{name} BEFORE {event} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION disposal_{name}()",
    )
