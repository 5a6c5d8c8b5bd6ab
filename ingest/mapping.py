"""The mapping profile: which column of an index holds what, kept with every dossier read by it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.settings import Settings, Words, parse_settings


class Item(StrEnum):
    """What a column of an index can hold; the values are the keys in the profile.

    Those of the dossier stand first, those of one document after PATH.
    """

    DOSSIER_ID = "dossier_id"
    DOSSIER_TITLE = "dossier_title"
    DESCRIPTION = "description"
    KEYWORDS = "keywords"
    OPENED = "opened"
    CLOSED = "closed"
    CASE_TYPE = "case_type"
    CATEGORY = "category"
    RESULT = "result"
    VALUATION = "valuation"
    RETENTION_TERM = "retention_term"
    RETENTION_END = "retention_end"
    OPENNESS = "openness"
    LANGUAGE = "language"
    LOCATION = "location"
    ARCHIEFVORMER = "archiefvormer"
    PATH = "path"
    DOCUMENT_ID = "document_id"
    DOCUMENT_TITLE = "document_title"
    DOCUMENT_TYPE = "document_type"
    DOCUMENT_DATE = "document_date"
    DIGEST = "digest"
    DIGEST_ALGORITHM = "digest_algorithm"
    SIZE = "size"
    MIME = "mime"

    @property
    def of_document(self) -> bool:
        """Whether it says something of one document, not of its dossier."""
        order = list(Item)
        return order.index(self) >= order.index(Item.PATH)


class ExtraFiles(StrEnum):
    """What to do with files that the index does not name."""

    REFUSE = "refuse"
    LEAVE_OUT = "leave_out"


class DateFormat(StrEnum):
    """The ways of writing a date that a profile may allow."""

    DD_MM_YYYY = "dd-mm-yyyy"
    YYYY_MM_DD = "yyyy-mm-dd"
    MM_DD_YYYY = "mm-dd-yyyy"
    YYYYMMDD = "yyyymmdd"
    YYYY = "yyyy"
    EXCEL = "excel"


SEPARATORS: Mapping[str, str] = {
    "auto": "",
    ";": ";",
    ",": ",",
    "tab": "\t",
    "\t": "\t",
    "|": "|",
}
ENCODINGS = ("auto", "utf-8", "windows-1252", "utf-16", "iso-8859-15")
DEFAULT_DATES = (DateFormat.DD_MM_YYYY, DateFormat.YYYY_MM_DD, DateFormat.EXCEL)
COLUMN_WORDS: Words = (
    "de naam van een kolom van de index",
    "the name of a column of the index",
)


@dataclass(frozen=True, slots=True)
class MappingProfile:
    """How one supplier's index is read.

    `file` names the index ("" finds it by looking), `separator` is "" when it is found out.
    `columns` give the column's name per item, `constants` a value for items without a column.
    `translations` replace what a cell says (compared without regard to case) before it is read.
    `path_prefix` is taken off every path; `source` is the identificatieBron of the identifiers.
    """

    id: str
    version: str
    columns: Mapping[Item, str]
    constants: Mapping[Item, str] = field(default_factory=dict)
    translations: Mapping[Item, Mapping[str, str]] = field(default_factory=dict)
    file: str = ""
    sheet: str = ""
    separator: str = ""
    encoding: str = "auto"
    header_row: int = 1
    dates: tuple[DateFormat, ...] = DEFAULT_DATES
    keyword_separator: str = ","
    path_prefix: str = ""
    extra_files: ExtraFiles = ExtraFiles.REFUSE
    source: str = ""
    case_type_list: str = "Zaaktypen"
    document_type_list: str = "Documenttypen"
    term_trigger: str = "Afsluiting dossier"


def read_profile(content: bytes, file: str) -> MappingProfile:
    """The profile in a TOML document that is called `file`. Raises: AgreementInvalid."""
    settings = parse_settings(content, file)
    profile = profile_from(settings)
    settings.close()
    return profile


def profile_from(settings: Settings) -> MappingProfile:
    """The profile in settings that were read.

    Raises: AgreementInvalid with the file, the key, what was expected and what was found.
    """
    columns = _items(settings, "columns")
    constants = _items(settings, "constants")
    for needed in (Item.DOSSIER_ID, Item.PATH):
        if needed not in columns:
            raise settings.table("columns").fault("missing", needed.value, COLUMN_WORDS)
    return MappingProfile(
        id=settings.text("id", ""),
        version=_version(settings),
        columns=columns,
        constants=constants,
        translations=_translations(settings.table("translate")),
        file=settings.text("file", ""),
        sheet=settings.text("sheet", ""),
        separator=_separator(settings),
        encoding=_encoding(settings),
        header_row=settings.whole("header_row", 1, 1, 1_000),
        dates=_dates(settings),
        keyword_separator=settings.text("keyword_separator", ","),
        path_prefix=settings.text("path_prefix", ""),
        extra_files=settings.choice("extra_files", ExtraFiles, ExtraFiles.REFUSE),
        source=settings.text("source", ""),
        case_type_list=settings.text("case_type_list", "Zaaktypen"),
        document_type_list=settings.text("document_type_list", "Documenttypen"),
        term_trigger=settings.text("term_trigger", "Afsluiting dossier"),
    )


def mapping_toml(profile: MappingProfile) -> bytes:
    """The profile as a TOML document: what is kept when it stood within an agreement."""
    separators = {"\t": "tab", "": "auto"}
    lines = [
        f"id = {_quoted(profile.id)}" if profile.id else "",
        f"version = {_quoted(profile.version)}",
        f"file = {_quoted(profile.file)}" if profile.file else "",
        f"sheet = {_quoted(profile.sheet)}" if profile.sheet else "",
        f"separator = {_quoted(separators.get(profile.separator, profile.separator))}",
        f"encoding = {_quoted(profile.encoding)}",
        f"header_row = {profile.header_row}",
        f"dates = [{', '.join(_quoted(each.value) for each in profile.dates)}]",
        f"keyword_separator = {_quoted(profile.keyword_separator)}",
        f"path_prefix = {_quoted(profile.path_prefix)}" if profile.path_prefix else "",
        f"extra_files = {_quoted(profile.extra_files.value)}",
        f"source = {_quoted(profile.source)}" if profile.source else "",
        f"case_type_list = {_quoted(profile.case_type_list)}",
        f"document_type_list = {_quoted(profile.document_type_list)}",
        f"term_trigger = {_quoted(profile.term_trigger)}",
        *_table("columns", profile.columns),
        *_table("constants", profile.constants),
        *(
            line
            for item, words in profile.translations.items()
            for line in _table(f"translate.{item.value}", words)
        ),
    ]
    return ("\n".join(line for line in lines if line) + "\n").encode()


def _items(settings: Settings, key: str) -> dict[Item, str]:
    table = settings.table(key)
    names = settings.text_table(key)
    table.close(also=[each.value for each in Item])
    for name, value in names.items():
        if not value:
            raise table.wrong(name, COLUMN_WORDS)
    return {Item(name): value for name, value in names.items()}


def _version(settings: Settings) -> str:
    if isinstance(settings.raw("version"), int):
        return str(settings.whole("version", 1, 1, 10**9))
    return settings.text("version", "1")


def _translations(settings: Settings) -> dict[Item, Mapping[str, str]]:
    result: dict[Item, Mapping[str, str]] = {}
    for name in list(settings.keys()):
        if name in {each.value for each in Item}:
            words = settings.text_table(name)
            result[Item(name)] = {key.strip().casefold(): value for key, value in words.items()}
    settings.close(also=[each.value for each in Item])
    return result


def _separator(settings: Settings) -> str:
    value = settings.raw("separator")
    if value is None:
        return ""
    if value not in SEPARATORS:
        names = ", ".join(repr(each) for each in SEPARATORS if each != "\t")
        raise settings.wrong("separator", (f"een van {names}", f"one of {names}"))
    return SEPARATORS[value]


def _encoding(settings: Settings) -> str:
    value = settings.text("encoding", "auto").lower()
    if value not in ENCODINGS:
        names = ", ".join(ENCODINGS)
        raise settings.wrong("encoding", (f"een van {names}", f"one of {names}"))
    return value


def _dates(settings: Settings) -> tuple[DateFormat, ...]:
    names = settings.texts("dates")
    known = {each.value for each in DateFormat}
    if not set(names) <= known:
        shown = ", ".join(repr(each) for each in sorted(known))
        raise settings.wrong("dates", (f"een lijst uit {shown}", f"a list out of {shown}"))
    return tuple(DateFormat(each) for each in names) or DEFAULT_DATES


def _table(name: str, values: Mapping[Item, str] | Mapping[str, str]) -> list[str]:
    if not values:
        return []
    return [f"[{name}]", *(f"{_quoted(str(k))} = {_quoted(v)}" for k, v in values.items())]


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
