"""Every SQL text is a constant of the source: values reach the server only as parameters."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import eclgrmd

PACKAGE = Path(eclgrmd.__file__).parent
RUNS_SQL = {
    "ask", "batches", "execute", "executemany", "filled", "insert_all", "later", "mogrify",
    "row", "rows", "value", "values",
}  # fmt: skip
"""Methods whose SQL argument goes to the server."""
BY_NAME = {"identifier", "columns", "placeholders"}
"""Functions of `identifiers`, which refuse everything but plain names."""
PASSED_ON = {
    "connections.py": {"sql", "text"},  # the doorway to the driver
    "transaction.py": {"sql"},  # what `Transaction` was called with
    "database.py": {"sql"},  # what `Snapshot` was called with
    "dump.py": {"table.create.replace('%', '%%')"},  # as the server wrote it into a backup
    "migrate.py": {"statement"},  # of our own migration files
}
"""By module, the expressions that are allowed to stand for SQL from another module."""
RECEIVERS = {"transaction", "reading", "snapshot", "cursor", "connections", "other"}


def constants(module: ast.Module) -> set[str]:
    """Names of module-level constants, or of such in another module, that hold SQL."""
    found: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.Assign) and is_constant(node.value, found):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            found |= {name for name in names if name.lstrip("_").isupper()}
        if isinstance(node, ast.ImportFrom):
            found |= {each.name for each in node.names if each.name.isupper()}
    return found | local_constants(module, found)


def local_constants(module: ast.Module, names: set[str]) -> set[str]:
    """Names of variables that are only ever bound to one of some constant texts."""
    bound: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                bound.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                for number, target in enumerate(targets):
                    if isinstance(target, ast.Name):
                        bound.setdefault(target.id, []).append(part(value, number))
            case _:
                pass
    everywhere = [node for node in ast.walk(module) if isinstance(node, ast.Name)]
    stored = Counter(node.id for node in everywhere if isinstance(node.ctx, ast.Store))
    passed = {node.arg for node in ast.walk(module) if isinstance(node, ast.arg)}
    found = set(names)
    for _ in bound:  # a variable may be made of another one
        found |= {
            name
            for name, values in bound.items()
            if len(values) == stored[name] and name not in passed
            if all(value is not None and is_constant(value, found) for value in values)
        }
    return found - names


def part(value: ast.expr, number: int) -> ast.expr | None:
    """Return what one of several variables is bound to; None: that cannot be seen."""
    match value:
        case ast.Tuple(elts=parts) if number < len(parts):
            return parts[number]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            one, other = part(body, number), part(orelse, number)
            return None if one is None or other is None else ast.IfExp(test, one, other)
        case _:
            return None


def is_constant(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression consists of literals and such names only."""
    parts: list[ast.expr] = []
    match node:
        case ast.JoinedStr(values=parts):
            pass
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            parts = [value]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            parts = [body, orelse]
        case ast.Call(func=ast.Name(id=name)):
            return name in BY_NAME
        case _:
            return is_plain(node, names)
    return all(is_constant(part, names) for part in parts)


def is_plain(node: ast.expr, names: set[str]) -> bool:
    """Return whether an expression is a literal text or the name of one."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name):
            return name in names
        case _:
            return False


def receiver(node: ast.expr) -> str:
    """Return the last name of what a method is called on."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
        case _:
            return ""


def faults(source: str, passed_on: set[str]) -> Iterator[str]:
    """Return the places of SQL that is not constant."""
    module = ast.parse(source)
    names = constants(module)
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in RUNS_SQL or receiver(node.func.value) not in RECEIVERS:
            continue
        texts = [each for each in node.args if not is_type(each)][:1]
        for text in texts:
            if not is_constant(text, names) and ast.unparse(text) not in passed_on:
                yield f"line {node.lineno}: {ast.unparse(text)[:200]}"


def is_type(node: ast.expr) -> bool:
    """Return whether an argument is the type to which rows are converted."""
    if not isinstance(node, ast.Name):
        return False
    name = node.id.lstrip("_")
    return name in BUILTINS or (name[0].isupper() and not name.isupper())


BUILTINS = {"int", "str", "float", "bool", "dict", "datetime", "bytes", "object"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_statement_is_spelled_out(path: Path) -> None:
    passed_on = PASSED_ON.get(path.name, set()) if path.is_relative_to(PACKAGE / "store") else set()
    assert list(faults(path.read_text(encoding="utf-8"), passed_on)) == []


@pytest.mark.parametrize(
    "line",
    [
        'transaction.later(f"DELETE FROM task WHERE task_id = {name!r}")',
        "transaction.later(\"DELETE FROM task WHERE task_id = '%s'\" % name)",
        'transaction.later("DELETE FROM task WHERE task_id = {}".format(name))',
        'transaction.later("DELETE FROM task WHERE task_id = " + name)',
        'transaction.rows(f"SELECT {columns} FROM task")',
        'transaction.rows(f"SELECT {_COLUMNS} FROM task")',
        'transaction.rows(Task, f"SELECT {_KNOWN} FROM {table}")',
        'self._cursor.execute(f"{_KNOWN:>20}")',
        "transaction.later(sql)",
        'way = name\ntransaction.rows(f"SELECT a FROM task ORDER BY a {way}")',
        'way = "ASC" if up else name\ntransaction.rows(f"SELECT a FROM task ORDER BY a {way}")',
        'way = "ASC"\nway += name\ntransaction.rows(f"SELECT a FROM task ORDER BY a {way}")',
        'def f(way):\n    transaction.rows(f"SELECT a FROM task ORDER BY a {way}")\nway = "ASC"',
    ],
)
def test_a_statement_made_of_a_value_is_found(line: str) -> None:
    assert len(list(faults(f'_KNOWN = "a, b"\n{line}', set()))) == 1


@pytest.mark.parametrize(
    "line",
    [
        'transaction.rows(f"SELECT {_KNOWN} FROM task WHERE a = %(a)s", a=name)',
        'transaction.rows(Task, "SELECT a " f"FROM {identifier(table)}")',
        'transaction.later("SELECT " + _KNOWN)',
        'a, way = ("<", "ASC") if up else (">", "DESC")\ntransaction.rows(f"SELECT {a} {way}")',
    ],
)
def test_constants_and_checked_names_may_stand_in_a_statement(line: str) -> None:
    assert list(faults(f'_KNOWN = "a, b"\n{line}', set())) == []
