"""BagIt (RFC 8493) and its earlier drafts: reading, checking and writing."""
