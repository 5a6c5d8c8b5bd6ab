"""veraPDF's validation profiles: read from its jar and made into its own Java values."""

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from formats.xmldoc import parse_xml

SPACE = "{http://www.verapdf.org/ValidationProfile}"
VALUES = "org.verapdf.pdfa.validation.profiles"


def read_profile(jpype: Any, jars: tuple[Path, ...], flavour: str) -> Any:
    """The ValidationProfile of a flavour such as "2b".

    Raises: KeyError when no jar holds it (the installation is not one that we know).
    """
    root = parse_xml(_profile_bytes(jars, flavour))
    profiles = jpype.JClass(f"{VALUES}.Profiles")
    hash_set, now = jpype.JClass("java.util.HashSet"), jpype.JClass("java.util.Date")()
    rules, variables = hash_set(), hash_set()
    for element in root.iter(f"{SPACE}rule"):
        rules.add(_rule(jpype, profiles, element))
    for element in root.iter(f"{SPACE}variable"):
        variables.add(
            profiles.variableFromValues(
                element.get("name"),
                element.get("object"),
                _text(element, "defaultValue"),
                _text(element, "value"),
            )
        )
    details = profiles.profileDetailsFromValues(f"PDF/A-{flavour}", "", "veraPDF", now)
    flavours = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
    return profiles.profileFromValues(flavours.byFlavourId(flavour), details, "", rules, variables)


def _profile_bytes(jars: tuple[Path, ...], flavour: str) -> bytes:
    name = f"org/verapdf/pdfa/validation/PDFA-{flavour.upper()}.xml"
    for jar in jars:
        with zipfile.ZipFile(jar) as archive:
            if name in archive.namelist():
                return archive.read(name)
    raise KeyError(name)


def _rule(jpype: Any, profiles: Any, element: etree._Element) -> Any:
    specifications = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    identity = _child(element, "id")
    rule_id = profiles.ruleIdFromValues(
        specifications.valueOf(identity.get("specification")),
        identity.get("clause"),
        int(str(identity.get("testNumber"))),
    )
    deferred = element.get("deferred")
    boolean = jpype.JClass("java.lang.Boolean")
    return profiles.ruleFromValues(
        rule_id,
        element.get("object"),
        None if deferred is None else boolean.valueOf(deferred == "true"),
        element.get("tags"),
        _text(element, "description"),
        _text(element, "test"),
        _error(jpype, profiles, _child(element, "error")),
        _references(jpype, profiles, element),
    )


def _error(jpype: Any, profiles: Any, element: etree._Element) -> Any:
    argument = jpype.JClass(f"{VALUES}.ErrorArgumentImpl")
    arguments = jpype.JClass("java.util.ArrayList")()
    for each in element.iter(f"{SPACE}argument"):
        arguments.add(argument.fromValues(each.text or "", each.get("name"), None))
    return profiles.errorFromValues(_text(element, "message"), arguments)


def _references(jpype: Any, profiles: Any, element: etree._Element) -> Any:
    references = jpype.JClass("java.util.ArrayList")()
    for each in element.iter(f"{SPACE}reference"):
        references.add(
            profiles.referenceFromValues(each.get("specification") or "", each.get("clause") or "")
        )
    return references


def _child(element: etree._Element, name: str) -> etree._Element:
    found = element.find(f"{SPACE}{name}")
    if found is None:
        raise KeyError(name)
    return found


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{SPACE}{name}")
    return "" if found is None else found.text or ""
