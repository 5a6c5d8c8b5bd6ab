"""Check a ledger against a signed checkpoint, with nothing but Python: no network, no edepot.

    python3 verifier.py ledger.jsonl checkpoint.txt --origin NAME --key NAME+HASH+KEY

--origin and --key come from whoever you trust, never from the files that you check. Checked are
every line's number and link to the line before it, the Merkle root over all lines (RFC 6962)
against the checkpoint (C2SP tlog-checkpoint), and the signature (Ed25519, RFC 8032).
"""

import base64
import hashlib
import json
import sys
from argparse import ArgumentParser
from pathlib import Path

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")
Point = tuple[int, int, int, int]


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def add(a: Point, b: Point) -> Point:
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while number:
        result = add(result, point) if number & 1 else result
        point, number = add(point, point), number >> 1
    return result


def point_of(raw: bytes) -> Point:
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        sys.exit("FAIL the key or the signature is no point of the curve")
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


def read_checkpoint(note: str, origin: str, key: str) -> tuple[int, bytes]:
    text, _, signatures = note.partition("\n\n")
    name, size, root = (text + "\n").split("\n")[:3]
    raw = base64.b64decode(key.split("+", 2)[-1])
    if name != origin or len(raw) != 33 or raw[0] != 1:
        sys.exit(f"FAIL the checkpoint is of {name}, not of {origin}, or the key is not Ed25519")
    mark = sha256(origin.encode() + b"\n" + raw)[:4]
    lines = [each for each in signatures.splitlines() if each.startswith(f"— {origin} ")]
    found = [base64.b64decode(each.split(" ")[-1]) for each in lines]
    if not any(x[:4] == mark and is_signed(raw[1:], x[4:], f"{text}\n".encode()) for x in found):
        sys.exit("FAIL the checkpoint is not signed with this key")
    return int(size), base64.b64decode(root)


def read_root(ledger: Path, size: int) -> bytes:
    count, previous, clock = 0, "0" * 64, ""
    peaks: list[bytes] = []
    with ledger.open("rb") as lines:
        for raw in lines:
            if count == size:
                sys.stdout.write(f"NOTE what follows entry {size - 1} is not in the checkpoint\n")
                break
            try:
                entry = json.loads(raw)
                seq, link, at = entry["seq"], entry["prev"], str(entry["t"])
            except (ValueError, KeyError, TypeError):
                sys.exit(f"FAIL entry {count} cannot be read")
            if seq != count:
                sys.exit(f"FAIL entry {count} is not there: its place holds entry {seq}")
            if link != previous:
                sys.exit(f"FAIL entry {count - 1} was changed: entry {count} follows another one")
            if at < clock:
                sys.stdout.write(f"WARN entry {count}: the clock went back, {clock} to {at}\n")
            leaf, bits = sha256(b"\x00" + raw.rstrip(b"\n")), count
            previous, clock, count = leaf.hex(), at, count + 1
            while bits & 1:
                leaf, bits = sha256(b"\x01" + peaks.pop() + leaf), bits >> 1
            peaks.append(leaf)
    if count < size:
        sys.exit(f"FAIL the end is missing: {count} entries, the checkpoint says {size}")
    root = peaks.pop() if peaks else sha256(b"")
    while peaks:
        root = sha256(b"\x01" + peaks.pop() + root)
    return root


def main() -> None:
    parser = ArgumentParser(description="Check a ledger against a signed checkpoint.")
    for name in ("ledger", "checkpoint"):
        parser.add_argument(name, type=Path)
    for name in ("--origin", "--key"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    note = given.checkpoint.read_text("utf-8")
    size, root = read_checkpoint(note, given.origin, given.key)
    if read_root(given.ledger, size) != root:
        sys.exit(f"FAIL entry {size - 1} was changed, or all of it was written anew")
    sys.stdout.write(f"OK {size} entries of {given.origin}, signed\n")


if __name__ == "__main__":
    main()
