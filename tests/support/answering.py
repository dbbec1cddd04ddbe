"""Workers that compute nothing and answer what a test wants."""

from typing import Any

from eclgrmd.compute import Workers

__all__ = ["Answering"]


class Answering(Workers):
    """Workers whose functions have just this outcome."""

    def __init__(self, outcome: object) -> None:
        super().__init__(0)
        self.calls: list[tuple[object, ...]] = []
        self._outcome = outcome

    async def start(self) -> None:
        """Start no process, since there is nothing to compute."""

    async def call(self, *arguments: object, **_options: object) -> Any:
        self.calls.append(arguments)
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome
