"""Check the proof bundle of a declaration with Python 3.8 or newer alone: no network, no edepot.

    python3 verify.py [--key NAME+HASH+KEY] [FOLDER]

The key comes from whoever you trust, along another way than this bundle. Checked are, in order:
1. manifest.txt is signed (Ed25519, RFC 8032), and every file in the folder is one that it names;
2. checkpoint.txt is signed by the same key: the state of the ledger when the bundle was made;
3. extract.jsonl are lines of that ledger (inclusion proofs, RFC 6962);
4. verklaring.json is what was signed, by whom the ledger says signed it;
5. lijst.json is the list that was signed: the same Merkle root, and the numbers declared;
6. handelingen.json: every act bears the signature of whom it names;
7. waarnemingen.json are the observations that were declared: the same Merkle root;
8. each dossier that is declared destroyed has its line in the ledger.
"""

from __future__ import annotations

import base64
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True

from storage.fixity.bundle_verifier import (  # noqa: E402 - after the line above
    check_files,
    grow,
    is_in_ledger,
    is_signed,
    must,
    read_note,
    root_of,
    say,
    sha256,
)

FORM = "edepot-declaration-bundle 1"
ACT = ("list", "revision", "root", "person", "duty", "act", "said", "at")


def canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def is_by(key: str, signature: str, text: str) -> bool:
    public, seal = base64.b64decode(key), base64.b64decode(signature)
    return len(public) == 32 and is_signed(public, seal, text.encode())


def root_over(leaves: list[bytes]) -> str:
    peaks: list[bytes] = []
    for size, each in enumerate(leaves):
        grow(peaks, size, sha256(b"\x00" + each))
    return root_of(peaks).hex()


def check_extract(file: Path, head: list[str]) -> list[dict[str, Any]]:
    found, last, size, root = [], -1, int(head[1]), base64.b64decode(head[2])
    for raw in file.read_bytes().splitlines():
        said = json.loads(raw)
        index, line = said["index"], json.loads(said["line"])
        good = is_in_ledger(said["line"], index, said["proof"], size, root)
        must(
            good and index > last and line["seq"] == index,
            f"regel {index} van het uittreksel staat niet in het logboek",
            f"line {index} of the extract is not in the ledger",
        )
        found.append(line)
        last = index
    say(f"GOED  {len(found)} regels hierover staan in het logboek van {head[0]}")
    say(f"OK    {len(found)} lines about this are in the ledger of {head[0]}")
    return found


def check_signed(signed: dict[str, Any], told: list[dict[str, Any]], subject: str) -> None:
    number = signed["sha256"]
    good = signed["id"] == subject and sha256(canonical(signed["said"]).encode()).hex() == number
    must(good, "verklaring.json is gewijzigd", "verklaring.json was changed")
    if "signatures" in signed:
        check_acts(signed["signatures"])
        wanted = canonical({"declaration": subject, "sha256": number})
        people = {each["person"] for each in signed["signatures"] if each["said"] == wanted}
        good = len(people) > 1
    else:
        facts = [
            (each["facts"]["sha256"], each["facts"]["signature"])
            for each in told
            if each["action"] == "declaration.sign" and each["object"] == subject
        ]
        good = (number, signed["signature"]) in facts
        good = good and is_by(signed["public_key"], signed["signature"], number)
        people = {signed["signed_by"]}
    must(good, "de handtekening klopt niet", "the signature is not right")
    names = ", ".join(sorted(people))
    say(f"GOED  de verklaring is ondertekend door {names}, en sindsdien niet gewijzigd")
    say(f"OK    the declaration was signed by {names}, and not changed since")


