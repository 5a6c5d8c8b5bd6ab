"""Transfers: the packages for the archive service, and the papers that go with them."""
