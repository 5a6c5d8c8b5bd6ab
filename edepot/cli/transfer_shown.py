"""How transfers are shown: how far they are, what is signed, and what comes next."""

from typing import Any

from sqlalchemy import Connection

from edepot.cli.screen import DOUBT, GOOD, QUIET
from edepot.cli.session import Session
from retention.declaration import DeclarationKind, declaration_id, read_declaration
from retention.list_reading import read_list
from retention.transfer import agreed_content, agreement_of
from retention.transfer_declaration import joint_signed
from retention.transfer_nouns import OPEN, Transfer, TransferState
from retention.transfer_reading import dossiers_of, packed_counts, receipts_of
from retention.transfer_steps import Signed


def plain_of(connection: Connection, transfer: Transfer) -> dict[str, Any]:
    """A transfer as the commands give it in JSON."""
    agreed = agreed_content(connection, transfer)
    listed = read_list(connection, transfer.id)
    declaration = read_declaration(
        connection, declaration_id(transfer.id, DeclarationKind.TRANSFER)
    )
    signed = joint_signed(connection, transfer, declaration) if declaration else Signed({})
    return {
        "id": transfer.id,
        "name": listed.name,
        "zorgdrager": transfer.zorgdrager,
        "archive": transfer.archive,
        "state": transfer.state.value,
        "round": transfer.round,
        "dossiers": len(dossiers_of(connection, transfer.id)),
        "openness": dict(agreed["counts"]),
        "restrictions": agreed["restrictions"],
        "agreed": _persons(agreement_of(connection, transfer)),
        "form": transfer.form,
        "folder": transfer.folder,
        "packed": packed_counts(connection, transfer.id) if transfer.packaged_at else None,
        "receipts": [
            {"sha256": each.sha256, "whole": each.whole, "taken_at": each.taken_at, **each.saying}
            for each in receipts_of(connection, transfer.id)
        ],
        "declaration": {
            "id": declaration.id,
            "sha256": declaration.sha256,
            "signed": _persons(signed),
            "aip_id": declaration.aip_id,
        }
        if declaration
        else None,
        "release_list": transfer.release_list,
        "reason": transfer.reason,
    }


def show_stands(plain: dict[str, Any], session: Session) -> None:
    """How a transfer stands, in a line, and what comes next."""
    words, screen = session.words, session.screen()
    screen.say(
        words(
            "transfer.stands",
            transfer=plain["id"],
            archive=plain["archive"],
            dossiers=words.counted("count.dossier", plain["dossiers"]),
            state=words(f"transfer.state.{plain['state']}"),
        ),
        GOOD,
    )
    undecided = plain["openness"]["undecided"]
    if undecided and plain["state"] in set(OPEN):
        text = words("transfer.next.undecided", count=words.number(undecided), transfer=plain["id"])
        screen.say(text, DOUBT)
        return
    key = f"transfer.next.{plain['state']}"
    if plain["state"] == TransferState.RECEIVED and plain["declaration"]:
        key = "transfer.next.declared"
    if plain["release_list"] and plain["state"] == TransferState.SOURCE_RELEASABLE:
        key = "transfer.next.released"
    if words.has(key):
        screen.say(
            words(
                key,
                transfer=plain["id"],
                seen=_seen(plain),
                folder=plain["folder"],
                list=plain["release_list"],
            ),
            QUIET,
        )


def show_details(plain: dict[str, Any], session: Session) -> None:
    """The facts of a transfer, each on a line."""
    words, screen = session.words, session.screen()
    openness = ", ".join(
        f"{words.number(count)} {words(f'transfer.openness.{name}.word')}"
        for name, count in plain["openness"].items()
        if count
    )
    pairs = [
        ("name", plain["name"]),
        ("openness", openness),
        ("restrictions", plain["restrictions"]),
        ("agreed", _shown(plain["agreed"], session)),
    ]
    if packed := plain["packed"]:
        text = f"{words.counted('count.file', packed['files'])}, {words.size(packed['size_bytes'])}"
        pairs += [("files", text), ("form", words(f"transfer.form.{plain['form']}"))]
        pairs.append(("folder", plain["folder"]))
    for each in plain["receipts"]:
        pairs.append(("receipt", _receipt(each, session)))
    if declaration := plain["declaration"]:
        pairs.append(("declaration", f"{declaration['id']} ({declaration['sha256'][:16]}…)"))
        pairs.append(("signed", _shown(declaration["signed"], session)))
        pairs.append(("aip", declaration["aip_id"]))
    pairs += [("release_list", plain["release_list"]), ("reason", plain["reason"])]
    screen.pairs([(words(f"transfer.label.{name}"), value) for name, value in pairs if value])


def show_signed(signed: Signed, session: Session) -> None:
    """Who has signed by now, and who has not."""
    words = session.words
    text = _shown(_persons(signed), session)
    key = "transfer.signed.both" if signed.both else "transfer.signed.one"
    session.screen().say(words(key, people=text), GOOD)


def _persons(signed: Signed) -> dict[str, str]:
    return {duty.value: person for duty, person in sorted(signed.persons.items())}


def _shown(persons: dict[str, str], session: Session) -> str:
    words = session.words
    return ", ".join(
        f"{person} ({words(f'transfer.duty.{duty}')})" for duty, person in persons.items()
    )


def _receipt(receipt: dict[str, Any], session: Session) -> str:
    words = session.words
    key = "transfer.receipt.whole" if receipt["whole"] else "transfer.receipt.differs"
    return words(
        key,
        at=words.instant(receipt["taken_at"]),
        equal=words.number(receipt["equal"]),
        wrong=words.number(sum(receipt["findings"].values())),
    )


def _seen(plain: dict[str, Any]) -> str:
    """The beginning of what has to be seen before it is signed next."""
    declaration = plain["declaration"]
    digest = declaration["sha256"] if declaration else plain["restrictions"]
    return str(digest)[:16]
