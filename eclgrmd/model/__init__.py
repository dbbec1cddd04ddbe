"""The words of the glossary as frozen values: what every layer may know and none may change."""
