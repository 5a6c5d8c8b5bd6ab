"""The tables of held stores: parties, the files they hold, their statements and challenges."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text

from storage.database import METADATA

PARTIES = Table(
    "held_parties",
    METADATA,
    # Every version of every contract record; the newest counts, none is ever changed.
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("zorgdrager", Text, nullable=False),
    # The record as canonical JSON; its digest stands in the ledger.
    Column("record", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
)

HELD_ITEMS = Table(
    "held_items",
    METADATA,
    # What a party holds, by its first accepted list; only ever added to.
    Column("party", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False),
    # Hex; "" where the list names the other one only.
    Column("sha256", Text, nullable=False),
    Column("sha512", Text, nullable=False),
    # -1 where the list does not say.
    Column("size_bytes", BigInteger, nullable=False),
    Column("added_at", Text, nullable=False),
    # The last verdict of a run, and when it came; "" for never: not checked changes neither.
    Column("checked_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)

STATEMENTS = Table(
    "held_statements",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # SHA-256 of the list and of the signature, as they are kept in PAPERS; "" for no signature.
    Column("paper", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("received_at", Text, nullable=False),
    # The date and number that the party itself wrote in it; "" and 0 for none.
    Column("stated_at", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    # From when it speaks: what it states, or when it came; its rhythm counts from there.
    Column("heard_at", Text, nullable=False),
    Column("lines", BigInteger, nullable=False),
    Column("findings", Text, nullable=False),
)

EXCEPTIONS = Table(
    "held_exceptions",
    METADATA,
    # The items of which a statement does not say what the baseline says; all others it confirms.
    Column("party", Text, primary_key=True),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("item", BigInteger, primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("found", Text, nullable=False),
)

UNEXPECTED = Table(
    "held_unexpected",
    METADATA,
    # The lines of a statement of which the baseline knows nothing.
    Column("party", Text, primary_key=True),
    Column("statement", Integer, primary_key=True, autoincrement=False),
    Column("line", BigInteger, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("sha512", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
)

ROUNDS = Table(
    "held_rounds",
    METADATA,
    # Secrets made while we had the bytes: each round is used for one challenge.
    Column("party", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("challenge", Text, nullable=False),
)

ROUND_MACS = Table(
    "held_round_macs",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("item", BigInteger, primary_key=True, autoincrement=False),
    Column("mac", Text, nullable=False),
)

CHALLENGES = Table(
    "held_challenges",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("party", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    # 0 when the nonce is of no round.
    Column("round", Integer, nullable=False),
    Column("paper", Text, nullable=False),
    Column("items", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("sent_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("answered_at", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("findings", Text, nullable=False),
)

CHALLENGED = Table(
    "held_challenged",
    METADATA,
    # The files of a challenge, and what the answer came to; `not_checked` until there is one.
    Column("challenge", Text, primary_key=True),
    Column("item", BigInteger, primary_key=True, autoincrement=False),
    Column("party", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("answered_at", Text, nullable=False),
)

PAPERS = Table(
    "held_papers",
    METADATA,
    # What parties handed in and what we sent, byte for byte, in parts that zlib made smaller.
    Column("digest", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
