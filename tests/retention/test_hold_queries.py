"""Query holds: words, addresses, zaaktypes, periods, categories; rather too many than too few."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from retention import holds
from retention.hold_nouns import Query, Scope, read_scope, scope_text
from retention.hold_queries import covered, covered_among
from retention.nouns import Desk, HoldKind, Role
from retention.tables import DOSSIERS
from storage.catalogue import AIPS, FILES
from storage.database import begin, open_database, reading
from tests.retention import making
from tests.retention.test_holds import REVIEW, retitle

GM = "ooststellingwerf"


@pytest.fixture
def desk(database_place: Path | str) -> Iterator[Desk]:
    engine = open_database(database_place)
    yield making.desk(engine)
    engine.dispose()


def found(desk: Desk, query: Query) -> set[str]:
    """What a question covers, asked of the whole and of each dossier: both say the same."""
    with reading(desk.engine) as connection:
        every = connection.execute(select(DOSSIERS.c.dossier).where(DOSSIERS.c.zorgdrager == GM))
        whole = covered(connection, GM, query)
        assert covered_among(connection, query, list(every.scalars())) == whole
    return whole


def file_in(desk: Desk, dossier: str, name: str) -> None:
    with begin(desk.engine) as connection:
        number = connection.execute(
            select(AIPS.c.number).where(AIPS.c.aip_id == dossier)
        ).scalar_one()
        row = dict.fromkeys((each.name for each in FILES.columns), "")
        connection.execute(
            insert(FILES), row | {"aip": number, "position": 0, "name": name, "size_bytes": 1}
        )


@pytest.mark.parametrize(
    "words",
    [
        "omgevingsvergunning",
        "Omgevings",
        "vergunning",
        "VERGUNNINGEN",
        '"omgevingsvergunning Kerkstraat"',
        "cafe",
        "Z-77",
        "kerkstraat vergunning",
    ],
)
def test_words_are_found_as_they_stand_by_their_stem_and_within_others(
    desk: Desk, words: str
) -> None:
    hit = making.dossier(
        desk, GM, title="Omgevingsvergunning Kerkstraat, Café de Haven", identifier="Z-77"
    )
    making.dossier(desk, GM, title="Subsidie dorpshuis")
    making.dossier(desk, "opsterland", title="Omgevingsvergunning Kerkstraat Café Z-77")

    assert found(desk, Query(words=words)) == {hit}


@pytest.mark.parametrize(
    "words", ["kapvergunning", '"Kerkstraat omgevingsvergunning"', "vergunning subsidie", "Z-7777"]
)
def test_every_word_must_be_found(desk: Desk, words: str) -> None:
    making.dossier(desk, GM, title="Omgevingsvergunning Kerkstraat", identifier="Z-77")

    assert found(desk, Query(words=words)) == set()


def test_words_are_found_by_their_stem_alone(desk: Desk) -> None:
    hit = making.dossier(desk, GM, title="Boom bij bus, kip en school")

    assert found(desk, Query(words="bomen scholen")) == {hit}
    assert found(desk, Query(words="bussen kippen")) == {hit}
    assert found(desk, Query(words="bomen boten")) == set()


def test_words_are_found_in_names_of_files_and_in_the_register(desk: Desk) -> None:
    filed = making.dossier(desk, GM, title="Dossier 1")
    file_in(desk, filed, "Bodemonderzoeksrapport.pdf")
    typed = making.dossier(desk, GM, zaaktype="Bodemonderzoek beoordelen")

    assert found(desk, Query(words="onderzoek")) == {filed, typed}


@pytest.mark.parametrize(
    ("address", "hits"),
    [
        ("Dorpsstraat 1", {"1", "1a"}),
        ("dorpsstraat 12", {"12"}),
        ("Dorpsstraat", {"1", "1a", "12"}),
        ("8431 JW", {"1", "1a"}),
        ("8431jw", {"1", "1a"}),
        ("Dorpsstraat 1, 8431 JW", {"1", "1a"}),
        ("8432 AA 1", set()),
        ("1", {"1", "1a"}),
    ],
)
def test_an_address_is_found_however_its_postcode_is_written(
    desk: Desk, address: str, hits: set[str]
) -> None:
    titles = {
        "1": "Bouw Dorpsstraat 1 8431JW",
        "1a": "Bouw Dorpsstraat 1a, 8431 JW",
        "12": "Bouw Dorpsstraat 12",
        "none": "Bouw Kerkweg",
    }
    made = {
        making.dossier(desk, GM, title=title, identifier=f"k-{'x' * number}"): name
        for number, (name, title) in enumerate(titles.items(), 1)
    }
    with begin(desk.engine) as connection:
        connection.execute(update(AIPS).values(selection_category=""))

    assert {made[each] for each in found(desk, Query(address=address))} == hits


def test_zaaktype_period_and_category_are_asked_of_the_register(desk: Desk) -> None:
    old = making.dossier(desk, GM, started_on="2015-02-01", ended_on="2015-03-31", category="11.1")
    new = making.dossier(
        desk, GM, started_on="2020-02-01", ended_on="2020-06-30", category="11.1.2"
    )
    open_ = making.dossier(desk, GM, started_on="2019-02-01", ended_on="", category="111.1")
    year = making.dossier(desk, GM, zaaktype="Melding 100%")
    undated = making.dossier(desk, GM, started_on="", ended_on="", list_year="2017")
    with begin(desk.engine) as connection:
        only = update(DOSSIERS).where(DOSSIERS.c.dossier == year)
        connection.execute(only.values(started_on="2020", ended_on="2020"))

    assert found(desk, Query(period_from="2015-03-31", period_to="2015-12-31")) == {old, undated}
    assert found(desk, Query(period_from="2020-07-01")) == {open_, year, undated}
    assert found(desk, Query(period_to="2019-01-01")) == {old, undated}
    assert found(desk, Query(category="11.1", period_from="1900-01-01")) == {old, new}
    assert found(desk, Query(category="13.1", list_year="2017")) == {undated}
    assert found(desk, Query(zaaktype="melding 100%")) == {year}
    assert found(desk, Query(zaaktype="BEZWAAR", period_to="2015-02-01")) == {old, undated}


def test_words_and_register_must_both_fit(desk: Desk) -> None:
    hit = making.dossier(desk, GM, title="Haven", category="11.1")
    making.dossier(desk, GM, title="Haven", category="12.1")

    assert found(desk, Query(words="haven", category="11")) == {hit}


def test_a_package_that_is_not_in_the_register_yet_is_covered_by_its_words(desk: Desk) -> None:
    due = making.dossier(desk, GM, title="Haven")
    with begin(desk.engine) as connection:
        connection.execute(DOSSIERS.delete())
    with reading(desk.engine) as connection:
        assert covered(connection, GM, Query(words="haven")) == {due}
        assert covered_among(connection, Query(category="13.1"), [due]) == set()


def test_a_query_hold_is_asked_anew_from_the_base_tables(desk: Desk) -> None:
    anna = making.actor(desk, "Anna", GM, Role.HOLD_OFFICER)
    first = making.dossier(desk, GM, title="Havenplan")
    hold = holds.place(
        desk,
        anna,
        GM,
        HoldKind.HOTSPOT,
        Scope(query=Query(words="haven", period_from="2020-01-01")),
        reason="hotspot wordt onderzocht",
        legal_basis="hotspotmonitor",
        reference="",
        review_on=REVIEW,
    )
    later = making.dossier(desk, GM, title="Water")
    retitle(desk, later, "Jachthavens")
    before = making.dossier(
        desk, GM, title="Jachthavens", started_on="2018-01-01", ended_on="2018-02-01"
    )

    with reading(desk.engine) as connection:
        named = holds.members_of(connection, hold.id)
        held = holds.active_among(connection, [first, later, before])

    assert named == (first,)
    assert {each: [one.id for one in on] for each, on in held.items()} == {
        first: [hold.id],
        later: [hold.id],
    }


def test_a_scope_is_the_same_after_it_was_stored() -> None:
    scope = Scope(
        dossiers=("b", "a"),
        objects=("bag:1",),
        persons=("ab",),
        query=Query(words=" haven ", category="11"),
    )

    stored = scope_text(scope)

    assert stored == (
        '{"dossiers":["a","b"],"objects":["bag:1"],"persons":["ab"],'
        '"query":{"category":"11","words":"haven"}}'
    )
    assert scope_text(read_scope(stored)) == stored
    assert (scope.kinds, scope.grows) == (("dossiers", "objects", "persons", "query"), True)
    assert not Scope(dossiers=("a",)).grows
