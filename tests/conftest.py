"""What every test may ask for."""

from tests.databases import database_place, postgres_place, unmade_place

__all__ = ["database_place", "postgres_place", "unmade_place"]
