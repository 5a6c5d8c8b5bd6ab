"""What was found while reading: findings, each with the dossier that it concerns."""

from dataclasses import dataclass, field

from formats.findings import Finding


@dataclass(slots=True)
class Found:
    """Findings with the key of the dossier that they concern; "" concerns no single dossier."""

    entries: list[tuple[str, Finding]] = field(default_factory=list)

    def add(self, found: Finding, dossier: str = "") -> None:
        """Remember a finding."""
        self.entries.append((dossier, found))

    def of(self, dossier: str) -> tuple[Finding, ...]:
        """The findings of one dossier, in the order in which they were found."""
        return tuple(each for key, each in self.entries if key == dossier)

    def by_dossier(self) -> dict[str, tuple[Finding, ...]]:
        """All findings, by the key of their dossier."""
        result: dict[str, list[Finding]] = {}
        for key, each in self.entries:
            result.setdefault(key, []).append(each)
        return {key: tuple(each) for key, each in result.items()}
