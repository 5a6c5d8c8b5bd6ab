"""Numbers out of PostgreSQL as SQLite gives them: the sum of whole numbers is a whole number."""

from psycopg.adapt import Buffer, Loader


class WholeNumber(Loader):
    """Reads a NUMERIC: an int where it has no fraction (a sum of BIGINT), else a float."""

    def load(self, data: Buffer) -> int | float:
        """The number in the text of it."""
        text = bytes(data).decode("ascii")
        return int(text) if text.lstrip("-").isdigit() else float(text)
