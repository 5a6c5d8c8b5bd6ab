"""A delivery reads to the same dossiers whatever its tree, its spellings and its wrapping."""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formats.mdto.write import mdto_xml
from formats.plain import from_plain, to_plain
from ingest.agreement import Agreement
from ingest.mapping import DateFormat, ExtraFiles, Item, MappingProfile, mapping_toml, read_profile
from ingest.sip import Sip
from tests.ingest.readers.deliveries import (
    AGREEMENT,
    bag_of,
    bestand,
    codes,
    obj,
    read_tree,
    spelled,
)

SPELLINGS = (
    "{file}.MDTO.xml",
    "{file}.bestand.MDTO.xml",
    "{file}.bestand.mdto.xml",
    "{stem}.bestand.mdto.xml",
    "{file}.Mdto.XML",
)
names = st.text("abcdefgh", min_size=1, max_size=6)


@dataclass(frozen=True)
class Branch:
    """A folder: of a record, or without a sidecar of its own; its files and its folders."""

    record: bool
    files: tuple[str, ...]
    folders: tuple[tuple[str, "Branch"], ...] = ()


def branches(depth: int) -> st.SearchStrategy[Branch]:
    folders = (
        st.just(())
        if not depth
        else st.lists(
            st.tuples(names, branches(depth - 1)), max_size=3, unique_by=lambda each: each[0]
        ).map(tuple)
    )
    files = st.lists(names, max_size=3, unique=True).map(tuple)
    return st.builds(Branch, st.booleans(), files, folders)


def written(branch: Branch, spelling: str) -> dict[str, bytes]:
    """The dossier `zaak` with these folders, its sidecars in one spelling."""
    tree: dict[str, bytes] = {"zaak/zaak.MDTO.xml": mdto_xml(obj("zaak"))}
    _write(branch, "zaak", "zaak", spelling, tree)
    return tree


def _write(branch: Branch, folder: str, owner: str, spelling: str, tree: dict[str, bytes]) -> None:
    for name in branch.files:
        file, content = f"{name}.txt", f"{folder}/{name}".encode()
        told = bestand(file, content, owner, identifier=f"{folder}/{file}")
        tree[f"{folder}/{file}"] = content
        tree[f"{folder}/{spelled(spelling, file)}"] = mdto_xml(told)
    for name, inner in branch.folders:
        below = f"{folder}/{name}-map"
        mine = below if inner.record else owner
        if inner.record:
            tree[f"{below}/{name}-map.MDTO.xml"] = mdto_xml(obj(below, "Archiefstuk", owner))
        _write(inner, below, mine, spelling, tree)


def said(sip: Sip) -> object:
    """What a dossier is, apart from where its sidecars lay."""
    return (
        [(each.metadata, each.parent) for each in sip.objects],
        sorted(
            (each.name_in_dossier, each.file.sums.sha256, sip.objects[each.record].metadata.naam)
            for each in sip.files
        ),
        {each.name_in_dossier: each.metadata for each in sip.files},
        {each.name_in_dossier: each.claimed_digests for each in sip.files},
    )


def read_once(tree, pool):
    folder = Path(tempfile.mkdtemp())
    try:
        return read_tree(folder, tree, pool)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(branches(2), st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_any_tree_in_any_spelling_reads_to_the_same_dossier(pool, branch, one, other):
    first = read_once(written(branch, one), pool)
    second = read_once(written(branch, other), pool)

    assert codes(first) in ([], ["I220"])
    assert [said(each) for each in first.sips] == [said(each) for each in second.sips]
    assert len(first.sips) == 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(branches(1), st.sampled_from(("", "levering/", "a/b/")), st.booleans())
def test_a_dossier_is_the_same_in_any_wrapping(pool, branch, prefix, bagged):
    tree = written(branch, SPELLINGS[0])
    wrapped = {f"{prefix}{path}": body for path, body in tree.items()}

    plain = read_once(tree, pool)
    other = read_once(bag_of(wrapped) if bagged else wrapped, pool)

    assert [said(each) for each in other.sips] == [said(each) for each in plain.sips]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12).map(str.strip)
filled = texts.filter(bool)
items = st.sampled_from(Item)
profiles = st.builds(
    MappingProfile,
    id=texts,
    version=filled,
    columns=st.dictionaries(items, filled, max_size=4).map(
        lambda some: {Item.DOSSIER_ID: "Zaak", Item.PATH: "Bestand"} | some
    ),
    constants=st.dictionaries(items, filled, max_size=2),
    translations=st.dictionaries(
        items,
        st.dictionaries(texts.map(str.casefold).map(str.strip), filled, min_size=1),
        max_size=2,
    ),
    file=texts,
    separator=st.sampled_from(("", ";", ",", "\t", "|")),
    encoding=st.sampled_from(("auto", "utf-8", "windows-1252")),
    header_row=st.integers(1, 9),
    dates=st.lists(st.sampled_from(DateFormat), min_size=1, unique=True).map(tuple),
    keyword_separator=st.sampled_from((",", ";", "|")),
    path_prefix=texts,
    extra_files=st.sampled_from(ExtraFiles),
    source=texts,
)


@given(profiles)
def test_a_profile_that_is_written_reads_the_same(profile):
    again = read_profile(mapping_toml(profile), "mapping.toml")

    assert replace(again, translations={}) == replace(profile, translations={})
    assert {key: dict(each) for key, each in again.translations.items()} == {
        key: {word.strip().casefold(): value for word, value in each.items()}
        for key, each in profile.translations.items()
    }


def test_an_agreement_crosses_a_pipe_and_stays_the_same():
    assert from_plain(Agreement, to_plain(AGREEMENT)) == AGREEMENT
