"""Enrolling: what a package's MDTO states becomes facts, and what it only suggests does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from formats.mdto.lists import Waardering, begrip_waardering
from formats.mdto.model import (
    Begrip,
    BeperkingGebruik,
    DekkingInTijd,
    Event,
    GerelateerdInformatieobject,
    Identificatie,
    Informatieobject,
    Termijn,
    Verwijzing,
)
from formats.mdto.write import mdto_xml
from retention import computing, facts
from retention.enrolling import enrol
from retention.fact_kinds import FactKind
from retention.mdto_facts import facts_in
from retention.nouns import Desk
from retention.tables import TOMBSTONES
from storage import ledger
from storage.aip import Entry
from storage.catalogue import COPIES
from storage.database import begin, reading
from tests.retention import making
from tests.storage.making import ZORGDRAGER, aip_id, local_archive, make_aip, put

LIST = Verwijzing("Selectielijst gemeenten en intergemeentelijke organen 2020")
OWN = Verwijzing("Eigen lijst")


def item(**values: object) -> Informatieobject:
    base = Informatieobject(
        identificatie=(Identificatie("Z/2020/0001", "zaaksysteem"),),
        naam="Bezwaar tegen de hoogte van de leges",
        waardering=begrip_waardering(Waardering.TIJDELIJK),
        archiefvormer=(Verwijzing("Gemeente"),),
        beperkingGebruik=(BeperkingGebruik(Begrip("Geen beperking", OWN)),),
        aggregatieniveau=Begrip("Dossier", OWN),
        classificatie=(Begrip("Bezwaar behandelen", Verwijzing("Zaaktypen")),),
        dekkingInTijd=(DekkingInTijd(Begrip("Looptijd", OWN), "2020-01-15", "2020-06-30"),),
        informatiecategorie=Begrip("Afgehandeld", LIST, "13.1"),
    )
    return replace(base, **values)


def said(value: Informatieobject) -> dict[FactKind, object]:
    return {each.kind: each.value for each in facts_in(value, "d")}


def test_what_a_usual_dossier_states_becomes_facts_with_their_element() -> None:
    found = list(facts_in(item(), "d"))

    assert [(each.kind.value, each.value, each.source) for each in found] == [
        ("start", "2020-01-15", "mdto:dekkingInTijd"),
        ("end", "2020-06-30", "mdto:dekkingInTijd"),
        ("zaaktype", "Bezwaar behandelen", "mdto:classificatie"),
        ("result", "Afgehandeld", "mdto:informatiecategorie"),
        ("category", {"list_year": "2020", "category": "13.1"}, "mdto:informatiecategorie"),
        ("sender_valuation", "V", "mdto:waardering"),
    ]


def test_a_coverage_that_may_be_about_the_content_gives_no_dates() -> None:
    coverage = DekkingInTijd(Begrip("Dekking van de inhoud", OWN), "1850", "1900")

    found = said(item(dekkingInTijd=(coverage,)))

    assert not {FactKind.START, FactKind.END} & found.keys()


def test_the_latest_closing_event_goes_before_the_coverage() -> None:
    events = (
        Event(Begrip("Afsluiting dossier", OWN), "2020-07-01"),
        Event(Begrip("Afgerond", OWN), "2020-07", eventResultaat="Gegrond"),
        Event(Begrip("Creatie", OWN), "2021-01-01"),
    )

    found = said(item(event=events))

    assert (found[FactKind.END], found[FactKind.RESULT]) == ("2020-07", "Gegrond")


@pytest.mark.parametrize(
    ("cause", "kinds"),
    [
        ("Afsluiting dossier", set()),
        ("Einde vergunning", {FactKind.MANUAL_ANCHOR}),
        (None, {FactKind.SENDER_START}),
    ],
)
def test_where_the_senders_term_starts_counts_only_with_a_cause(
    cause: str | None, kinds: set[FactKind]
) -> None:
    trigger = Begrip(cause, OWN) if cause else None
    term = Termijn(trigger, "2022-02-02", "P5Y", "2027-02-02")

    found = said(item(bewaartermijn=term))

    assert {FactKind.MANUAL_ANCHOR, FactKind.SENDER_START} & found.keys() == kinds
    assert found[FactKind.SENDER_END] == "2027-02-02"
    assert found[FactKind.END] == ("2022-02-02" if cause == "Afsluiting dossier" else "2020-06-30")


def test_relations_become_facts_by_identifier() -> None:
    def named(identifier: str) -> Verwijzing:
        return Verwijzing("naam", Identificatie(identifier, "zaaksysteem"))

    kind = Begrip("Refereert aan", OWN)
    related = tuple(
        GerelateerdInformatieobject(each, kind)
        for each in (named("Z/1"), named("Z/1"), named("Z/2"), Verwijzing("zonder"))
    )

    found = list(
        facts_in(item(isOnderdeelVan=(named("Z/0"),), gerelateerdInformatieobject=related), "d")
    )

    assert [each.value for each in found if each.kind is FactKind.PARENT] == ["Z/0"]
    assert [each.value["identifier"] for each in found if each.kind is FactKind.RELATED] == [
        "Z/1",
        "Z/2",
    ]


def test_a_category_without_a_list_names_no_year_and_no_number_gives_no_category() -> None:
    without_year = said(item(informatiecategorie=Begrip("13.1 Afgehandeld", OWN)))
    without_number = said(item(informatiecategorie=Begrip("Bezwaar", LIST)))

    assert without_year[FactKind.CATEGORY] == {"list_year": "-", "category": "13.1"}
    assert without_year[FactKind.RESULT] == "Afgehandeld"
    assert FactKind.CATEGORY not in without_number
    assert FactKind.CATEGORY not in said(item(informatiecategorie=None))


def test_a_valuation_that_contradicts_itself_counts_as_undecided() -> None:
    odd = Begrip("Blijvend te bewaren", OWN, "V")

    assert said(item(waardering=odd))[FactKind.SENDER_VALUATION] == "N"


class Depot:
    """A small archive with MDTO in its packages."""

    def __init__(self, folder: Path, database: Path | str) -> None:
        self.staging = folder / "staging"
        self.staging.mkdir()
        self.archive = local_archive(folder, database)
        self.engine = self.archive.engine
        self.stores = dict(self.archive.stores)
        self.desk = making.desk(self.engine, datetime(2026, 11, 24, 13, tzinfo=UTC))

    def put(self, number: int, value: Informatieobject | None) -> str:
        path = "metadata/mdto/000000.dossier.mdto.xml"
        extra = [] if value is None else [Entry(path, b"".join(_chunks(value)))]
        put(self.archive, make_aip(self.staging, number, extra=extra))
        return aip_id(number)


def _chunks(value: Informatieobject) -> list[bytes]:
    written = mdto_xml(value)
    return [written] if isinstance(written, bytes) else list(written)


@pytest.fixture
def depot(tmp_path: Path, database_place: Path | str) -> Iterator[Depot]:
    made = Depot(tmp_path, database_place)
    yield made
    made.archive.close()
    made.engine.dispose()


def computed(desk: Desk, dossier: str) -> computing.Computation:
    with reading(desk.engine) as connection:
        found = computing.current(connection, dossier)
    assert found is not None
    return found


def test_every_aip_comes_in_once_with_its_facts_and_its_date(depot: Depot) -> None:
    plain = item(classificatie=(), informatiecategorie=Begrip("13.1", LIST, "13.1"))
    dossier = depot.put(1, plain)
    told: list[int] = []

    done = enrol(depot.desk, depot.stores, told.append)

    assert (done.dossiers, done.unread, told) == (1, [], [1])
    assert enrol(depot.desk, depot.stores).dossiers == 0
    row = making.row_of(depot.desk, dossier)
    assert (row["identifier"], row["category"], row["end_date"], row["files"]) == (
        "Z/2024/0001",
        "13.1",
        "2025-06-30",
        2,
    )
    assert computed(depot.desk, dossier).caused_by == "enrolled"
    with reading(depot.engine) as connection:
        sources = {each.source for each in facts.facts_of(connection, dossier)}
        actions = [each.action for each in ledger.entries(connection, ZORGDRAGER)]
    assert sources == {"mdto:dekkingInTijd", "mdto:informatiecategorie", "mdto:waardering"}
    assert actions[-1] == "retention.enrolled"


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (item(waardering=begrip_waardering(Waardering.BLIJVEND)), "sender_keeps"),
        (item(waardering=begrip_waardering(Waardering.NADER_TE_BEPALEN)), "sender_undecided"),
        (item(bewaartermijn=Termijn(None, None, "P7Y", "2027-06-30")), "sender_differs"),
        (item(bewaartermijn=Termijn(None, "2021-01-01", "P5Y", None)), "sender_start_differs"),
    ],
)
def test_where_the_sender_says_otherwise_a_person_looks(
    depot: Depot, value: Informatieobject, cause: str
) -> None:
    plain = replace(value, classificatie=(), informatiecategorie=Begrip("13.1", LIST, "13.1"))
    dossier = depot.put(1, plain)

    enrol(depot.desk, depot.stores)

    row = making.row_of(depot.desk, dossier)
    assert (row["decision"], row["cause"]) == ("HUMAN", cause)


def test_a_senders_end_that_fits_needs_nobody(depot: Depot) -> None:
    term = Termijn(None, None, "P5Y", "2025-06-30")
    category = Begrip("13.1", LIST, "13.1")
    dossier = depot.put(1, item(bewaartermijn=term, classificatie=(), informatiecategorie=category))

    enrol(depot.desk, depot.stores)

    assert making.row_of(depot.desk, dossier)["decision"] == "DATED"


def test_a_destroyed_dossier_is_never_enrolled_again(depot: Depot) -> None:
    dossier = depot.put(1, item())
    row = dict.fromkeys((each.name for each in TOMBSTONES.c), "") | {"dossier": dossier}
    with begin(depot.engine) as connection:
        connection.execute(insert(TOMBSTONES), row)

    assert enrol(depot.desk, depot.stores).dossiers == 0


def test_a_package_that_cannot_be_read_waits_for_the_next_time(depot: Depot) -> None:
    without = depot.put(1, None)
    elsewhere = depot.put(2, item())
    gone = depot.put(3, item())
    good = depot.put(4, item())
    with begin(depot.engine) as connection:
        connection.execute(delete(COPIES).where(COPIES.c.aip == 3))
    stores = dict(depot.stores)

    done = enrol(depot.desk, stores)

    assert done.dossiers == 2
    assert [aip for aip, _ in done.unread] == [without, gone]
    assert {elsewhere, good} == {
        each for each in (elsewhere, good) if making.row_of(depot.desk, each)
    }


def test_a_copy_that_gives_nothing_is_passed_over_for_the_next(depot: Depot) -> None:
    dossier = depot.put(1, item())
    first, *rest = sorted(depot.stores)
    stores = {name: depot.stores[name] for name in rest}

    done = enrol(depot.desk, stores)

    assert (done.dossiers, first in stores) == (1, False)
    assert making.row_of(depot.desk, dossier)["decision"] in ("DATED", "HUMAN")
