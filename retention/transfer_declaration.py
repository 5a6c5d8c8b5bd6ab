"""The joint declaration of transfer (verklaring van overbrenging): drawn up from what was received,
signed by the zorgdrager's signatory and by the archivist, two persons.

draft -> signed (both) -> kept. Source: Archiefbesluit 1995, art. 9, third paragraph, and art. 10.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention.acts import Act, acts_of
from retention.closing_tables import DECLARATIONS
from retention.declaration import (
    Declaration,
    DeclarationKind,
    DeclarationState,
    declaration_id,
    read_declaration,
)
from retention.declaration_facts import digest_of
from retention.errors import Refused
from retention.list_reading import read_list
from retention.nouns import ON_LIST, Actor, Desk, Duty
from retention.tables import ITEMS, PERSONS
from retention.transfer import AGREE, agreed_content
from retention.transfer_closing import hand_over
from retention.transfer_nouns import Openness, Restriction, Transfer, TransferState
from retention.transfer_reading import (
    packed_counts,
    packed_sha256,
    read_transfer,
    receipts_of,
)
from retention.transfer_restrictions import effective
from retention.transfer_steps import (
    BOTH,
    Signed,
    begin_step,
    require_state,
    sign_in_duplicate,
    signed_by,
    tell,
)
from storage.database import begin
from storage.ledger import canonical

FORM = "edepot-transfer-declaration 1"
ARTICLES = "Archiefwet 1995, art. 12, 14 en 15; Archiefbesluit 1995, art. 9 en 10"
DECLARE = "declare"


@dataclass(frozen=True, slots=True)
class OpennessDecision:
    """The decision on openness that is attached: its reference, and the document's SHA-256 (""
    when it is kept elsewhere)."""

    reference: str
    sha256: str = ""


def make_joint(
    desk: Desk,
    actor: Actor,
    transfer: str,
    zorgdrager_name: str,
    decision: OpennessDecision,
) -> Declaration:
    """Draw up the joint declaration of what was received; made again as long as not both signed,
    and what one signed of another text is void.

    Raises: TransferUnknown; Refused (mandate, state, reason_missing).
    """
    if not decision.reference.strip():
        raise Refused("reason_missing", transfer, list=transfer)
    with begin(desk.engine) as connection:
        found, _ = begin_step(connection, desk, actor, transfer, TransferState.ACCEPTED)
        number = declaration_id(transfer, DeclarationKind.TRANSFER)
        known = read_declaration(connection, number)
        said = _facts(connection, found, zorgdrager_name, decision)
        values = {
            **_EMPTY,
            "list": transfer,
            "zorgdrager": found.zorgdrager,
            "kind": DeclarationKind.TRANSFER.value,
            "state": DeclarationState.DRAFT.value,
            "said": canonical(said),
            "sha256": digest_of(said),
            "made_at": desk.now().isoformat(),
            "made_by": actor.person,
        }
        if known is None:
            connection.execute(insert(DECLARATIONS), {"id": number, **values})
        else:
            mine = DECLARATIONS.c.id == number
            connection.execute(update(DECLARATIONS).where(mine).values(**values))
        tell(connection, desk, found, actor, "declaration", {"sha256": values["sha256"]})
        return joint_of(connection, found)


def joint_of(connection: Connection, transfer: Transfer) -> Declaration:
    """The joint declaration of a transfer.

    Raises: Refused (undeclared) when there is none.
    """
    number = declaration_id(transfer.id, DeclarationKind.TRANSFER)
    found = read_declaration(connection, number)
    if found is None:
        raise Refused("undeclared", transfer.id, list=transfer.id)
    return found


def joint_signed(connection: Connection, transfer: Transfer, declaration: Declaration) -> Signed:
    """Who has signed the declaration by now."""
    return signed_by(connection, transfer, DECLARE, _signed_content(declaration))


def signatures_of(connection: Connection, declaration: Declaration) -> tuple[Act, ...]:
    """The two signatures, as the acts that bear them."""
    said = _signed_content(declaration)
    acts = acts_of(connection, declaration.list, [DECLARE])
    return tuple(each for each in acts if each.saying == said)


def sign_joint(
    desk: Desk, actor: Actor, transfer: str, *, seen: str
) -> tuple[Transfer, Declaration, Signed]:
    """Sign as one of the two. When both have, the archive owns the dossiers: overgebracht.

    `seen`: the digest of the declaration that the person read.

    Raises: TransferUnknown; Refused (mandate, separation_of_duties, state, undeclared,
    seen_differs, hash_mismatch, signed_already).
    """
    with begin(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        require_state(found, (TransferState.RECEIVED,))
        declaration = joint_of(connection, found)
        if seen != declaration.sha256:
            raise Refused("seen_differs", transfer, list=transfer, found=declaration.sha256)
        _require_true(connection, found, declaration)
        said = _signed_content(declaration)
        written, signed = sign_in_duplicate(connection, desk, actor, found, DECLARE, said)
        if written.duty == Duty.SIGNATORY:
            _note_signed(connection, declaration, written)
        if signed.both:
            mine = DECLARATIONS.c.id == declaration.id
            state = DeclarationState.SIGNED.value
            connection.execute(update(DECLARATIONS).where(mine).values(state=state))
            found = hand_over(connection, desk, actor, found)
        tell(connection, desk, found, actor, "declared", {"sha256": declaration.sha256})
        return found, joint_of(connection, found), signed


def _note_signed(connection: Connection, declaration: Declaration, written: Act) -> None:
    connection.execute(
        update(DECLARATIONS)
        .where(DECLARATIONS.c.id == declaration.id)
        .values(
            signed_by=written.person,
            signed_at=written.at,
            signature=written.signature,
        )
    )


def _require_true(connection: Connection, transfer: Transfer, declaration: Declaration) -> None:
    """See that what is declared is what stands: nobody signs what was edited meanwhile."""
    said = declaration.said
    decision = OpennessDecision(**said["openness"]["decision"])
    now = _facts(connection, transfer, said["zorgdrager"]["name"], decision)
    if digest_of(now) != declaration.sha256:
        raise Refused(
            "hash_mismatch",
            transfer.id,
            list=transfer.id,
            expected=declaration.sha256,
            found=digest_of(now),
        )


def _signed_content(declaration: Declaration) -> Mapping[str, Any]:
    return {"declaration": declaration.id, "sha256": declaration.sha256}


def _facts(
    connection: Connection, transfer: Transfer, name: str, decision: OpennessDecision
) -> dict[str, Any]:
    """All that is declared."""
    listed = read_list(connection, transfer.id)
    receipt = next(
        each
        for each in reversed(receipts_of(connection, transfer.id))
        if each.whole and each.round == transfer.round
    )
    restrictions = effective(connection, transfer.id)
    said = receipt.saying
    return {
        "form": FORM,
        "zorgdrager": {"id": transfer.zorgdrager, "name": name},
        "archive": {"name": transfer.archive, "reference": said["reference"]},
        "law": {"article": ARTICLES},
        "list": {
            "id": listed.id,
            "name": listed.name,
            "revision": listed.revision,
            "root": listed.root,
        },
        "counts": packed_counts(connection, transfer.id),
        "package": {"form": transfer.form, "sha256": packed_sha256(connection, transfer.id)},
        "receipt": {
            "number": receipt.number,
            "sha256": receipt.sha256,
            "taken_at": receipt.taken_at,
            "equal": said["equal"],
            "copies": said["copies"],
            "fixity_checked_on": said["fixity_checked_on"],
        },
        "openness": {
            "decision": {"reference": decision.reference, "sha256": decision.sha256},
            "restrictions": agreed_content(connection, transfer)["restrictions"],
            "counts": _counted(restrictions),
            "agreed": [
                {"person": each.person, "duty": each.duty, "at": each.at}
                for each in _agreed(connection, transfer)
            ],
        },
    }


def _agreed(connection: Connection, transfer: Transfer) -> tuple[Act, ...]:
    said = agreed_content(connection, transfer)
    among = {each.value for each in BOTH}
    acts = acts_of(connection, transfer.id, [AGREE])
    return tuple(each for each in acts if each.saying == said and each.duty in among)


def _counted(restrictions: tuple[Restriction, ...]) -> dict[str, int]:
    """How many are open, and how many are restricted on each ground."""
    found: dict[str, int] = {}
    for each in restrictions:
        decision = each.decision
        name = decision.ground.value if decision.ground else decision.openness.value
        found[name] = found.get(name, 0) + 1
    return {Openness.OPEN.value: 0} | found


def item_rows(connection: Connection, list_id: str) -> list[Row[Any]]:
    """The dossiers that were handed over, in the order of the list."""
    wanted = (
        select(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.state.in_([each.value for each in ON_LIST]))
        .order_by(ITEMS.c.position)
    )
    return list(connection.execute(wanted))


def keys_of(connection: Connection) -> dict[str, str]:
    """The public key of each person, with which their signatures are checked."""
    return {each.id: each.public_key for each in connection.execute(select(PERSONS))}


def said_of(item: Row[Any]) -> dict[str, Any]:
    """What the snapshot of a dossier says."""
    return dict(json.loads(item.snapshot))


_EMPTY = {
    "signed_by": "",
    "mandate": 0,
    "signed_at": "",
    "signature": "",
    "aip_id": "",
    "residual_until": "",
}
