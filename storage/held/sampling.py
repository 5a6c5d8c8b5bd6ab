"""How many files a challenge asks for, and which: exact counts, and a choice that can be redone."""

import hashlib
import hmac
from dataclasses import dataclass
from fractions import Fraction
from heapq import nsmallest
from math import ceil


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much a challenge must find: a share of damage with a probability, or so many files."""

    probability: Fraction = Fraction(95, 100)
    damaged_share: Fraction = Fraction(1, 100)
    files: int | None = None

    def size(self, total: int) -> int:
        """How many of the files are asked for."""
        if self.files is not None:
            return min(self.files, total)
        return sample_size(total, self.damaged_share, self.probability)


def sample_size(total: int, damaged_share: Fraction, probability: Fraction) -> int:
    """The fewest files of which at least one is damaged, with this probability or more.

    `total` files are there, of which at least `damaged_share` are damaged, but never less than
    one file. Exact: hypergeometric, drawn without putting back. All of them for probability 1
    unless fewer leave no way round the damage.
    """
    if not total:
        return 0
    assert 0 < damaged_share <= 1, damaged_share
    assert 0 < probability <= 1, probability
    damaged = max(1, ceil(total * damaged_share))
    high = 1
    while high < total and detection(total, damaged, high) < probability:
        high = min(total, high * 2)
    low = high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        if detection(total, damaged, middle) < probability:
            low = middle
        else:
            high = middle
    return high


def detection(total: int, damaged: int, sample: int) -> Fraction:
    """The probability that a sample holds at least one of the damaged files, exactly."""
    if sample + damaged > total:
        return Fraction(int(sample > 0 and damaged > 0))
    few, many = sorted((sample, damaged))
    none, ways = 1, 1
    for each in range(few):
        none *= total - many - each
        ways *= total - each
    return 1 - Fraction(none, ways)


def choose(total: int, count: int, seed: bytes) -> list[int]:
    """So many of the numbers 1 … total, each set as likely as another, the same for one seed."""

    def rank(number: int) -> bytes:
        return hmac.digest(seed, number.to_bytes(8, "big"), hashlib.sha256)

    if count >= total:
        return list(range(1, total + 1))
    return sorted(nsmallest(count, range(1, total + 1), key=rank))


def seed_of(nonce: bytes) -> bytes:
    """The seed of a challenge's choice: from its nonce, which nobody knows before it is sent."""
    return hashlib.sha256(b"edepot/held/sample\0" + nonce).digest()