def check_list(rows: list[dict[str, Any]], said: dict[str, Any]) -> list[str]:
    leaves, gone = [], []
    for each in rows:
        digest = sha256(each["snapshot"].encode())
        good = each["position"] < 0 or digest.hex() == each["snapshot_sha256"]
        must(good, "een momentopname is gewijzigd", "a snapshot was changed")
        if each["position"] >= 0:
            leaves.append(digest)
        if each.get("state") == "destroyed":
            gone.append(json.loads(each["snapshot"])["dossier"])
    good = root_over(leaves) == said["list"]["root"]
    if "items" in said["counts"]:
        good = good and len(rows) == said["counts"]["items"]
        good = good and len(gone) == said["counts"]["destroyed"]
    must(good, "de lijst is niet die is ondertekend", "the list is not the one that was signed")
    say(f"GOED  de lijst met {len(rows)} dossiers is precies de lijst die is ondertekend")
    say(f"OK    the list of {len(rows)} dossiers is exactly the one that was signed")
    return gone


def check_acts(acts: list[dict[str, Any]]) -> None:
    for each in acts:
        text = canonical({name: each[name] for name in ACT})
        must(
            is_by(each["public_key"], each["signature"], text),
            f"handeling {each['number']} draagt niet de handtekening van {each['person']}",
            f"act {each['number']} does not bear the signature of {each['person']}",
        )


def check_evidence(file: Path, said: dict[str, Any]) -> None:
    lines = [each.rstrip(b",") for each in file.read_bytes().split(b"\n")[1:-2]]
    lines = [each for each in lines if each]
    found = {"rows": len(lines), "root": root_over(lines)}
    must(
        found == said["evidence"],
        "de waarnemingen zijn niet die zijn verklaard",
        "the observations are not those that were declared",
    )
    say(f"GOED  {len(lines)} waarnemingen zijn precies die waarop de verklaring rust")
    say(f"OK    {len(lines)} observations are exactly those that the declaration rests on")


def check_gone(gone: list[str], told: list[dict[str, Any]], list_id: str) -> None:
    lines = {
        each["object"]
        for each in told
        if each["action"] == "aip.destroyed" and each["facts"]["list"] == list_id
    }
    missing = sorted(set(gone) - lines)
    must(
        not missing,
        f"van {missing[:1]} staat de vernietiging niet in het logboek",
        f"the destruction of {missing[:1]} is not in the ledger",
    )
    say(f"GOED  van {len(gone)} dossiers staat in het logboek dat zij door deze lijst weg zijn")
    say(f"OK    of {len(gone)} dossiers the ledger says that they are gone by this list")


def check_bundle(folder: Path, key: str) -> None:
    subject = check_files(folder, key, FORM)
    head = read_note(folder / "checkpoint.txt", key)
    must(head[0] == key.partition("+")[0] and len(head) == 3, "ander logboek", "another ledger")
    told = check_extract(folder / "extract.jsonl", head)
    signed = read(folder / "verklaring.json")
    check_signed(signed, told, subject)
    if signed["kind"] == "aanvulling":
        return
    said = signed["said"]
    gone = check_list(read(folder / "lijst.json"), said)
    acts = read(folder / "handelingen.json")
    check_acts(acts)
    say(f"GOED  {len(acts)} handelingen zijn ondertekend door wie ze noemen")
    say(f"OK    {len(acts)} acts are signed by whom they name")
    if "evidence" in said:
        check_evidence(folder / "waarnemingen.json", said)
        check_gone(gone, told, said["list"]["id"])


def main(arguments: list[str] | None = None) -> None:
    parser = ArgumentParser(description="Check the proof bundle of a declaration.")
    parser.add_argument("--key", default="")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    given = parser.parse_args(arguments)
    try:
        own = given.key or (given.folder / "key.txt").read_text("utf-8").strip()
        check_bundle(given.folder, own)
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        must(False, f"de bundel is niet te lezen: {error!a}", f"cannot be read: {error!a}")
    if not given.key:
        say("\nLET OP! Zonder --key bewijst dit alleen samenhang. De sleutel komt uit de bundel.")
        say("WARNING! Without --key this proves consistency only. The key came with the bundle.")


if __name__ == "__main__":
    main()
