"""The page of the glossary, from that of the package."""

import eclgrmd

__all__ = ["glossary_page", "terms"]


def terms() -> dict[str, str]:
    """Return the terms of the package's docstring with their meaning."""
    text = (eclgrmd.__doc__ or "").partition("\nGlossary\n--------\n")[2]
    found: dict[str, str] = {}
    term = ""
    for line in text.splitlines():
        if line and not line.startswith(" "):
            term = line.strip()
        elif line.strip():
            found[term] = f"{found.get(term, '')} {line.strip()}".strip()
    return found


def glossary_page() -> str:
    """Return the page in Markdown."""
    lines = [f"{term}\n: {meaning}\n" for term, meaning in sorted(terms().items())]
    return (
        "# Glossary\n\nOne word for each thing, in the code, in messages and on these pages.\n\n"
        + "\n".join(lines)
    )
