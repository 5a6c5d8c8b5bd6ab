"""The format policies that edepot ships, as TOML."""
