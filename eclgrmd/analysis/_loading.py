"""Quick loading of kernels that are compiled already.

Before numba loads machine code, it prepares its compiler. It also parses the code of each kernel as
other kernels could inline it. That took a fifth of the time in which a burst is analysed, and only
a compilation needs it. Here both wait for the first compilation.
"""

from collections.abc import Callable
from typing import Any

from llvmlite.binding import parse_bitcode
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys

__all__ = ["set_cache"]


class _Library(JITCodeLibrary):
    """Machine code from the cache."""

    bitcode = b""
    """The same code for the optimiser."""

    def load(self, object_code: bytes, bitcode: bytes, symbols: set[str]) -> None:
        """Make machine code callable that defines certain symbols."""
        self.bitcode = bitcode
        self.enable_object_caching()
        self._set_compiled_object(object_code)
        self._finalize_final_module()
        engine = self._codegen._engine  # noqa: SLF001 - numba has no public way
        engine._defined_symbols |= symbols  # noqa: SLF001

    def _get_module_for_linking(self) -> Any:
        """Return the code that a kernel can inline which is compiled now."""
        if self._shared_module is None:
            self._shared_module = parse_bitcode(self.bitcode)
        return self._shared_module


class _Loader(CompileResultCacheImpl):
    """Restores kernels; saving is numba's own."""

    def rebuild(self, target_context: Any, payload: tuple[Any, ...]) -> CompileResult:
        """Return a kernel with its machine code, from what numba has stored."""
        (name, _, (object_code, bitcode)), fndesc, env, *middle, reload_init, environments = payload
        signature, object_mode, lifted, annotation = middle
        for function in reload_init:
            function()
        codegen = target_context.codegen()
        library = _Library(codegen, name)
        names = {fndesc.llvm_cpython_wrapper_name, fndesc.llvm_func_name, fndesc.env_name}
        library.load(object_code, bitcode, names | {each.env_name for each in environments})
        entry = target_context.get_executable(library, fndesc, env)
        for each in environments:
            codegen.set_env(each.env_name, each)
        return CompileResult(
            typing_context=target_context.typing_context,
            target_context=target_context,
            entry_point=entry,
            typing_error=None,
            type_annotation=annotation,
            signature=signature,
            objectmode=object_mode,
            lifted=lifted,
            fndesc=fndesc,
            library=library,
            call_helper=None,
            environment=env,
            metadata=None,
            reload_init=reload_init,
            referenced_envs=environments,
        )


class _Cache(FunctionCache):
    """The cache of a kernel; its files are numba's own."""

    _impl_class = _Loader

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Return the kernel for a signature; None if it has to be compiled."""
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)
        return None


def set_cache(kernel: Any, function: Callable[..., object]) -> None:
    """Make the machine code of a kernel load quickly from its cache."""
    kernel._cache = _Cache(function)  # noqa: SLF001 - numba has no public way
