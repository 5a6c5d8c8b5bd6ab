"""What stands beside the dossiers of a delivery: packing slip, mapping profile, digest files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from formats.digest import Digest, algorithm_named
from formats.findings import finding
from formats.plain import to_plain
from formats.tools import Done, Pool
from ingest.agreement import Agreement
from ingest.errors import AgreementInvalid
from ingest.mapping import MappingProfile, profile_from
from ingest.packing_slip import (
    Delivered,
    PackingSlip,
    check_slip,
    digest_of,
    read_slip,
    slip_named,
    slip_xml,
)
from ingest.readers.found import Found
from ingest.readers.names import folder_of, joined, name_of
from ingest.readers.parts import language_of
from ingest.settings import Settings, parse_settings
from ingest.sip import Extract, Sip, StagedFile

PROFILE_NAME = "mapping.toml"
MAX_PROFILE_BYTES = 1024 * 1024
MAX_DIGEST_FILE_BYTES = 4_096
HEX = re.compile(r"[0-9a-fA-F]{32,128}")

Counts = tuple[int, int, Sequence[StagedFile]]
"""How many objects and described files came, and the files that are no metadata."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What says something of the whole delivery. `sources` are kept with every dossier; `paths`
    are all of these files, which are no records."""

    slip_file: StagedFile | None = None
    slip: PackingSlip | None = None
    profile: MappingProfile | None = None
    sources: tuple[StagedFile, ...] = ()
    paths: frozenset[str] = frozenset()


def read_beside(  # noqa: PLR0913, PLR0917
    files: Sequence[StagedFile],
    agreement: Agreement,
    containers: Sequence[StagedFile],
    name: str,
    pool: Pool,
    found: Found,
) -> Beside:
    """The packing slip, the mapping profile and the digest files of a delivery."""
    slip_files, slip = _find_slip(files, agreement, name, pool, found)
    digests = _digest_files(files, containers, found)
    profile_file, profile = _find_profile(files, agreement, pool, found)
    kept = [*digests, *([profile_file] if profile_file is not None else [])]
    return Beside(
        slip_file=slip_files[0] if slip_files else None,
        slip=slip,
        profile=agreement.mapping or profile,
        sources=tuple(kept),
        paths=frozenset(each.path for each in (*slip_files, *kept)),
    )


def compare_slip(
    beside: Beside, counts: Counts, containers: Sequence[StagedFile], found: Found
) -> None:
    """What came, compared with the packing slip, if there is one."""
    if beside.slip is None or beside.slip_file is None:
        return
    objects, described, plain = counts
    delivered = Delivered(beside.slip_file.path, objects, described, plain, containers)
    for each in check_slip(beside.slip, delivered):
        found.add(each)


def with_sources(sips: Sequence[Sip], beside: Beside) -> list[Sip]:
    """The dossiers with what stood beside them; of a slip that names files, their own lines."""
    result = []
    for sip in sips:
        sources, extracts = list(beside.sources), list(sip.extracts)
        if beside.slip_file is not None:
            if len(sips) == 1 or beside.slip is None or not beside.slip.files:
                sources.append(beside.slip_file)
            else:
                extracts.append(_slip_extract(beside.slip_file, beside.slip, sip))
        result.append(replace(sip, sources=(*sip.sources, *sources), extracts=tuple(extracts)))
    return result


def read_table_job(staged: str) -> dict[str, Any]:
    """In the child: a TOML document of the sender as plain values, or the parser's words."""
    with Path(staged).open("rb") as stream:
        content = stream.read(MAX_PROFILE_BYTES + 1)
    if len(content) > MAX_PROFILE_BYTES:
        return {"fault": f"> {MAX_PROFILE_BYTES} bytes"}
    try:
        return {"table": to_plain(parse_settings(content, PROFILE_NAME).values())}
    except AgreementInvalid as error:
        return {"fault": error.key}


def _find_slip(
    files: Sequence[StagedFile], agreement: Agreement, name: str, pool: Pool, found: Found
) -> tuple[list[StagedFile], PackingSlip | None]:
    """The packing slip nearest to the top. Files of that name in another namespace are records."""
    named = [each for each in files if slip_named(each.path)]
    read = [(each, *read_slip(each, pool)) for each in named]
    ours = sorted((each for each in read if each[3]), key=lambda each: each[0].path.count("/"))
    if not ours:
        if agreement.packing_slip_required:
            found.add(finding("I300", name))
        return [], None
    for _, _, findings, _ in ours:
        for one in findings:
            found.add(one)
    if len(ours) > 1:
        found.add(finding("I301", name, ", ".join(each[0].path for each in ours[:10])))
    return [each[0] for each in ours], ours[0][1]


def _digest_files(
    files: Sequence[StagedFile], containers: Sequence[StagedFile], found: Found
) -> list[StagedFile]:
    """Files beside a container that give its digest: zaken.zip.sha256, compared at once."""
    by_name = {each.path: each for each in containers}
    taken = []
    for each in files:
        stem, _, ending = each.path.rpartition(".")
        algorithm, container = algorithm_named(ending), by_name.get(stem)
        if algorithm is None or container is None:
            continue
        taken.append(each)
        with each.staged.open("rb") as stream:
            text = stream.read(MAX_DIGEST_FILE_BYTES).decode("utf-8", "replace")
        values = [Digest(algorithm, one.lower()) for one in HEX.findall(text)]
        came = Digest(algorithm, digest_of(container, algorithm))
        if came not in values:
            said = ", ".join(one.value for one in values[:3])
            found.add(finding("I307", container.path, came.value, said or "-"))
        elif algorithm.weak:
            found.add(finding("I314", each.path, algorithm.value, "sha256, sha512"))
    return taken


def _find_profile(
    files: Sequence[StagedFile], agreement: Agreement, pool: Pool, found: Found
) -> tuple[StagedFile | None, MappingProfile | None]:
    """The mapping profile nearest to the top, when there is an index and the agreement has none."""
    if any(language_of(name_of(each.path)) for each in files):
        return None, None
    named = [each for each in files if name_of(each.path).lower() == PROFILE_NAME]
    if agreement.mapping is not None or not named:
        return None, None
    file = min(named, key=lambda each: (each.path.count("/"), each.path))
    outcome = pool.call("ingest.readers.beside:read_table_job", str(file.staged))
    if not isinstance(outcome, Done):
        found.add(finding("I266", file.path, outcome))
        return file, None
    answer: Mapping[str, Any] = outcome.value
    if "fault" in answer:
        found.add(finding("I266", file.path, answer["fault"]))
        return file, None
    settings = Settings(answer["table"], file.path)
    try:
        profile = profile_from(settings)
        settings.close()
    except AgreementInvalid as error:
        found.add(finding("I266", file.path, error.key))
        return file, None
    return file, profile


def _slip_extract(file: StagedFile, slip: PackingSlip, sip: Sip) -> Extract:
    """The packing slip with the lines of this dossier's files alone."""
    folder = folder_of(file.path)
    mine = {each.file.path for each in sip.files} | {each.path for each in sip.sources}
    lines = tuple(
        each for each in slip.files if each.path in mine or joined(folder, each.path) in mine
    )
    return Extract(file.path, slip_xml(replace(slip, files=lines)))
