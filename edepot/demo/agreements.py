"""The submission agreements of the suppliers in the demonstration, as TOML files."""

from dataclasses import dataclass
from pathlib import Path

from edepot.demo.cases import NOORDENWIND, OOSTSTELLINGWERF, OPSTERLAND, WESTSTELLINGWERF
from edepot.demo.mdto_shape import MUNICIPALITY_CODES, REGISTER
from edepot.demo.papers import Organisation

SUBMISSION_FOLDER = "afspraken"
"""The folder where the agreements are written, next to the deliveries."""


@dataclass(frozen=True, slots=True)
class DemoAgreement:
    """An agreement: who delivers for which municipality, in which shape, and what is asked."""

    id: str
    zorgdrager: Organisation
    supplier: str
    source: str
    shape: str
    why: str
    scan: str = "if_available"
    refuse: str = "delivery"
    packing_slip: str = "optional"
    digests: str = "required"
    mapping: str = ""


_DMS_MAPPING = """
[mapping]
id = "dms-export"
version = 1
file = "index.csv"
separator = ";"
encoding = "windows-1252"
dates = ["dd-mm-yyyy"]
path_prefix = 'E:\\Export\\Zaken\\'
"""
_EXCEL_MAPPING = """
[mapping]
id = "excel-index"
version = 1
file = "index.xlsx"
sheet = "Blad1"
dates = ["excel", "yyyy-mm-dd"]
"""
_COLUMNS = """source = "{source}"
case_type_list = "Zaaktypen"
term_trigger = "Afgehandeld"

[mapping.columns]
dossier_id = "Zaaknummer"
dossier_title = "Zaaktitel"
case_type = "Zaaktype"
opened = "Geopend"
closed = "Afgesloten"
category = "Selectielijst"
valuation = "Waardering"
retention_term = "Bewaartermijn"
path = "Bestand"
document_id = "Documentnummer"
document_title = "Documenttitel"
document_date = "Documentdatum"
digest = "SHA-256"
size = "Grootte"

[mapping.constants]
digest_algorithm = "SHA-256"
language = "nl"
archiefvormer = "{zorgdrager}"

[mapping.translate.valuation]
"blijvend bewaren" = "B"
"vernietigen" = "V"

[mapping.translate.retention_term]
"5 jaar" = "P5Y"
"7 jaar" = "P7Y"
"20 jaar" = "P20Y"
"""

OOST = DemoAgreement(
    "ooststellingwerf-zaaksysteem",
    OOSTSTELLINGWERF,
    "Gemeente Ooststellingwerf, team Informatiebeheer",
    "Zaaksysteem Gemeente Ooststellingwerf",
    "mdto",
    "Export uit het zaaksysteem: MDTO-bestanden naast de stukken.",
)
WEST = DemoAgreement(
    "weststellingwerf-zaaksysteem",
    WESTSTELLINGWERF,
    "Gemeente Weststellingwerf, team DIV",
    "Zaaksysteem Gemeente Weststellingwerf",
    "auto",
    "De vorm mag verschillen; een fout weigert de hele aanlevering.",
)
SERVICE = DemoAgreement(
    "noordenwind-milieucontroles",
    WESTSTELLINGWERF,
    NOORDENWIND.name,
    "Zaaksysteem Omgevingsdienst Noordenwind",
    "mdto",
    "Uitbesteed toezicht: een fout dossier wordt geweigerd, de andere gaan door.",
    refuse="dossier",
    packing_slip="required",
)
SERVICE_LOOSE = DemoAgreement(
    "noordenwind-losse-dossiers",
    WESTSTELLINGWERF,
    NOORDENWIND.name,
    "Zaaksysteem Omgevingsdienst Noordenwind",
    "mdto",
    "Losse dossiers zonder pakbon: een fout dossier houdt de andere niet tegen.",
    refuse="dossier",
)
TMLO = DemoAgreement(
    "opsterland-tmlo",
    OPSTERLAND,
    "Gemeente Opsterland, oud zaaksysteem",
    "Oud zaaksysteem Gemeente Opsterland",
    "topx",
    "Ouder systeem: TMLO-metagegevens in ToPX-bestanden (.metadata).",
)
BAGS = DemoAgreement(
    "opsterland-bags",
    OPSTERLAND,
    "Gemeente Opsterland, team Archief",
    "Zaaksysteem Gemeente Opsterland",
    "bag",
    "BagIt-pakketten met MDTO-bestanden in de lading.",
)
DMS = DemoAgreement(
    "ooststellingwerf-dms",
    OOSTSTELLINGWERF,
    "Gemeente Ooststellingwerf, documentbeheer",
    "DMS Gemeente Ooststellingwerf",
    "index",
    "Export uit een documentsysteem: bestanden en een CSV-index.",
    mapping=_DMS_MAPPING + _COLUMNS,
)
EXCEL = DemoAgreement(
    "weststellingwerf-excel",
    WESTSTELLINGWERF,
    "Gemeente Weststellingwerf, team Samenleving",
    "Subsidieregister Gemeente Weststellingwerf",
    "index",
    "Bestanden met een index die in Excel is bijgehouden.",
    mapping=_EXCEL_MAPPING + _COLUMNS,
)
SCANNED = DemoAgreement(
    "weststellingwerf-inwoners",
    WESTSTELLINGWERF,
    "Gemeente Weststellingwerf, klachten van inwoners",
    "Zaaksysteem Gemeente Weststellingwerf",
    "mdto",
    "Bestanden van inwoners: zonder virusscan wacht de aanlevering.",
    scan="required",
)
AGREEMENTS = (OOST, WEST, SERVICE, SERVICE_LOOSE, TMLO, BAGS, DMS, EXCEL, SCANNED)


def write_agreements(folder: Path) -> tuple[Path, ...]:
    """Write the agreements as TOML files in the folder; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for each in AGREEMENTS:
        path = folder / f"{each.id}.toml"
        path.write_text(agreement_toml(each), "utf-8")
        paths.append(path)
    return tuple(paths)


def agreement_toml(each: DemoAgreement) -> str:
    """The agreement as a TOML document that a person can read and change."""
    mapping = each.mapping.replace("{source}", each.source).replace(
        "{zorgdrager}", each.zorgdrager.name
    )
    return f"""# Aanleverafspraak {each.id}
# {each.why}

id = "{each.id}"
zorgdrager = "{each.zorgdrager.id}"
shape = "{each.shape}"
mandatory = ["naam", "identificatie", "waardering", "informatiecategorie", "archiefvormer"]
refuse = "{each.refuse}"
scan = "{each.scan}"
packing_slip = "{each.packing_slip}"
digests = "{each.digests}"
selection_list = 2020

[supplier]
name = "{each.supplier}"
source = "{each.source}"

[archiefvormer]
name = "{each.zorgdrager.name}"
identifier = "{MUNICIPALITY_CODES[each.zorgdrager.id]}"
source = "{REGISTER}"

# Word- en Excel-documenten met macro's (.docm, .xlsm) worden niet aangenomen.
[format_policy.overlay]
"fmt/523" = "refused"
"fmt/445" = "refused"

[limits]
files = 50000
bytes = "20 GB"
file_bytes = "4 GB"
ratio = 200
{mapping}"""
