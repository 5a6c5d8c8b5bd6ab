"""The rhythm and the prices of a depot, as its configuration says."""

from collections.abc import Mapping

from edepot.config import Config, StoreKind
from storage.fixity.rhythm import Place, Policies, Price, Rhythm, Rule


def policies_of(config: Config) -> Policies:
    """Within how many days the copies of every store and zorgdrager are checked."""
    rules = tuple(Rule(each.store, each.zorgdrager, each.days) for each in config.fixity.rhythms)
    places = {
        each.name: Place.LOCAL if each.kind is StoreKind.LOCAL else Place.CLOUD
        for each in config.stores
    }
    return Policies(Rhythm(config.fixity.local_days, config.fixity.cloud_days, rules), places)


def prices_of(config: Config) -> Mapping[str, Price]:
    """What reading from each store costs."""
    return {
        each.name: Price(each.price.per_gb, each.price.per_1000_requests) for each in config.stores
    }
