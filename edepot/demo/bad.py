"""Bad deliveries: each a good one with a single fault, and each fault shows one check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from edepot.demo import agreements, hostile
from edepot.demo.agreements import DemoAgreement
from edepot.demo.containers import write_file, write_folder
from edepot.demo.delivery import DemoDelivery, Outcome
from edepot.demo.documents import FileKind, Format
from edepot.demo.dossiers import Files
from edepot.demo.spoiled import (
    Spoiler,
    base_files,
    broken_bag,
    external_entity,
    index_impossible_date,
    index_missing_file,
    locked_docx,
    macro,
    missing_file,
    name_collision,
    one_of_three,
    other_zorgdrager,
    picture,
    slip_disagrees,
    unknown_category,
    unlisted_file,
    virus,
    with_content,
    with_file,
    with_replaced,
    wrong_digest,
    zeros,
    zipped,
)

_DOCM = Format("docm", "application/vnd.ms-word.document.macroEnabled.12", "fmt/523", "Word macro")
_TEXT = Format("txt", "text/plain", "x-fmt/111", "Plain Text File")
_BINARY = Format("csv", "text/csv", "x-fmt/18", "Comma Separated Values")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: the delivery's name, the reasons of which the first must be found, what it shows.

    `spoil` gives the files of the delivery; `pack`, when there is one, its one file.
    """

    name: str
    reasons: tuple[str, ...]
    why: str
    spoil: Spoiler
    agreement: DemoAgreement = agreements.WEST
    pack: Callable[[Files, date], bytes] | None = None
    expected: Outcome = Outcome.REFUSED
    dossiers: int = 1
    needs_scanner: bool = False


def bad_deliveries(folder: Path, delivered_on: date) -> Iterator[DemoDelivery]:
    """Write the bad deliveries in the folder, one after another."""
    for fault in FAULTS:
        files = fault.spoil(delivered_on)
        place = folder / fault.name
        path = (
            write_file(place, fault.pack(files, delivered_on))
            if fault.pack
            else write_folder(place, files)
        )
        yield DemoDelivery(
            fault.name,
            path,
            fault.agreement.id,
            fault.expected,
            fault.why,
            fault.reasons,
            fault.dossiers,
            fault.needs_scanner,
        )


