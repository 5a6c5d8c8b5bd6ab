"""The documents of a disposal list: canonical JSON, CSV, a workbook, and PDF/A, full and public."""
