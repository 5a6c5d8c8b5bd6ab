"""The lists that count, read once for many dossiers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from retention.list_versions import ListRule, VersionState, list_versions, rules_of


@dataclass(frozen=True, slots=True)
class ActiveLists:
    """By year the results that count; `known`: every year of which there is a version, counting
    or not."""

    known: frozenset[str]
    rules: Mapping[str, Mapping[str, ListRule]]

    def with_list(self, year: str, rules: Mapping[str, ListRule]) -> "ActiveLists":
        """The same as if these results counted for a year."""
        return replace(self, known=self.known | {year}, rules={**self.rules, year: rules})


def read_active_lists(connection: Connection) -> ActiveLists:
    """The lists as they count in this transaction."""
    versions = list_versions(connection)
    # In the order of their numbers: of a year the newest that counts stays.
    active = {each.year: each for each in versions if each.state is VersionState.ACTIVE}
    return ActiveLists(
        frozenset(each.year for each in versions),
        {year: rules_of(connection, each) for year, each in active.items()},
    )
