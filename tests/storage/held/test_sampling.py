"""Sample sizes against counting every possible sample, and choices that can be redone."""

from fractions import Fraction
from itertools import combinations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.held.sampling import Wanted, choose, detection, sample_size


def counted(total: int, damaged: int, sample: int) -> Fraction:
    """The probability by trying every sample there is; the first files are the damaged ones."""
    every = list(combinations(range(total), sample))
    return Fraction(sum(any(each < damaged for each in one) for one in every), len(every))


@given(st.integers(1, 9), st.data())
def test_the_probability_is_what_counting_every_sample_gives(
    total: int, data: st.DataObject
) -> None:
    damaged, sample = data.draw(st.integers(1, total)), data.draw(st.integers(0, total))

    assert detection(total, damaged, sample) == counted(total, damaged, sample)


@given(
    st.integers(1, 300),
    st.fractions(min_value=Fraction(1, 1000), max_value=1),
    st.fractions(min_value=Fraction(1, 100), max_value=1),
)
def test_the_size_is_the_smallest_that_is_enough(
    total: int, share: Fraction, probability: Fraction
) -> None:
    size = sample_size(total, share, probability)

    damaged = max(1, -(-total * share.numerator // share.denominator))
    enough = [
        each
        for each in range(1, total + 1)
        if 1 - Fraction(comb(total - damaged, each), comb(total, each)) >= probability
    ]
    assert size == enough[0]


@pytest.mark.parametrize(
    ("total", "share", "probability", "size"),
    [
        (0, "0.01", "0.95", 0),
        (12, "0.01", "0.95", 12),
        (100, "0.01", "0.95", 95),
        (10_000, "0.01", "0.95", 294),
        (1_000_000, "0.01", "0.95", 299),
        (1_000_000, "0.001", "0.95", 2_990),
        (1_000_000, "0.000001", "0.95", 950_000),
        (1_000_000, "1", "1", 1),
    ],
)
def test_the_sizes_that_the_field_knows(
    total: int, share: str, probability: str, size: int
) -> None:
    assert sample_size(total, Fraction(share), Fraction(probability)) == size


def test_a_number_of_files_is_taken_at_its_word() -> None:
    assert [Wanted(files=5).size(total) for total in (3, 100)] == [3, 5]


@given(st.integers(1, 200), st.integers(0, 250), st.binary(min_size=1, max_size=8))
def test_a_choice_is_the_same_for_one_seed_and_names_each_file_once(
    total: int, count: int, seed: bytes
) -> None:
    chosen = choose(total, count, seed)

    assert chosen == choose(total, count, seed)
    assert len(set(chosen)) == min(count, total)
    assert all(1 <= each <= total for each in chosen)


def test_each_file_is_chosen_as_often_as_another() -> None:
    times = [0] * 20
    for seed in range(4_000):
        for number in choose(20, 5, seed.to_bytes(4, "big")):
            times[number - 1] += 1

    # A thousand each is expected; six standard deviations are 164.
    assert all(abs(each - 1_000) < 164 for each in times)
