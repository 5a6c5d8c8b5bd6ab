"""The measure of a copy in SQL: what the newest sound entry by which an AIP came in says of it.

An entry is sound when its line is the one that its leaf was computed from, and that the entry
after it was chained to. What was edited is no measure; the catalogue's own word is taken then,
and a finding says so.
"""

# ruff: noqa: S608 - statements are put together from words of ours; values are bound

from dataclasses import dataclass

from sqlalchemy import Connection

from storage.archive import ADOPT, INGEST
from storage.merkle import leaf_hash

CAME_IN_LISTED = f"('{INGEST}', '{ADOPT}')"


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a database says the few things that SQLite and PostgreSQL say differently."""

    postgres: bool

    def fact(self, line: str, name: str) -> str:
        """A fact of a ledger line that is JSON, as text; NULL when there is none."""
        if self.postgres:
            return f"(CAST({line} AS json) #>> '{{facts,{name}}}')"
        return f"CAST(json_extract({line}, '$.facts.{name}') AS TEXT)"

    def is_json(self, line: str) -> str:
        """Whether a ledger line is JSON."""
        return f"{line} IS JSON" if self.postgres else f"json_valid({line})"

    def names(self, line: str, text: str) -> str:
        """Whether a line has a text in it: cheaper than reading it as JSON."""
        if self.postgres:
            return f"position({text} IN {line}) > 0"
        return f"instr({line}, {text}) > 0"

    def leaf(self, line: str) -> str:
        """The leaf hash computed from a line."""
        if self.postgres:
            return f"sha256(decode('00', 'hex') || convert_to({line}, 'UTF8'))"
        return f"leaf_of_line({line})"

    def hexed(self, leaf: str) -> str:
        """A leaf hash as hex."""
        return f"encode({leaf}, 'hex')" if self.postgres else f"lower(hex({leaf}))"

    def quoted(self, text: str) -> str:
        """A text as a JSON string."""
        return f"CAST(to_json({text}) AS text)" if self.postgres else f"json_quote({text})"

    def whole(self, text: str) -> str:
        """A text as a number."""
        if self.postgres:
            return f"CASE WHEN {text} ~ '^[0-9]{{1,18}}$' THEN CAST({text} AS BIGINT) END"
        return f"CAST({text} AS INTEGER)"


def tongue(connection: Connection) -> Tongue:
    """How this connection's database speaks; SQLite is taught to compute a leaf hash first."""
    if connection.dialect.name == "postgresql":
        return Tongue(postgres=True)
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    driver.create_function("leaf_of_line", 1, _leaf, deterministic=True)
    return Tongue(postgres=False)


def ledger_join(speaks: Tongue) -> str:
    """The LEFT JOIN that adds to `aips a` the sound entry `e` by which that version came in."""
    chained = speaks.names("n.line", f"'\"prev\":\"' || {speaks.hexed('x.leaf')} || '\"'")
    follows = (
        "NOT EXISTS (SELECT 1 FROM ledger_entries n WHERE n.zorgdrager = x.zorgdrager "
        f"AND n.seq = x.seq + 1 AND NOT {chained})"
    )
    return (
        "LEFT JOIN ledger_entries e ON e.zorgdrager = a.zorgdrager AND e.seq = ("
        f"SELECT max(+x.seq) FROM ledger_entries x WHERE {came_in_by('x', speaks)} "
        f"AND {speaks.leaf('x.line')} = x.leaf AND {follows})"
    )


def came_in_by(entry: str, speaks: Tongue) -> str:
    """The condition that an entry is one by which the version of `aips a` came in."""
    return (
        f"{entry}.zorgdrager = a.zorgdrager AND {entry}.object = a.aip_id "
        f"AND {entry}.action IN {CAME_IN_LISTED} "
        f"AND CASE WHEN {speaks.is_json(f'{entry}.line')} "
        f"THEN {speaks.fact(f'{entry}.line', 'version')} END = CAST(a.version AS TEXT)"
    )


def _leaf(line: object) -> bytes:
    return leaf_hash(str(line).encode("utf-8"))
