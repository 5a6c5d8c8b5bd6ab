"""A table-driven judge of XML trees: elements, order, occurrence, attributes and simple types.

A schema is a table of ours (a `Schema`); `validate` judges a tree by it as an XML Schema
validator would judge it by the official XSD, and says in one finding per fault what is wrong.
Expressible: sequences and choices of elements, occurrence, simple values, values with
attributes, defaults, content that is skipped (xs:any), xsi:type and the other xsi attributes.

Source: W3C XML Schema Part 1: Structures, 3.3.4, 3.4.4 and 2.6.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import le

from lxml import etree

from formats.datatypes import BUILT_IN, XML_SPACE, SimpleType
from formats.findings import Finding, finding
from formats.xmldoc import local_name, namespace

UNBOUNDED = 2**31
SHOWN_CHARACTERS = 80
MAX_FINDINGS = 200

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
_XSI_TYPE = f"{{{XSI}}}type"
_XSI_NIL = f"{{{XSI}}}nil"
_XSI_LOCATIONS = (f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation")


class SchemaFault(StrEnum):
    """The ways in which a tree departs from its schema; each schema gives each its own code."""

    ROOT = "root"
    UNKNOWN = "unknown element"
    MISSING = "missing element"
    TOO_MANY = "too many"
    ORDER = "order"
    VALUE = "value"
    TEXT = "text between elements"
    CHILD = "element inside a value"
    ATTRIBUTE = "attribute"
    XSI = "xsi attribute"
    MORE = "more faults than are listed"


class Content(StrEnum):
    """What may stand inside an element."""

    VALUE = "value"
    SEQUENCE = "sequence"
    CHOICE = "choice"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Element:
    """A declared element: its name, its type, how often it occurs, and a default for emptiness."""

    name: str
    type: "SimpleType | ComplexType"
    least: int = 1
    most: int = 1
    default: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ComplexType:
    """Content with children or attributes.

    SEQUENCE: `elements` in this order; CHOICE: exactly one of `elements`; VALUE: a text of
    type `value`; SKIPPED: any elements, unread (xs:any, processContents="skip").
    `name` is the XSD's name for it (xsi:type may call it), `base` what it is derived from.
    """

    content: Content
    elements: tuple[Element, ...] = ()
    attributes: frozenset[str] = frozenset()
    value: SimpleType | None = None
    name: str = ""
    base: "ComplexType | None" = None
    places: Mapping[str, int] = field(init=False)
    bounds: tuple[tuple[int, ...], tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Index the elements by name; names within one content are different."""
        places = {element.name: at for at, element in enumerate(self.elements)}
        assert len(places) == len(self.elements)
        assert (self.value is not None) == (self.content is Content.VALUE)
        bounds = (tuple(e.least for e in self.elements), tuple(e.most for e in self.elements))
        object.__setattr__(self, "places", places)
        object.__setattr__(self, "bounds", bounds)

    def derives_from(self, other: "ComplexType") -> bool:
        """Whether xsi:type may name this type where `other` was declared."""
        kind: ComplexType | None = self
        while kind is not None and kind is not other:
            kind = kind.base
        return kind is not None


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A whole schema: one namespace, one root, the types that have a name, a code per fault."""

    namespace: str
    root: Element
    codes: Mapping[SchemaFault, str]
    named: tuple[ComplexType, ...] = ()


def sequence(
    *elements: Element,
    name: str = "",
    attributes: frozenset[str] = frozenset(),
    base: ComplexType | None = None,
) -> ComplexType:
    """A type whose elements stand in this order."""
    return ComplexType(Content.SEQUENCE, elements, attributes, name=name, base=base)


def choice(
    *elements: Element, name: str = "", attributes: frozenset[str] = frozenset()
) -> ComplexType:
    """A type that holds exactly one of these elements."""
    return ComplexType(Content.CHOICE, elements, attributes, name=name)


def value_of(
    value: SimpleType,
    *,
    name: str = "",
    attributes: frozenset[str] = frozenset(),
    base: ComplexType | None = None,
) -> ComplexType:
    """A type that holds a text and may bear attributes."""
    return ComplexType(Content.VALUE, (), attributes, value, name, base)


def skipped(*, name: str = "", attributes: frozenset[str] = frozenset()) -> ComplexType:
    """A type that holds any elements of any namespace, unread."""
    return ComplexType(Content.SKIPPED, (), attributes, name=name)


def validate(root: etree._Element, schema: Schema, where: str) -> list[Finding]:
    """Everything in which the tree departs from the schema; empty means: valid.

    `where` is the sender's path of the document; line and element are added to it.
    """
    judging = _Judging(schema, where)
    if root.tag != judging.prefix + schema.root.name:
        expected = f"{schema.root.name} ({schema.namespace})"
        found = f"{local_name(root)} ({namespace(root)})"
        judging.blame(SchemaFault.ROOT, root, found, expected)
    else:
        _judge(root, schema.root, judging)
    if judging.left_out:
        more = finding(schema.codes[SchemaFault.MORE], where, judging.left_out, MAX_FINDINGS)
        judging.findings.append(more)
    return judging.findings


def line_of(element: etree._Element, where: str) -> str:
    """The place of an element in the words of the sender: path, line, name."""
    return f"{where}, regel {element.sourceline or 0}, {_shown(local_name(element))}"


def text_of(element: etree._Element) -> str:
    """The text of an element that holds no elements: comments and instructions fall away."""
    text = element.text or ""
    if len(element):
        text += "".join(child.tail or "" for child in element)
    return text


class _Judging:
    """One run over one tree: what is being judged by, and what was found."""

    __slots__ = ("findings", "left_out", "prefix", "schema", "where")

    def __init__(self, schema: Schema, where: str) -> None:
        self.schema = schema
        self.where = where
        self.prefix = f"{{{schema.namespace}}}"
        self.findings: list[Finding] = []
        self.left_out = 0

    def blame(
        self, fault: SchemaFault, element: etree._Element, found: str, expected: str = ""
    ) -> None:
        """Add a finding about an element; past MAX_FINDINGS they are only counted."""
        if len(self.findings) >= MAX_FINDINGS:
            self.left_out += 1
            return
        place = line_of(element, self.where)
        self.findings.append(finding(self.schema.codes[fault], place, _shown(found), expected))


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _judge(element: etree._Element, declared: Element, judging: _Judging) -> None:
    kind = declared.type
    if names := element.keys():
        narrowed = _judge_attributes(element, names, kind, judging)
        if narrowed is None:
            return
        kind = narrowed
    if isinstance(kind, SimpleType):
        _judge_value(element, kind, declared.default, judging)
    elif kind.value is not None:
        _judge_value(element, kind.value, declared.default, judging)
    else:
        _judge_children(element, kind, judging)


def _judge_value(
    element: etree._Element, kind: SimpleType, default: str | None, judging: _Judging
) -> None:
    text = element.text or ""
    if len(element):
        strangers = [child for child in element if isinstance(child.tag, str)]
        if strangers:
            judging.blame(SchemaFault.CHILD, strangers[0], local_name(strangers[0]), kind.example)
            return
        text = text_of(element)
    if kind.accepts is None:
        return
    text = text or default or ""
    if not kind.accepts(kind.judged(text)):
        judging.blame(SchemaFault.VALUE, element, text, kind.example)


def _judge_children(element: etree._Element, kind: ComplexType, judging: _Judging) -> None:
    if (text := element.text) and (stray := text.strip(XML_SPACE)):
        judging.blame(SchemaFault.TEXT, element, stray)
    prefix, places, elements = judging.prefix, kind.places, kind.elements
    cut = len(prefix)
    counts = [0] * len(elements)
    latest, fits = 0, True
    for child in element:
        tag = child.tag
        if (tail := child.tail) and (stray := tail.strip(XML_SPACE)):
            judging.blame(SchemaFault.TEXT, element, stray)
        if not isinstance(tag, str) or kind.content is Content.SKIPPED:
            continue
        at = places.get(tag[cut:]) if tag.startswith(prefix) else None
        if at is None:
            fits = False
            continue
        counts[at] += 1
        if at < latest:
            fits = False
        latest = at
        _judge(child, elements[at], judging)
    if not fits or not _occurrence_fits(kind, counts):
        _explain_children(element, kind, counts, judging)


def _occurrence_fits(kind: ComplexType, counts: list[int]) -> bool:
    if kind.content is Content.CHOICE:
        return sum(counts) == 1
    least, most = kind.bounds
    return all(map(le, least, counts)) and all(map(le, counts, most))


def _explain_children(
    element: etree._Element, kind: ComplexType, counts: list[int], judging: _Judging
) -> None:
    children = [child for child in element if isinstance(child.tag, str)]
    places = [_place(child, kind, judging) for child in children]
    for child, place in zip(children, places, strict=True):
        if place is None:
            _explain_stranger(child, kind, judging)
    if kind.content is Content.CHOICE:
        _explain_choice(element, kind, children, judging)
        return
    _explain_occurrence(element, kind, counts, judging)
    for child in _misplaced(
        [(c, p) for c, p in zip(children, places, strict=True) if p is not None]
    ):
        order = " > ".join(declared.name for declared in kind.elements)
        judging.blame(SchemaFault.ORDER, child, local_name(child), order)


def _place(child: etree._Element, kind: ComplexType, judging: _Judging) -> int | None:
    tag = str(child.tag)
    if not tag.startswith(judging.prefix):
        return None
    return kind.places.get(tag[len(judging.prefix) :])


def _explain_stranger(child: etree._Element, kind: ComplexType, judging: _Judging) -> None:
    own = namespace(child) == judging.schema.namespace
    found = local_name(child) if own else f"{local_name(child)} ({namespace(child) or '-'})"
    expected = local_name(child) + f" ({judging.schema.namespace})"
    known = local_name(child) in kind.places
    names = expected if known else " | ".join(declared.name for declared in kind.elements)
    judging.blame(SchemaFault.UNKNOWN, child, found, names)


def _explain_choice(
    element: etree._Element, kind: ComplexType, children: list[etree._Element], judging: _Judging
) -> None:
    options = " | ".join(declared.name for declared in kind.elements)
    if not children:
        judging.blame(SchemaFault.MISSING, element, "", options)
    for extra in children[1:]:
        judging.blame(SchemaFault.TOO_MANY, extra, local_name(extra), options)


def _explain_occurrence(
    element: etree._Element, kind: ComplexType, counts: list[int], judging: _Judging
) -> None:
    for declared, count in zip(kind.elements, counts, strict=True):
        if count < declared.least:
            judging.blame(SchemaFault.MISSING, element, local_name(element), declared.name)
        elif count > declared.most:
            judging.blame(
                SchemaFault.TOO_MANY, element, f"{declared.name} x {count}", str(declared.most)
            )


def _misplaced(placed: list[tuple[etree._Element, int]]) -> list[etree._Element]:
    """The fewest children that would have to move for the rest to stand in order."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_child, place) in enumerate(placed):
        length = bisect_right(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [at]
    kept = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [child for at, (child, _place) in enumerate(placed) if at not in kept]


def _judge_attributes(
    element: etree._Element,
    names: Iterable[str | bytes],
    kind: SimpleType | ComplexType,
    judging: _Judging,
) -> SimpleType | ComplexType | None:
    """The type to judge the content by (xsi:type may narrow it); None when there is none."""
    allowed = kind.attributes if isinstance(kind, ComplexType) else frozenset()
    narrowed: SimpleType | ComplexType | None = kind
    for name in map(str, names):
        if name == _XSI_TYPE:
            narrowed = _type_called(element, kind, judging)
        if name == _XSI_NIL or narrowed is None:
            judging.blame(SchemaFault.XSI, element, f"{name.split('}')[1]}={element.get(name)}")
            return None
        if name not in allowed and name != _XSI_TYPE and name not in _XSI_LOCATIONS:
            judging.blame(SchemaFault.ATTRIBUTE, element, name, ", ".join(sorted(allowed)))
    return narrowed


def _type_called(
    element: etree._Element, declared: SimpleType | ComplexType, judging: _Judging
) -> SimpleType | ComplexType | None:
    prefix, _, name = (element.get(_XSI_TYPE) or "").rpartition(":")
    uri = element.nsmap.get(prefix or None)
    if uri == XSD and isinstance(declared, SimpleType):
        kind = BUILT_IN.get(f"xs:{name}")
        return kind if kind is not None and kind.derives_from(declared) else None
    if uri == judging.schema.namespace and isinstance(declared, ComplexType):
        named = [each for each in judging.schema.named if each.name == name]
        return named[0] if named and named[0].derives_from(declared) else None
    return None
