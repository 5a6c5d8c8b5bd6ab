"""What must hold after every run, whatever happened during it."""

import json
from collections.abc import Iterator

from tests.retention.harness.world import COPY, EXPORTS, VAULT, World

BLOCKED = frozenset({"held", "exempted", "keep", "elsewhere"})
"""Variants in which the dossier may not go at all."""
FOR_A_PERSON = frozenset({"missing", "damaged"})
"""Variants in which a person has to look before anything goes."""
BEFORE_THE_POINT = frozenset({"approved", "sealed"})
PLACES = {VAULT, COPY, EXPORTS, "database"}


def check(world: World) -> list[str]:
    """Everything that is wrong with how a run ended."""
    return [*world.known.wrong, *_ended(world), *_of_the_others(world), *_of_state(world)]


def _ended(world: World) -> Iterator[str]:
    state, trouble, left_reason = (world.item(each) for each in ("state", "trouble", "left_reason"))
    if state in {"halted", "needs_operator"}:
        if not trouble:
            yield f"{state} without a reason"
    elif state == "left_list":
        if not left_reason:
            yield "it left without a reason"
    elif state != "destroyed":
        yield f"it never ended: {state} {trouble}"
    expected = _expected(world)
    if state not in expected:
        yield f"{state} ({trouble}{left_reason}), expected {'/'.join(sorted(expected))}"


def _expected(world: World) -> set[str]:
    """How it may end."""
    known = world.known
    if world.variant in BLOCKED:
        return {"left_list"}
    stopped = {known.held_at, known.exempted_at, known.kept_at} & {
        *BEFORE_THE_POINT,
        "needs_operator",
    }
    if world.variant in FOR_A_PERSON:
        return {"needs_operator", "left_list"} if stopped else {"needs_operator"}
    if stopped & BEFORE_THE_POINT:
        return {"left_list"}
    found = {"needs_operator"} if world.variant == "locked" else {"destroyed"}
    if known.kept_at == "destroying":
        # The database lets no copy of it be deleted any more: a person has to look.
        found |= {"needs_operator"}
    if known.held_at == "destroying":
        found |= {"halted", "destroyed"} if world.variant != "locked" else {"halted"}
    return found


def _of_state(world: World) -> Iterator[str]:
    state = world.item("state")
    dossier = world.subjects.dossier
    begun = bool(world.item("begun_at"))
    if state == "destroyed":
        yield from _destroyed(world)
        return
    for what, asked in (
        ("evidence", "SELECT 1 FROM destruction_evidence WHERE dossier = ?"),
        ("a tombstone", "SELECT 1 FROM tombstones WHERE dossier = ?"),
        (
            "aip.destroyed",
            "SELECT 1 FROM ledger_entries WHERE action = 'aip.destroyed' AND object = ?",
        ),
    ):
        if world.ask(asked, dossier):
            yield f"{what} of a dossier that is {state}"
    if not world.ask("SELECT 1 FROM aips WHERE aip_id = ?", dossier):
        yield f"no description of a dossier that is {state}"
    if not begun:
        yield from _untouched(world)
    if world.known.held_at == "destroying":
        yield from _halted(world, state)
    stands = world.ask("SELECT state FROM retention_dossiers WHERE dossier = ?", dossier)[0][0]
    if state == "left_list" and stands != "here":
        yield f"it left the list and is {stands}"
    if state == "halted" and stands != "halted":
        yield f"halted, and the register says {stands}"


def _halted(world: World, state: str) -> Iterator[str]:
    """A hold came while it was being destroyed: what was there stays."""
    if world.known.deletions_since > 1:
        yield f"{world.known.deletions_since} stores deleted after a hold came"
    stands = world.known.whole_at_hold and not world.known.deletions_since
    if state == "halted" and stands and not world.has_whole():
        yield "halted before the last copy, and no whole copy is left"


def _destroyed(world: World) -> Iterator[str]:
    dossier = world.subjects.dossier
    if left := world.left():
        yield f"destroyed, and there is {', '.join(left)}"
    if world.ask("SELECT 1 FROM aips WHERE aip_id = ?", dossier):
        yield "destroyed, and in the catalogue"
    stands = world.ask("SELECT state FROM retention_dossiers WHERE dossier = ?", dossier)[0][0]
    if stands != "destroyed":
        yield f"destroyed, and the register says {stands}"
    tombs = world.ask("SELECT list FROM tombstones WHERE dossier = ?", dossier)
    if tombs != [(world.list,)]:
        yield f"tombstones: {tombs}"
    told = world.ask(
        "SELECT line FROM ledger_entries WHERE action = 'aip.destroyed' AND object = ?", dossier
    )
    facts = [json.loads(line)["facts"] for (line,) in told]
    if [(each["list"], each["root"]) for each in facts] != [(world.list, world.root)]:
        yield f"aip.destroyed: {told}"
    evidence = world.ask("SELECT place, absent FROM destruction_evidence WHERE sweep = 0")
    if sorted(evidence) != sorted((each, 1) for each in PLACES):
        yield f"evidence: {evidence}"
    seen = world.ask("SELECT store, key FROM copy_actions WHERE registered = 1")
    if not world.copies <= set(seen):
        yield "a copy of the catalogue that no inventory saw"
    if world.known.held_at == "destroying" and world.known.deletions_since > 1:
        yield f"{world.known.deletions_since} stores deleted after a hold came"


def _untouched(world: World) -> Iterator[str]:
    """Nothing of the dossier is gone, where its destruction never began."""
    for name in (VAULT, COPY):
        after = world.content(name)
        for key, versions in world.before[name].items():
            if world.is_of_subject(key) and not set(versions) <= set(after.get(key, ())):
                yield f"never begun, and gone: {name}, {key}"


def _of_the_others(world: World) -> Iterator[str]:
    shared = {(COPY, world.subjects.keys[COPY])} if world.variant == "shared" else set()
    for name in (VAULT, COPY):
        after = world.content(name)
        for key, versions in world.before[name].items():
            mine = world.is_of_subject(key) and (name, key) not in shared
            if not mine and after.get(key) != versions:
                yield f"not of this dossier, and gone: {name}, {key}"
    others = world.ask("SELECT count(*) FROM aips WHERE aip_id <> ?", world.subjects.dossier)
    if others != [(3,)]:
        yield f"other dossiers in the catalogue: {others}"
