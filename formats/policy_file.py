"""Reading a format policy from TOML: every setting checked, none ignored."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from formats.policy_values import (
    CONDITIONS,
    CONFORMANCE,
    Layer,
    Level,
    Policy,
    PolicyInvalid,
    Rule,
)

BASE = "nl-voorkeur"


@cache
def base_policy() -> Policy:
    """The policy that edepot ships (formats/policies/nl-voorkeur.toml)."""
    content = files("formats").joinpath("policies", f"{BASE}.toml").read_bytes()
    return read_policy(content, None)


def read_policy(content: bytes, base: Policy | None) -> Policy:
    """The policy in a TOML document; with a base, an overlay on it.

    Raises: PolicyInvalid.
    """
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"TOML: {error}") from error
    _known(table, ("policy", "default", "any", "group", "puid"), "")
    head = _table(table, "policy")
    _known(head, ("id", "version", "date", "title", "base"), "policy.")
    identity, version = str(head.get("id", "")), str(head.get("version", ""))
    if not identity or not version:
        raise PolicyInvalid("policy.id, policy.version: -")
    layer = Layer(identity, version, dict(_puid_rules(table)), dict(_group_rules(table)))
    return _assemble(table, layer, head.get("date"), base)


def with_levels(policy: Policy, levels: Mapping[str, str], identity: str) -> Policy:
    """The policy with an overlay that gives some PUIDs another level, as an agreement may do.

    Raises: PolicyInvalid.
    """
    if not levels:
        return policy
    rules = {
        puid: Rule(f'puid."{puid}"', _level(level, f'puid."{puid}"'))
        for puid, level in levels.items()
    }
    layer = Layer(identity, policy.version, rules, {})
    return replace(policy, id=identity, layers=(layer, *policy.layers))


def _assemble(table: Mapping[str, Any], layer: Layer, dated: Any, base: Policy | None) -> Policy:
    settings = _table(table, "any")
    _known(settings, ("deny_if", "warn_if"), "any.")
    default = _table(table, "default").get("level")
    return Policy(
        id=layer.id,
        version=layer.version,
        dated=dated if isinstance(dated, date) else None,
        layers=(layer, *(base.layers if base else ())),
        default=_level(default, "default.level") if default else _default_of(base),
        deny_if=_named(settings, "deny_if", base.deny_if if base else ()),
        warn_if=_named(settings, "warn_if", base.warn_if if base else ()),
    )


def _default_of(base: Policy | None) -> Level:
    return base.default if base else Level.REVIEW


def _puid_rules(table: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    for puid in _table(table, "puid"):
        name = f'puid."{puid}"'
        yield puid, _rule(_table(_table(table, "puid"), puid), name, ())


def _group_rules(table: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    seen: dict[str, str] = {}
    for group in _table(table, "group"):
        settings = _table(_table(table, "group"), group)
        rule = _rule(settings, f"group.{group}", ("puids",))
        for puid in _texts(settings, "puids", f"group.{group}.puids"):
            if puid in seen:
                raise PolicyInvalid(f"{puid}: {seen[puid]}, group.{group}")
            seen[puid] = f"group.{group}"
            yield puid, rule


def _rule(settings: Mapping[str, Any], name: str, also: tuple[str, ...]) -> Rule:
    _known(settings, ("level", "require", "otherwise", *also), f"{name}.")
    require = _texts(settings, "require", f"{name}.require") if "require" in settings else ()
    for each in require:
        if each.partition(":")[0] != CONFORMANCE:
            raise PolicyInvalid(f"{name}.require: {each!r}, not 'conformance[:pdfa-…]'")
    otherwise = settings.get("otherwise", Level.REVIEW.value)
    level = _level(settings.get("level"), f"{name}.level")
    return Rule(name, level, tuple(require), _level(otherwise, f"{name}.otherwise"))


def _level(value: Any, name: str) -> Level:
    try:
        return Level(value)
    except ValueError as error:
        levels = ", ".join(each.value for each in Level)
        raise PolicyInvalid(f"{name}: {value!r}, not one of {levels}") from error


def _named(settings: Mapping[str, Any], key: str, inherited: tuple[str, ...]) -> tuple[str, ...]:
    if key not in settings:
        return inherited
    names = _texts(settings, key, f"any.{key}")
    for each in names:
        if each not in CONDITIONS:
            known = ", ".join(sorted(CONDITIONS))
            raise PolicyInvalid(f"any.{key}: {each!r}, not one of {known}")
    return names


def _texts(settings: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = settings.get(key)
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise PolicyInvalid(f"{name}: {value!r}, not a list of texts")
    return tuple(value)


def _table(settings: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = settings.get(key, {})
    if not isinstance(value, dict):
        raise PolicyInvalid(f"{key}: {value!r}, not a table")
    return value


def _known(settings: Mapping[str, Any], names: Iterable[str], prefix: str) -> None:
    known = tuple(names)
    for key in settings:
        if key not in known:
            raise PolicyInvalid(f"{prefix}{key}: not one of {', '.join(known)}")
