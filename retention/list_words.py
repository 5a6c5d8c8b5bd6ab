"""The words of a selection list as people write them: valuations, process terms, terms.

Source: VNG's spreadsheet of the Selectielijst gemeenten; the code list of the process terms.
"""

import re

from retention.selection_list import ProcessTerm, Valuation
from retention.terms import NotATerm, read_term

_AMOUNT = re.compile(
    r"([0-9]{1,3})(?:[.,]([05]))?\s*(jaar|jaren|maand|maanden|week|weken|dag|dagen)"
)
_UNITS = {"j": "Y", "m": "M", "w": "W", "d": "D"}
_AT_ONCE = ("direct", "onmiddellijk", "meteen")
_REMARK = re.compile(r"([^,(]*[0-9][^,(]*)[,(]")
_ON_EVENT = re.compile(r"(na \w+) .*\bterstond vernietigen")
_VALUATIONS = {
    "vernietigen": Valuation.DESTROY,
    "v": Valuation.DESTROY,
    "blijvend_bewaren": Valuation.KEEP,
    "blijvend bewaren": Valuation.KEEP,
    "bewaren": Valuation.KEEP,
    "b": Valuation.KEEP,
}
_TERMS = (
    ("ingeschatte", ProcessTerm.ESTIMATED_LIFE_OF_OBJECT),
    ("bestaansduur", ProcessTerm.LIFE_OF_OBJECT),
    ("bestaans- of geldigheidsduur", ProcessTerm.LIFE_OF_OBJECT),
    ("vast te leggen datum", ProcessTerm.RECORDED_DATE),
    ("vast_te_leggen_datum", ProcessTerm.RECORDED_DATE),
    ("samengevoegd", ProcessTerm.WITHIN_RETENTION_TERM),
    ("nihil", ProcessTerm.NONE),
)


class NotInWords(ValueError):
    """A text that is none of the words of the list."""


def read_valuation(text: str) -> Valuation | None:
    """What a valuation says; None for an empty one (a result that lapsed).

    Raises: NotInWords.
    """
    plain = " ".join(text.lower().split())
    if not plain:
        return None
    for word in (plain, plain.split(" met uitzondering")[0]):
        if word in _VALUATIONS:
            return _VALUATIONS[word]
    raise NotInWords(text)


def has_exception(text: str) -> bool:
    """Whether a valuation keeps all but parts: "bewaren met uitzondering van …"."""
    return "uitzondering" in text.lower()


def read_process_term(text: str) -> tuple[ProcessTerm | None, str]:
    """The process term (procestermijn), and the remark that goes before it ("25 jaar").

    Raises: NotInWords.
    """
    plain = " ".join(text.lower().split())
    if not plain:
        return None, ""
    for words, term in _TERMS:
        if words in plain:
            remark = _REMARK.match(plain)
            return term, remark[1].strip() if remark else ""
    raise NotInWords(text)


def read_retention_term(text: str) -> str:
    """A retention term (bewaartermijn) as an ISO duration: "1,5 jaar" is P1Y6M, "Direct" is P0D.

    An ISO duration stays as it is. Raises: NotInWords.
    """
    plain = " ".join(text.split())
    if not plain:
        return ""
    try:
        read_term(plain)
    except NotATerm:
        return _in_words(plain.lower(), text)
    return plain


def read_event(text: str) -> str:
    """The event that a term waits for, where it is "at once after" one; "" where it is not."""
    match = _ON_EVENT.fullmatch(" ".join(text.lower().split()))
    return match[1] if match else ""


def is_minimum(explanation: str) -> bool:
    """Whether an explanation (toelichting) makes the term a minimum: or as much longer as is
    reasonable."""
    return "zoveel langer" in " ".join(explanation.lower().split())


def _in_words(plain: str, text: str) -> str:
    if plain.rstrip(" .") in _AT_ONCE or _ON_EVENT.fullmatch(plain):
        return "P0D"
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise NotInWords(text)
    number, half, unit = int(match[1]), match[2] == "5", _UNITS[match[3][0]]
    if half and unit != "Y":
        raise NotInWords(text)
    return (
        f"P{number}{unit}"
        if not half
        else f"P{12 * number + 6}M"
        if not number
        else f"P{number}Y6M"
    )
