"""The database: the only package with SQL, one module for each group of tables."""
