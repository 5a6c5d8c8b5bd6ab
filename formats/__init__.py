"""The ground: only the standards' words; no database, no network."""
