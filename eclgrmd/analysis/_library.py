"""Code libraries for numba that optimise a kernel once, together with everything it calls.

By itself numba optimises a function and generates its machine code before a caller is compiled, and
again inside every caller, up to the function that Python calls. Here a function that only other
compiled functions call stays unoptimised. It is linked into each function that Python calls, where
it is optimised with the rest.
"""

from collections.abc import Iterator
from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

__all__ = ["optimise_once"]


class _Library(JITCodeLibrary):
    """The code of one function, which is linked to what it calls when an address is wanted."""

    def add_linking_library(self, library: Any) -> None:
        """Note a library with functions that this one calls."""
        self._linking_libraries.append(library)

    def finalize(self) -> None:
        """Link everything that is called, optimise, and generate machine code."""
        for called in self._called({self}):
            self._reload_init.update(called._reload_init)
            self._final_module.link_in(called._get_module_for_linking(), preserve=True)
        self._linking_libraries.clear()
        super().finalize()  # type: ignore[no-untyped-call]

    def _called(self, seen: set[Any]) -> Iterator[Any]:
        for library in self._linking_libraries:
            if library not in seen:
                seen.add(library)
                yield library
                yield from library._called(seen)

    def _get_module_for_linking(self) -> Any:
        if self._finalized:
            return super()._get_module_for_linking()  # type: ignore[no-untyped-call]
        if self._shared_module is None:
            self._shared_module = self._final_module.clone()
            for function in self._shared_module.functions:
                if not function.is_declaration and function.linkage.name == "external":
                    function.linkage = "linkonce_odr"  # several callers may contain it
        return self._shared_module

    def get_pointer_to_function(self, name: str) -> Any:
        """Return the address of a function; 0 if it is not defined here, as without a wrapper."""
        defined = self._final_module.functions
        if not self._finalized and all(f.name != name or f.is_declaration for f in defined):
            return 0
        return super().get_pointer_to_function(name)  # type: ignore[no-untyped-call]


def optimise_once() -> None:
    """Let numba use these libraries."""
    codegen = cpu_target.target_context.codegen()
    set_env = codegen.set_env

    def set_env_of_defined(name: str, env: Any) -> None:
        if codegen._engine.is_symbol_defined(name):
            set_env(name, env)

    codegen._library_class = _Library
    codegen.set_env = set_env_of_defined
