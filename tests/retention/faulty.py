"""A store that misbehaves as it is told, and else is the store that it stands for."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from storage.errors import StoreUnreachable
from storage.stores.base import ObjectVersion, Refusal

Versions = Sequence[tuple[str, str]]


class FaultyStore:
    """`down`: it does not answer at all. `before_delete` and `after_delete`: called around a
    deletion, and may raise. `lies`: so many deletions say yes and do nothing."""

    def __init__(self, bare: Any) -> None:
        self.bare = bare
        self.down = False
        self.lies = 0
        self.deletions = 0
        self.before_list: Callable[[], object] = lambda: None
        self.before_delete: Callable[[], object] = lambda: None
        self.after_delete: Callable[[], object] = lambda: None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.bare, name)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version."""
        self._answer()
        self.before_list()
        yield from self.bare.list_all(prefix)

    def delete_all(self, versions: Versions) -> Iterator[Refusal]:
        """Remove versions, or not."""
        self._answer()
        self.deletions += 1
        self.before_delete()
        if self.lies:
            self.lies -= 1
            return
        yield from list(self.bare.delete_all(versions))
        self.after_delete()

    def fail(self) -> None:
        """What an answer that never comes looks like."""
        raise StoreUnreachable(f"{self.bare.name} is down", store=self.bare.name, found="down")

    def _answer(self) -> None:
        if self.down:
            self.fail()
