"""Progress as an object that is handed in: silent unless somebody watches."""

from typing import Protocol


class Progress(Protocol):
    """Is told what is under way and how far it is."""

    def begin(self, what: str, total: int) -> None:
        """`total` pieces of `what` are about to be done."""
        ...

    def advance(self, what: str, done: int = 1) -> None:
        """`done` more pieces of `what` are finished."""
        ...


class Silent:
    """Watches nothing."""

    def begin(self, what: str, total: int) -> None:
        """Nobody is told."""

    def advance(self, what: str, done: int = 1) -> None:
        """Nobody is told."""
