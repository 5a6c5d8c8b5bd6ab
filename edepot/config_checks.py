"""What must hold between settings: names and places are unique, and what is asked for is there."""

from typing import TYPE_CHECKING

from edepot.settings import Table

if TYPE_CHECKING:
    from edepot.config import Config, StoreSettings


def check_stores(table: Table, config: "Config") -> None:
    """Names and places are unique, and every store that a zorgdrager asks for exists."""
    names = [each.name for each in config.stores]
    ids = [each.id for each in config.zorgdragers]
    table.refuse_twice("stores", names)
    table.refuse_twice("zorgdragers", ids)
    for position, zorgdrager in enumerate(config.zorgdragers, start=1):
        where = f"zorgdragers[{position}].stores"
        for name in zorgdrager.stores:
            if name not in names:
                table.note("E006", where, name, ", ".join(names))
        if not zorgdrager.stores:
            table.note("E007", where, 0, 1)
    _check_retired(table, config)
    places = [_one_place(each) for each in config.stores]
    for position, place in enumerate(places, start=1):
        if place in places[: position - 1]:
            table.note("E008", f"stores[{position}].path", place)


def _check_retired(table: Table, config: "Config") -> None:
    """Nobody needs a retired store, and every rhythm is of a zorgdrager that is known."""
    retired = {each.name for each in config.stores if each.retired}
    ids = [each.id for each in config.zorgdragers]
    for position, zorgdrager in enumerate(config.zorgdragers, start=1):
        for name in zorgdrager.stores:
            if name in retired:
                table.note("E012", f"zorgdragers[{position}].stores", name)
    for position, rule in enumerate(config.fixity.rhythms, start=1):
        if rule.zorgdrager and rule.zorgdrager not in ids:
            where = f"fixity.rhythms[{position}].zorgdrager"
            table.note("E013", where, rule.zorgdrager, ", ".join(ids))


def _one_place(store: "StoreSettings") -> str:
    return str(store.path.resolve()) if store.s3 is None else store.place
