"""The steps of the test cases, a module for each part."""
