"""The steps by which the database's schema came to be, each a file in versions/."""
