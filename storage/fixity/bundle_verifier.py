"""Check a proof bundle of a fixity run with Python 3.8 or newer alone: no network, no edepot.

    python3 verify.py [--key NAME+HASH+KEY] [FOLDER]

The key comes from whoever you trust, along another way than this bundle. Checked are, in order:
1. manifest.txt is signed (Ed25519, RFC 8032), and every file in the folder is one that it names;
2. checkpoint.txt is signed by the same key: the state of the ledger when the bundle was made;
3. run.json is a line of that ledger (inclusion proof, RFC 6962): it seals the run;
4. results.jsonl are the results that it sealed: the same Merkle root, totals and bytes;
5. extract.jsonl are lines of that ledger too, and every wrong copy has one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from argparse import ArgumentParser
from pathlib import Path

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")
OUTCOMES = {
    "intact": "gaaf / intact",
    "attested": "alleen op andermans woord / on another's word alone",
    "differs": "WIJKT AF / DIFFERS",
    "missing": "ONTBREEKT / MISSING",
    "unreadable": "ONLEESBAAR / UNREADABLE",
    "not_checked": "niet gecontroleerd / not checked",
}
WRONG = ("differs", "missing", "unreadable")
TOLD = ("store", "expected", "found", "at")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def must(holds: object, nl: str, en: str) -> None:
    if not holds:
        sys.exit(f"FOUT  {nl}\nFAIL  {en}")


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


# ---- Ed25519: points of the curve as (x, y, z, x*y), and the signature's equation


def add(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: tuple[int, ...]) -> tuple[int, ...]:
    result: tuple[int, ...] = (0, 1, 1, 0)
    while number:
        result = add(result, point) if number & 1 else result
        point, number = add(point, point), number >> 1
    return result


def point_of(raw: bytes) -> tuple[int, ...]:
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def is_signed(public: bytes, signature: bytes, text: bytes) -> bool:
    number = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or number >= Q:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    a, b = times(number, point_of(BASE)), times(hashed, point_of(public))
    b = add(point_of(signature[:32]), b)
    return a[0] * b[2] % P == b[0] * a[2] % P and a[1] * b[2] % P == b[1] * a[2] % P


def read_note(file: Path, key: str) -> list[str]:
    """The lines of a note that this key signed, and that holds nothing else (C2SP signed-note)."""
    name, mark, coded = key.strip().split("+", 2)
    raw, note = base64.b64decode(coded), file.read_bytes()
    text, _, tail = note.partition(b"\n\n")
    seal = base64.b64decode(tail.split(b" ")[-1])
    start = f"\u2014 {name} ".encode()
    whole = text + b"\n\n" + start + base64.b64encode(seal) + b"\n"
    own = sha256(name.encode() + b"\n" + raw)[:4]
    good = whole == note and seal[:4] == own and own.hex() == mark and raw[0] == 1
    good = good and len(raw) == 33 and is_signed(raw[1:], seal[4:], text + b"\n")
    must(
        good,
        f"{file.name} is niet ondertekend met de sleutel {key}",
        f"{file.name} is not signed with the key {key}",
    )
    return text.decode().split("\n")


# ---- Merkle trees (RFC 6962)


def grow(peaks: list[bytes], size: int, leaf: bytes) -> None:
    while size & 1:
        leaf, size = sha256(b"\x01" + peaks.pop() + leaf), size >> 1
    peaks.append(leaf)


def root_of(peaks: list[bytes]) -> bytes:
    root = peaks.pop() if peaks else sha256(b"")
    while peaks:
        root = sha256(b"\x01" + peaks.pop() + root)
    return root


def is_in_ledger(line: str, index: int, proof: list[str], size: int, root: bytes) -> bool:
    at, last, found = index, size - 1, sha256(b"\x00" + line.encode())
    for step in map(bytes.fromhex, proof):
        if last == 0:
            return False
        if at & 1 or at == last:
            found = sha256(b"\x01" + step + found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + step)
        at, last = at >> 1, last >> 1
    return 0 <= index < size and last == 0 and found == root


# ---- the bundle


def check_files(folder: Path, key: str, expected: str = "edepot-fixity-bundle 1") -> str:
    form, origin, run, *lines = read_note(folder / "manifest.txt", key)
    must(form == expected, f"onbekende vorm {form!a}", f"unknown form {form!a}")
    must(origin == key.partition("+")[0], f"van een ander: {origin!a}", f"another's: {origin!a}")
    listed = {line[66:]: line[:64] for line in lines}
    there = {each.name for each in folder.iterdir()} - {"manifest.txt"}
    for name in sorted(there ^ listed.keys()):
        must(name in there, f"{name!a} is weggehaald", f"{name!a} was removed")
        must(name in listed, f"{name!a} hoort er niet bij", f"{name!a} does not belong here")
    for name in sorted(there):
        file, digest = folder / name, hashlib.sha256()
        must(file.is_file() and not file.is_symlink(), f"{name!a} is een link of map", f"{name!a}")
        with file.open("rb") as stream:
            for chunk in iter(lambda: stream.read(1 << 20), b""):
                digest.update(chunk)
        same = digest.hexdigest() == listed[name]
        must(same, f"{name!a} is gewijzigd", f"{name!a} was changed")
    say(f"GOED  alle {len(there)} bestanden zijn ondertekend; niets gewijzigd, weg of erbij")
    say(f"OK    all {len(there)} files are signed; nothing changed, removed or added")
    return run


def check_results(file: Path, run: str, sealed: dict[str, object]) -> dict[int, list[str]]:
    counts, size, read, last = dict.fromkeys(OUTCOMES, 0), 0, 0, -1
    peaks: list[bytes] = []
    wrong: dict[int, list[str]] = {}
    with file.open("rb") as lines:
        for raw in lines:
            said = json.loads(raw)
            good = said["run"] == run and said["n"] > last and raw.endswith(b"\n")
            if said["outcome"] == "intact" and said["basis"] == "read":
                good = good and said["found"] == said["expected"]
            must(good, f"resultaat {size} kan niet kloppen", f"result {size} cannot be right")
            grow(peaks, size, sha256(b"\x00" + raw[:-1]))
            counts[said["outcome"]] += 1
            size, read, last = size + 1, read + said["read"], said["n"]
            if said["outcome"] in WRONG:
                wrong[last] = [said["outcome"], *(said[x] for x in TOLD)]
    found = {"items": size, "root": root_of(peaks).hex(), "totals": counts, "read_bytes": read}
    for name, value in found.items():
        must(
            sealed[name] == value,
            f"de resultaten zijn niet die van het logboek ({name}: {value})",
            f"the results are not those of the ledger ({name}: {value})",
        )
    say(f"GOED  {size} resultaten zijn precies die van het logboek ({read} bytes gelezen):")
    say(f"OK    {size} results are exactly those of the ledger ({read} bytes read):")
    for outcome, told in OUTCOMES.items():
        say(f"      {counts[outcome]:>9}  {told}")
    return wrong


def check_extract(file: Path, run: str, wrong: dict[int, list[str]], head: list[str]) -> None:
    count, last, size, root = 0, -1, int(head[1]), base64.b64decode(head[2])
    for raw in file.read_bytes().splitlines():
        said = json.loads(raw)
        index, line = said["index"], json.loads(said["line"])
        facts = line["facts"]
        good = is_in_ledger(said["line"], index, said["proof"], size, root) and index > last
        good = good and line["seq"] == index and facts["run"] == run
        if line["action"] == "fixity.check" and "n" in facts:
            told = [line["result"], *(facts[x] for x in TOLD)]
            good = good and wrong.pop(facts["n"], None) == told
        must(
            good,
            f"regel {index} van het uittreksel klopt niet met logboek of resultaten",
            f"line {index} of the extract contradicts the ledger or the results",
        )
        count, last = count + 1, index
    must(not wrong, f"foute kopie {min(wrong, default=0)} ontbreekt", "a wrong copy is left out")
    say(f"GOED  {count} regels hierover staan in het logboek; elke foute kopie heeft er een")
    say(f"OK    {count} lines about this run are in the ledger; every wrong copy has one")


def check_bundle(folder: Path, key: str) -> None:
    run = check_files(folder, key)
    head = read_note(folder / "checkpoint.txt", key)
    must(head[0] == key.partition("+")[0] and len(head) == 3, "ander logboek", "another ledger")
    sealed = json.loads((folder / "run.json").read_bytes())
    proof = json.loads((folder / "proof.json").read_bytes())
    line, index = json.loads(sealed["line"]), sealed["index"]
    size, root = int(head[1]), base64.b64decode(head[2])
    good = line["seq"] == index and line["action"] == "fixity.run" and line["object"] == run
    good = good and is_in_ledger(sealed["line"], index, proof["hashes"], size, root)
    must(good, "run.json staat niet in het logboek", "run.json is not in the ledger")
    say(f"GOED  controle {run} van {head[0]}, in het logboek op {line['t']} (regel {index})")
    say(f"OK    fixity run {run} of {head[0]}, in the ledger at {line['t']} (line {index})")
    wrong = check_results(folder / "results.jsonl", run, line["facts"])
    check_extract(folder / "extract.jsonl", run, wrong, head)


def main(arguments: list[str] | None = None) -> None:
    parser = ArgumentParser(description="Check a proof bundle of a fixity run.")
    parser.add_argument("--key", default="")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    given = parser.parse_args(arguments)
    try:
        own = given.key or (given.folder / "key.txt").read_text("utf-8").strip()
        check_bundle(given.folder, own)
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        must(False, f"de bundel is niet te lezen: {error!a}", f"cannot be read: {error!a}")
    if not given.key:
        say("\nLET OP! Zonder --key bewijst dit alleen samenhang. De sleutel komt uit de bundel:")
        say(own)
        say("Vergelijk hem met de sleutel die u langs een andere weg kreeg, of geef die met --key.")
        say("WARNING! Without --key this proves consistency only. The key came with the bundle;")
        say("compare it with the key that you got along another way, or give that one with --key.")


if __name__ == "__main__":
    main()
