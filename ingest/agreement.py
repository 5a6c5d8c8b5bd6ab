"""The submission agreement (aanleverafspraak): what a supplier delivers, and what we do with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

from formats.mdto.model import Identificatie, Informatieobject, Verwijzing
from ingest.mapping import MappingProfile, mapping_toml, profile_from
from ingest.settings import Settings, Words, read_settings
from ingest.sip import Shape

IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""An id of ours (agreement, zorgdrager): it stands in keys and file names."""

SIZE = re.compile(r"(\d+)\s*(B|kB|MB|GB|TB)?")
UNIT_BYTES: Mapping[str, int] = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}

LEVELS = ("preferred", "acceptable", "review", "refused")
ELEMENTS = tuple(each.name for each in fields(Informatieobject))

ID_WORDS: Words = (
    "een id van kleine letters, cijfers, '.', '_' en '-' (ten hoogste 64 tekens)",
    "an id of lower-case letters, digits, '.', '_' and '-' (at most 64 characters)",
)
SIZE_WORDS: Words = (
    'een aantal bytes, of een tekst zoals "4 GB"',
    'a number of bytes, or a text such as "4 GB"',
)
PARTY_WORDS: Words = (
    "een tabel met ten minste 'name'",
    "a table with at least 'name'",
)
MAPPING_WORDS: Words = (
    "een tabel, of de naam van een TOML-bestand naast deze afspraak",
    "a table, or the name of a TOML file beside this agreement",
)


class Refuse(StrEnum):
    """What one bad dossier refuses: itself alone, or the whole delivery."""

    DOSSIER = "dossier"
    DELIVERY = "delivery"


class ScanRule(StrEnum):
    """Whether a delivery may be taken in without a virus scan."""

    REQUIRED = "required"
    IF_AVAILABLE = "if_available"
    OFF = "off"


class Need(StrEnum):
    """Whether something must be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class ShapeSetting(StrEnum):
    """The shape of the deliveries; AUTO finds it out by looking."""

    AUTO = "auto"
    MDTO = "mdto"
    TOPX = "topx"
    BAG = "bag"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who delivers; `source` is the system whose identifiers they are (identificatieBron)."""

    name: str
    identifier: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one delivery may hold: counts, bytes, levels, and the ratio of inflating."""

    max_files: int = 250_000
    max_bytes: int = 2 * 10**12
    max_file_bytes: int = 200 * 10**9
    max_depth: int = 40
    max_ratio: int = 1_000
    max_name_bytes: int = 255
    max_path_bytes: int = 1_024


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed with one supplier.

    `shape` is None when it is found out by looking. `mandatory` are MDTO elements of the dossier.
    `format_overlay` gives PUIDs another level than the policy does. `archiefvormer` stands in
    where the metadata name none. `top_parents` are identifiers of aggregations that exist here,
    below which deliveries may hang. `mapping_bytes` is the mapping profile as it was written.
    """

    id: str
    zorgdrager: str
    supplier: Supplier
    shape: Shape | None = None
    mandatory: tuple[str, ...] = ()
    format_policy: str = ""
    format_overlay: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    refuse: Refuse = Refuse.DELIVERY
    scan: ScanRule = ScanRule.REQUIRED
    packing_slip: Need = Need.OPTIONAL
    digests: Need = Need.OPTIONAL
    mapping: MappingProfile | None = None
    mapping_bytes: bytes = b""
    archiefvormer: Verwijzing | None = None
    top_parents: tuple[str, ...] = ()
    selection_list: int = 2020

    @property
    def digests_required(self) -> bool:
        """Whether every file must come with a strong digest."""
        return self.digests is Need.REQUIRED

    @property
    def packing_slip_required(self) -> bool:
        """Whether a delivery without a packing slip is refused."""
        return self.packing_slip is Need.REQUIRED

    @property
    def source(self) -> str:
        """The system that the supplier's identifiers come from (identificatieBron)."""
        return self.supplier.source or self.supplier.name


def default_agreement(
    zorgdrager: str, *, archiefvormer: Verwijzing | None = None, supplier: str = ""
) -> Agreement:
    """The agreement when none was made: every shape, nothing mandatory, every limit wide.

    `supplier` names who delivers; without it the zorgdrager delivers.
    """
    name = supplier or (archiefvormer.verwijzingNaam if archiefvormer else zorgdrager)
    return Agreement("default", zorgdrager, Supplier(name), archiefvormer=archiefvormer)


def read_agreement(path: Path) -> Agreement:
    """The agreement in a TOML file; a mapping profile that it names lies beside it.

    Raises: AgreementInvalid with the file, the key, what was expected and what was found.
    """
    settings, _ = read_settings(path)
    agreement = agreement_from(settings, path.parent)
    settings.close()
    return agreement


