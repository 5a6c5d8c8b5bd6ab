"""What a declaration needs from the depot's settings: names, places, backups, published lists."""

from edepot.config import Config, StoreKind
from edepot.depot import software
from retention.declaration_facts import BackupSet, Context, Place
from retention.selection_list import known_years, read_selection_list


def context_of(config: Config, zorgdrager: str) -> Context:
    """The context of a zorgdrager's declarations."""
    names = {each.id: each.name for each in config.zorgdragers}
    places = {
        each.name: Place(
            each.name,
            "local" if each.kind is StoreKind.LOCAL else "s3",
            each.place if each.kind is StoreKind.S3 else each.name,
            each.encryption,
        )
        for each in config.stores
    }
    return Context(
        zorgdrager_name=names.get(zorgdrager, zorgdrager),
        places=places,
        backups=tuple(BackupSet(each.name, each.covers, each.keep_days) for each in config.backups),
        published={str(year): _published(year) for year in known_years()},
        software=software(),
    )


def _published(year: int) -> str:
    found = read_selection_list(year)
    return f"{found.title} ({found.published})"
