"""The papers of an order to a party: the order itself, to be read and to be processed, and a form.

order.json   what is ordered, canonical JSON; its SHA-256 stands in our ledger
order.pdf    the same for a person
answer.csv   the form: one line per dossier, to be filled in, signed and sent back
"""

import csv
import io
from datetime import datetime

from edepot.declarations.pdf import render_declaration
from edepot.declarations.told import DeclarationTold, Grid, Section
from edepot.messages import Words
from retention.attestation import COLUMNS
from retention.external_order import Order
from storage.held.parties import Party
from storage.ledger import canonical


def order_papers(
    order: Order, party: Party, zorgdrager_name: str, words: Words
) -> dict[str, bytes]:
    """The papers by their names."""
    text = canonical(order.said)
    told = _told(order, party, zorgdrager_name, words)
    at = datetime.fromisoformat(order.issued_at)
    return {
        "order.json": text.encode("utf-8"),
        "order.pdf": render_declaration(told, text, at),
        "answer.csv": _form(order),
    }


def _told(order: Order, party: Party, zorgdrager_name: str, words: Words) -> DeclarationTold:
    items = order.said["items"]
    statement = words(
        "order.statement",
        zorgdrager=zorgdrager_name,
        party=party.name,
        dossiers=words.counted("count.dossier", len(items)),
        day=words.day(order.due_on.isoformat()),
    )
    return DeclarationTold(
        id=order.id,
        language=words.language.value,
        title=words("order.title"),
        subtitle=f"{order.id} · {zorgdrager_name}",
        statement=statement,
        draft="",
        notice=words("order.notice"),
        sections=(
            Section(
                words("order.section.what"),
                facts=(
                    (words("order.label.party"), f"{party.name} ({party.id})"),
                    (words("order.label.agreement"), party.agreement),
                    (words("order.label.list"), order.list),
                    (words("order.label.root"), str(order.said["root"])),
                    (words("order.label.sha256"), order.sha256),
                    (words("order.label.due"), words.day(order.due_on.isoformat())),
                ),
            ),
            Section(
                words("order.section.how"),
                lines=tuple(words(f"order.how.{number}") for number in range(1, 5)),
            ),
            Section(
                words("order.section.dossiers"),
                grid=Grid(
                    tuple(
                        words(f"order.column.{name}")
                        for name in ("identifier", "list_year", "category", "end_date")
                    ),
                    (False,) * 4,
                    tuple(
                        (
                            str(each["identifier"]),
                            str(each["list_year"]),
                            str(each["category"]),
                            words.day(str(each["end_date"])),
                        )
                        for each in items
                    ),
                ),
            ),
        ),
        footer=order.id,
        author=zorgdrager_name,
        marks=(order.sha256,),
    )


def _form(order: Order) -> bytes:
    """The form as CSV with semicolons, as the spreadsheets of Dutch offices open it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for each in order.said["items"]:
        identifier = str(each["identifier"])
        safe = f"'{identifier}" if identifier[:1] in {"=", "+", "-", "@"} else identifier
        blank = dict.fromkeys(COLUMNS, "")
        writer.writerow(blank | {"dossier": each["dossier"], "identifier": safe})
    return out.getvalue().encode("utf-8-sig")
