"""The door: stores, packages, catalogue and ledger."""
