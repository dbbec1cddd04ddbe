"""Who may do what: the client of a request, its role, and what a route needs."""
