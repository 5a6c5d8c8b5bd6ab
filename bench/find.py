"""Search on a large catalogue of synthetic rows: opened anew, then asked."""

import random
import statistics
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.clock import EDEPOT, Figures, run, seconds_of
from bench.ingest import new_depot
from storage import catalogue
from storage.aip import Copy, Description, FileRecord, PackageSums, StoredAip
from storage.database import begin, open_database, reading

SUBJECTS = (
    "dakkapel",
    "schuur",
    "erfafscheiding",
    "uitrit",
    "kapvergunning",
    "mestopslag",
    "bedrijfshal",
)
KINDS = ("Omgevingsvergunning", "Subsidie", "Klacht", "Milieucontrole", "Bezwaar", "Handhaving")
STREETS = ("Vaart Noordzijde", "Hoofdstraat", "Kerkweg", "Stationsweg", "Molenlaan", "Veenhoop")
QUESTIONS = (
    "Z2019/004242", "vergunning dakkapel", "klacht Molenlaan 17", "omgevingsvergunning",
    "besluit.pdf", "erf",
)  # fmt: skip


def find(folder: Path, count: int) -> Figures:
    """`count` AIPs of four files in the catalogue; each question in a newly opened database."""
    figures = Figures(f"search in {count} AIPs")
    depot = new_depot(folder)
    database = depot / "edepot.sqlite"
    start = time.perf_counter()
    engine = open_database(database)
    for begin_at in range(0, count, 20_000):
        with begin(engine) as connection:
            for number in range(begin_at, min(count, begin_at + 20_000)):
                catalogue.add(connection, _row(number))
    engine.dispose()
    figures.add("material: rows written", seconds_of(start))
    figures.add("material: size of the database", database.stat().st_size / 1e6, "MB")
    for question in QUESTIONS:
        times = [_ask(database, question) for _ in range(5)]
        figures.add(f"open and find '{question}' (aim: under 100)", statistics.median(times), "ms")
    times = [run(EDEPOT, "find", QUESTIONS[1], "--depot", depot).seconds * 1000 for _ in range(5)]
    figures.add("edepot find, whole process", statistics.median(times), "ms")
    return figures


def _ask(database: Path, question: str) -> float:
    start = time.perf_counter()
    engine = open_database(database)
    with reading(engine) as connection:
        catalogue.find(connection, question)
    engine.dispose()
    return seconds_of(start) * 1000


def _row(number: int) -> StoredAip:
    chance = random.Random(number)
    year = 2010 + number % 15
    title = (
        f"{chance.choice(KINDS)} {chance.choice(SUBJECTS)} {chance.choice(STREETS)} {number % 190}"
    )
    aip_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    identifier = f"Z{year}/{number:06d}"
    files = tuple(
        FileRecord(
            path=f"data/original/{name}", name=name, size_bytes=20_000, sha256=f"{number:064x}",
            puid="fmt/477", format_name="Acrobat PDF/A", mime="application/pdf",
            validity="valid", record_identifier=f"{identifier}-{place}", title=name,
        )
        for place, name in enumerate(("aanvraag.pdf", "advies.pdf", "besluit.pdf", "kaart.png"))
    )  # fmt: skip
    stored_at = datetime(year, 5, 1, tzinfo=UTC) + timedelta(seconds=number)
    description = Description(
        aip_id=aip_id, zorgdrager="ooststellingwerf", version=1, identifier=identifier,
        identifier_source="Zaaksysteem", title=title, aggregation_level="Dossier", valuation="V",
        retention_term="P10Y", selection_category="11.1", created_from=f"{year}-01-02",
        created_to=f"{year}-03-04", restriction="Geen beperking", supplier="Zaaksysteem",
        delivery_id="bench", content_digest=f"{number:064x}", scanned="clean",
        text=f"{title}\nGemeente Ooststellingwerf\nOosterwolde", files=files,
    )  # fmt: skip
    key = f"ooststellingwerf/{aip_id[:2]}/{aip_id[2:4]}/{aip_id}/v0001.zip"
    copies = tuple(Copy(store, key, stored_at) for store in ("kopie-1", "kopie-2"))
    return StoredAip(
        description, PackageSums(90_000, f"{number:064x}", f"{number:064x}"), copies, stored_at
    )
