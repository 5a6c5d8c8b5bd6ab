"""The fixity report: what a run over the copies came to, for an archivist and for an auditor."""