FAULTS = (
    Fault(
        "51-controlesom-klopt-niet",
        ("CHECKSUM_MISMATCH",),
        "Eén byte van een bestand is veranderd nadat de controlesom was gemaakt.",
        wrong_digest,
    ),
    Fault(
        "52-bestand-ontbreekt",
        ("FILE_MISSING",),
        "De metagegevens beschrijven een bestand dat er niet bij zit.",
        missing_file,
    ),
    Fault(
        "53-bestand-zonder-metagegevens",
        ("UNLISTED_FILE",),
        "Er zit een kladblaadje bij dat nergens beschreven is.",
        unlisted_file,
    ),
    Fault(
        "54-schadelijke-software",
        ("MALWARE",),
        "De (ongevaarlijke) testtekst die elke virusscanner herkent.",
        with_file("Bijlage van de inwoner", "bijlage.txt", _TEXT, virus),
        agreements.SCANNED,
        expected=Outcome.QUARANTINED,
        needs_scanner=True,
    ),
    Fault(
        "55-pdf-met-wachtwoord",
        ("ENCRYPTED",),
        "Een PDF die alleen met een wachtwoord opengaat.",
        with_content("afhandeling", hostile.locked_pdf),
    ),
    Fault(
        "56-docx-met-wachtwoord",
        ("ENCRYPTED",),
        "Een Word-document dat alleen met een wachtwoord opengaat.",
        with_file("Onderzoek", "onderzoek.docx", FileKind.DOCX.value, locked_docx),
    ),
    Fault(
        "57-document-met-macro",
        ("ACTIVE_CONTENT", "FORMAT_INVALID"),
        "Een Word-document met een macro (.docm); de afspraak neemt dat formaat niet aan.",
        with_file("Onderzoek", "onderzoek.docm", _DOCM, macro),
    ),
    Fault(
        "58-pdf-is-een-png",
        ("FORMAT_MISMATCH",),
        "Een afbeelding die de extensie .pdf heeft gekregen.",
        with_file("Situatieschets", "situatieschets.pdf", FileKind.PDF.value, picture),
    ),
    Fault(
        "59-afgebroken-pdf",
        ("FORMAT_INVALID",),
        "Een PDF waarvan het laatste derde deel ontbreekt.",
        with_content("afhandeling", hostile.truncated),
    ),
    Fault(
        "60-zip-met-pad-naar-buiten.zip",
        ("PATH_UNSAFE",),
        "Een zip met een bestand dat buiten de map terecht zou komen (../).",
        base_files,
        pack=hostile.zip_with_escape,
    ),
    Fault(
        "61-zip-met-link.zip",
        ("LINK",),
        "Een zip met een symbolische link naar een systeembestand.",
        base_files,
        pack=hostile.zip_with_link,
    ),
    Fault(
        "62-zip-bom.zip",
        ("LIMIT",),
        "Een zip die bij het uitpakken honderden keren zo groot wordt.",
        with_file("Meetreeks", "meetreeks.csv", _BINARY, zeros),
        pack=zipped,
    ),
    Fault(
        "63-onbekende-waardering",
        ("RETENTION",),
        "De waardering is X: geen B, V of N.",
        with_replaced(b"<begripCode>V</begripCode>", b"<begripCode>X</begripCode>"),
    ),
    Fault(
        "64-lege-naam",
        ("METADATA_MISSING",),
        "Het dossier heeft een lege naam.",
        with_replaced(b"<naam>.*?</naam>", b"<naam></naam>"),
    ),
    Fault(
        "65-bewaartermijn-in-weken",
        ("XML_INVALID",),
        "De bewaartermijn is P6W: weken bestaan niet in MDTO.",
        with_replaced(b"<termijnLooptijd>P5Y<", b"<termijnLooptijd>P6W<"),
    ),
    Fault(
        "66-verkeerde-volgorde",
        ("XML_INVALID",),
        "Het element naam staat voor identificatie.",
        with_replaced(rb"(<identificatie>.*?</identificatie>\s*)(<naam>.*?</naam>\s*)", rb"\2\1"),
    ),
    Fault(
        "67-externe-entiteit",
        ("XML_DTD",),
        "Een MDTO-bestand met een DTD die een systeembestand wil binnenhalen (XXE).",
        external_entity,
    ),
    Fault(
        "68-namen-vallen-samen.zip",
        ("NAME_COLLISION",),
        "Brief.pdf en brief.PDF in één map: op Windows is dat hetzelfde bestand.",
        name_collision,
        agreements.DMS,
        pack=zipped,
    ),
    Fault(
        "69-bag-met-onvolledig-manifest",
        ("MANIFEST_INCOMPLETE",),
        "Een bestand staat in het ene manifest van de bag wel en in het andere niet.",
        broken_bag,
    ),
    Fault(
        "70-index-noemt-bestand-dat-er-niet-is",
        ("FILE_MISSING",),
        "De CSV-index noemt een bestand dat niet is meegeleverd.",
        index_missing_file,
        agreements.DMS,
    ),
    Fault(
        "71-index-met-onmogelijke-datum",
        ("TIME",),
        "In de CSV-index staat 31-02-2024.",
        index_impossible_date,
        agreements.DMS,
    ),
    Fault(
        "72-andere-zorgdrager",
        ("TENANT_MISMATCH",),
        "Een dossier van Opsterland onder de afspraak van Weststellingwerf.",
        other_zorgdrager,
    ),
    Fault(
        "73-onbekende-categorie",
        ("RETENTION",),
        "Categorie 99.9 staat niet in de selectielijst.",
        unknown_category,
    ),
    Fault(
        "74-pakbon-klopt-niet",
        ("MANIFEST_INCOMPLETE",),
        "De pakbon noemt een bestand meer dan er is.",
        slip_disagrees,
    ),
    Fault(
        "75-een-van-de-drie-dossiers-fout",
        ("CHECKSUM_MISMATCH",),
        "Eén van drie dossiers is beschadigd; de afspraak laat de andere twee door.",
        one_of_three,
        agreements.SERVICE_LOOSE,
        expected=Outcome.PARTLY,
        dossiers=3,
    ),
)
"""Every fault, in the order in which the deliveries are made."""
