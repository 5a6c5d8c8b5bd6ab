"""Names in a package for an archive: none of the forbidden signs, each once, none too long."""

import re

from hypothesis import given
from hypothesis import strategies as st

from edepot.transfers.names import Names

FORBIDDEN = re.compile(r'[<>:"/\\|?*#&\s]')


def test_forbidden_signs_go_and_the_extension_stays() -> None:
    names = Names()

    assert names.file("Brief aan J. & K.: wat?.pdf") == "Brief_aan_J._K._wat.pdf"
    assert names.folder("Z/2024/0001") == "Z_2024_0001"


def test_two_that_come_down_to_one_name_are_told_apart() -> None:
    names = Names()

    assert [names.file(each) for each in ("a b.txt", "a_b.txt", "A_B.TXT")] == [
        "a_b.txt",
        "a_b_2.txt",
        "A_B_3.TXT",
    ]


@given(st.lists(st.text(min_size=1, max_size=300), max_size=8))
def test_every_name_is_allowed_and_its_own(wished: list[str]) -> None:
    names = Names()

    given_names = [names.file(each) for each in wished]

    assert len({each.casefold() for each in given_names}) == len(wished)
    assert not any(FORBIDDEN.search(each) for each in given_names)
    assert all(len(f"{each}.bestand.MDTO.xml".encode()) <= 255 for each in given_names)