def agreement_from(settings: Settings, folder: Path) -> Agreement:
    """The agreement in settings that were read; `folder` is where a mapping profile lies."""
    supplier = _supplier(settings)
    policy, overlay = _format_policy(settings)
    mapping, mapping_bytes = _mapping(settings, folder)
    shape = settings.choice("shape", ShapeSetting, ShapeSetting.AUTO)
    return Agreement(
        id=_id(settings, "id"),
        zorgdrager=_id(settings, "zorgdrager"),
        supplier=supplier,
        shape=None if shape is ShapeSetting.AUTO else Shape(shape.value),
        mandatory=_mandatory(settings),
        format_policy=policy,
        format_overlay=overlay,
        limits=_limits(settings.table("limits")),
        refuse=settings.choice("refuse", Refuse, Refuse.DELIVERY),
        scan=settings.choice("scan", ScanRule, ScanRule.REQUIRED),
        packing_slip=settings.choice("packing_slip", Need, Need.OPTIONAL),
        digests=settings.choice("digests", Need, Need.OPTIONAL),
        mapping=mapping,
        mapping_bytes=mapping_bytes,
        archiefvormer=_party(settings, "archiefvormer"),
        top_parents=settings.texts("top_parents"),
        selection_list=settings.whole("selection_list", 2020, 1983, 2100),
    )


def _id(settings: Settings, key: str) -> str:
    value = settings.text(key, expected=ID_WORDS)
    if not IDENTIFIER.fullmatch(value):
        raise settings.wrong(key, ID_WORDS)
    return value


def _supplier(settings: Settings) -> Supplier:
    if not settings.has("supplier"):
        raise settings.fault("missing", "supplier", PARTY_WORDS)
    table = settings.table("supplier")
    supplier = Supplier(table.text("name"), table.text("identifier", ""), table.text("source", ""))
    table.close()
    return supplier


def _party(settings: Settings, key: str) -> Verwijzing | None:
    if not settings.has(key):
        return None
    table = settings.table(key)
    name = table.text("name")
    identification = None
    if table.has("identifier"):
        identification = Identificatie(table.text("identifier"), table.text("source"))
    table.close(also=("identifier", "source"))
    return Verwijzing(name, identification)


def _mandatory(settings: Settings) -> tuple[str, ...]:
    names = settings.texts("mandatory")
    for name in names:
        if name not in ELEMENTS:
            shown = ", ".join(ELEMENTS)
            raise settings.wrong(
                "mandatory",
                (f"een lijst van MDTO-elementen ({shown})", f"a list of MDTO elements ({shown})"),
            )
    return names


def _format_policy(settings: Settings) -> tuple[str, Mapping[str, str]]:
    """`format_policy` is the id of a policy, or a table with `id` and `overlay`."""
    if isinstance(settings.raw("format_policy"), str):
        return settings.text("format_policy"), {}
    table = settings.table("format_policy")
    policy = table.text("id", "")
    overlay = table.text_table("overlay")
    for puid, level in overlay.items():
        if level not in LEVELS:
            words = ", ".join(LEVELS)
            raise table.table("overlay").wrong(puid, (f"een van {words}", f"one of {words}"))
    table.close()
    return policy, overlay


def _limits(table: Settings) -> Limits:
    usual = Limits()
    limits = Limits(
        max_files=table.whole("files", usual.max_files, 1, 10_000_000),
        max_bytes=_size(table, "bytes", usual.max_bytes),
        max_file_bytes=_size(table, "file_bytes", usual.max_file_bytes),
        max_depth=table.whole("depth", usual.max_depth, 1, 200),
        max_ratio=table.whole("ratio", usual.max_ratio, 1, 100_000),
        max_name_bytes=table.whole("name_bytes", usual.max_name_bytes, 8, 255),
        max_path_bytes=table.whole("path_bytes", usual.max_path_bytes, 16, 4_000),
    )
    table.close()
    return limits


def _size(table: Settings, key: str, usual: int) -> int:
    value = table.raw(key)
    if value is None:
        return usual
    match = SIZE.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    size = int(match[1]) * UNIT_BYTES[match[2] or "B"] if match else 0
    if size < 1:
        raise table.wrong(key, SIZE_WORDS)
    return size


def _mapping(settings: Settings, folder: Path) -> tuple[MappingProfile | None, bytes]:
    value = settings.raw("mapping")
    if value is None:
        return None, b""
    if isinstance(value, str):
        outside, content = read_settings(folder / settings.text("mapping"))
        profile = profile_from(outside)
        outside.close()
        return profile, content
    if not isinstance(value, dict):
        raise settings.wrong("mapping", MAPPING_WORDS)
    table = settings.table("mapping")
    profile = profile_from(table)
    table.close()
    return profile, mapping_toml(profile)
