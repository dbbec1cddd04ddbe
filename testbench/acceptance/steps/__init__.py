"""The steps of the test cases, one module for each topic."""
