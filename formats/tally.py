"""A bounded list of findings: the first hundred of each code, and how many more there were."""

from collections import Counter
from collections.abc import Iterable

from formats.findings import Finding, Severity, finding
from formats.spelling import joined, shown

PER_CODE = 100


class Tally:
    """Takes in findings; holds at most `PER_CODE` of one code, however many there are.

    `where` is put before each path; `whole` names the whole thing (when empty: `where`).
    """

    def __init__(self, where: str = "", whole: str = "") -> None:
        self.where = where
        self._whole = shown(whole or where)
        self._kept: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._severities: dict[str, Severity] = {}

    def add(
        self,
        code: str,
        path: str,
        found: object = "",
        expected: object = "",
        *,
        severity: Severity | None = None,
    ) -> None:
        """Add one finding at a path within the whole."""
        self._counts[code] += 1
        if self._counts[code] <= PER_CODE:
            place = joined(self.where, path) if path else self._whole
            self._keep(finding(code, place, found, expected, severity=severity))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings that are whole already."""
        for each in findings:
            self._counts[each.code] += 1
            if self._counts[each.code] <= PER_CODE:
                self._keep(each)

    def has_errors(self) -> bool:
        """Whether any finding so far refuses."""
        return Severity.ERROR in self._severities.values()

    def findings(self) -> tuple[Finding, ...]:
        """The findings in the order in which they came, then how many more of a code there were."""
        more = (
            finding(
                "F299",
                self._whole,
                count - PER_CODE,
                code,
                severity=self._severities[code],
            )
            for code, count in self._counts.items()
            if count > PER_CODE
        )
        return (*self._kept, *more)

    def _keep(self, each: Finding) -> None:
        self._kept.append(each)
        known = self._severities.get(each.code)
        if known is None or each.severity is Severity.ERROR:
            self._severities[each.code] = each.severity
