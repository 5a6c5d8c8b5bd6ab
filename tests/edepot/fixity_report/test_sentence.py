"""The first sentence: every combination of outcomes in words, with numbers that add up."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edepot.fixity_report.sentence import Tone, headline, listed, notice, sentence, share
from edepot.fixity_report.summary import Coverage, Place, Problem, Summary
from edepot.messages import Language, Words
from storage.fixity.nouns import Asked, Run, RunState, Scope, Totals
from storage.outcomes import Outcome

NL, EN = Words(Language.NL), Words(Language.EN)
AT = datetime(2026, 11, 25, 2, 12, tzinfo=UTC)
W, A, D, M, U, N = (
    Outcome.INTACT,
    Outcome.ATTESTED,
    Outcome.DIFFERS,
    Outcome.MISSING,
    Outcome.UNREADABLE,
    Outcome.NOT_CHECKED,
)


def problem(outcome: Outcome, copies: int, code: str = "", store: str = "kopie-2") -> Problem:
    since = AT.isoformat() if code else ""
    return Problem(outcome, code, store, False, copies, 0, since, {}, ())


def summary(
    counts: Mapping[Outcome, int],
    *problems: Problem,
    state: RunState = RunState.ENDED,
    challenged: int = 0,
    late: int = 0,
) -> Summary:
    totals = Totals(dict(counts))
    place = Place("kopie-1", "opsterland")
    coverage = Coverage(
        place, False, totals.items, 0, totals.items, totals, 0, AT.isoformat(), 30, late
    )
    ended = AT if state is RunState.ENDED else None
    run = Run("2026-11-25-1", Scope(), state, Asked(AT, "uid:1", "x"), "", totals.items, 0, ended)
    return Summary(
        run=run, as_of=AT, origin="edepot/owo", names={}, totals=totals, challenged=challenged,
        held_items=0, coverage=(coverage,), ages=(), problems=problems, remarks=(), incidents=(),
        late_parties=(), histories=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "dutch", "english"),
    [
        ({}, "Geen enkele kopie viel binnen deze controle; er is niets gecontroleerd.",
         "No copy fell within this check; nothing was checked."),
        ({W: 1}, "De enige kopie is gelezen en gaaf.", "The only copy was read and is intact."),
        ({W: 12_430}, "Alle 12.430 kopieën zijn gelezen en gaaf.",
         "All 12,430 copies were read and are intact."),
        ({D: 1}, "De enige kopie wijkt af.", "The only copy differs."),
        ({D: 2}, "Alle 2 kopieën wijken af.", "All 2 copies differ."),
        ({M: 1}, "De enige kopie ontbreekt.", "The only copy is missing."),
        ({U: 3}, "Alle 3 kopieën zijn niet te lezen.", "All 3 copies cannot be read."),
        ({W: 1, D: 1}, "Van 2 kopieën is er 1 gelezen en gaaf, 1 wijkt af.",
         "Of 2 copies, 1 was read and is intact, 1 differs."),
        ({W: 5, D: 2, M: 2, U: 2},
         "Van 11 kopieën zijn er 5 gelezen en gaaf, 2 wijken af, 2 ontbreken, "
         "2 zijn niet te lezen.",
         "Of 11 copies, 5 were read and are intact, 2 differ, 2 are missing, 2 cannot be read."),
        ({D: 1, M: 1}, "Van 2 kopieën wijkt er 1 af, 1 ontbreekt.",
         "Of 2 copies, 1 differs, 1 is missing."),
        ({M: 2, U: 1}, "Van 3 kopieën ontbreken er 2, 1 is niet te lezen.",
         "Of 3 copies, 2 are missing, 1 cannot be read."),
        ({U: 2, N: 1}, "Van 3 kopieën zijn er 2 niet te lezen, 1 is niet gecontroleerd.",
         "Of 3 copies, 2 cannot be read, 1 was not checked."),
    ],
)  # fmt: skip
def test_each_outcome_that_occurs_is_said_in_its_right_form(
    counts: dict[Outcome, int], dutch: str, english: str
) -> None:
    assert sentence(summary(counts), NL) == dutch
    assert sentence(summary(counts), EN) == english


def test_the_sentence_of_the_issue() -> None:
    said = summary({W: 12_427, D: 1, N: 2}, problem(N, 2, "S207"))

    assert sentence(said, NL) == (
        "Van 12.430 kopieën zijn er 12.427 gelezen en gaaf, 1 wijkt af, 2 zijn niet gecontroleerd "
        "(opslag kopie-2 onbereikbaar sinds 25-11-2026 03:12)."
    )


def test_what_rests_on_another_is_never_called_intact() -> None:
    none, some, one, every = (
        sentence(summary({W: 5, A: 4}, challenged=proved), NL) for proved in (0, 2, 1, 4)
    )

    assert none == (
        "Van 9 kopieën zijn er 5 gelezen en gaaf, 4 rusten op het woord van een ander "
        "(geen daarvan bewezen met een steekvraag)."
    )
    assert "(2 daarvan bewezen met een steekvraag)" in some
    assert "(1 daarvan bewezen met een steekvraag)" in one
    assert "(bewezen met een steekvraag)" in every
    assert sentence(summary({A: 3}), EN) == (
        "All 3 copies rest on another's word (none of them proved by a challenge); "
        "we did not read them."
    )


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (RunState.RUNNING, "nog niet aan de beurt"),
        (RunState.CANCELLED, "niet aan de beurt gekomen"),
        (RunState.ENDED, "zonder bekende oorzaak"),
    ],
)
def test_what_nobody_reached_is_said_with_its_reason(state: RunState, why: str) -> None:
    said = summary({W: 5, N: 3}, problem(N, 3), state=state)

    assert sentence(said, NL) == (
        f"Van 8 kopieën zijn er 5 gelezen en gaaf, 3 zijn niet gecontroleerd ({why})."
    )


def test_several_causes_are_counted_each() -> None:
    causes = (
        problem(N, 4, "S207"),
        problem(N, 2, "S344", "kopie-1"),
        problem(N, 1),
        problem(N, 1, "S351"),
    )
    said = summary({W: 1, N: 8}, *causes, state=RunState.CANCELLED)

    assert sentence(said, NL).endswith(
        "8 zijn niet gecontroleerd (4: opslag kopie-2 onbereikbaar sinds 25-11-2026 03:12; "
        "2: in kopie-1, waarom staat hieronder; 1: niet aan de beurt gekomen; en andere oorzaken)."
    )


@pytest.mark.parametrize("words", [NL, EN])
@pytest.mark.parametrize(
    "outcomes", list(chain.from_iterable(combinations(Outcome, size) for size in range(2, 7)))
)
def test_every_combination_of_outcomes_names_each_with_its_number(
    outcomes: tuple[Outcome, ...], words: Words
) -> None:
    counts = {each: 11 + place for place, each in enumerate(outcomes)}

    said = sentence(summary(counts), words)

    assert [int(each) for each in re.findall(r"\d+", said)] == [
        sum(counts.values()),
        *(counts[each] for each in (W, A, D, M, U, N) if each in counts),
    ]
    assert said.endswith(".")


@given(st.dictionaries(st.sampled_from(Outcome), st.integers(1, 10**7), min_size=2))
def test_the_numbers_in_the_sentence_add_up(counts: dict[Outcome, int]) -> None:
    said = re.sub(r"\([^)]*\)", "", sentence(summary(counts), NL)).replace(".", "")

    first, *others = (int(each) for each in re.findall(r"\d+", said))

    assert first == sum(others) == sum(counts.values())


@given(
    st.dictionaries(st.sampled_from(Outcome), st.integers(0, 3)),
    st.sampled_from(RunState),
    st.integers(0, 2),
)
def test_only_a_run_that_read_everything_whole_is_called_good(
    counts: dict[Outcome, int], state: RunState, late: int
) -> None:
    head = headline(summary(counts, state=state, late=late))

    whole = {each for each, count in counts.items() if count} == {W}
    assert (head.tone is Tone.GOOD) == (whole and state is RunState.ENDED and not late)


def test_a_run_that_is_not_at_its_end_says_so_first() -> None:
    running = summary({W: 1, N: 2}, state=RunState.RUNNING)
    stopped = summary({W: 1, N: 2}, state=RunState.CANCELLED)
    sealed = replace(stopped, run=replace(stopped.run, ended_at=AT))

    assert notice(running, NL) == (
        "Deze controle loopt nog: 1 van de 3 kopieën hebben een uitkomst. "
        "De getallen veranderen nog."
    )
    assert notice(stopped, NL).startswith("Deze controle is gestopt: 1 van de 3 kopieën")
    assert notice(sealed, NL).startswith("Deze controle is gestopt op 25-11-2026 03:12: 1 van de 3")
    assert notice(summary({W: 1}), NL) == ""


@pytest.mark.parametrize(
    ("part", "whole", "dutch", "english"),
    [
        (0, 0, "-", "-"),
        (0, 10, "0 %", "0%"),
        (1, 1_000_000, "< 0,1 %", "< 0.1%"),
        (999_999, 1_000_000, "99,9 %", "99.9%"),
        (1, 2, "50,0 %", "50.0%"),
        (7, 7, "100 %", "100%"),
    ],
)
def test_a_share_is_never_all_or_nothing_by_rounding(
    part: int, whole: int, dutch: str, english: str
) -> None:
    assert (share(part, whole, NL), share(part, whole, EN)) == (dutch, english)


def test_names_in_a_row() -> None:
    assert [listed(each, NL) for each in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a en b",
        "a, b en c",
    ]
