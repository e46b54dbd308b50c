"""Chance, by seed: the durations AWS would take and the identifiers it would give."""

import random
import string
from datetime import timedelta

LOWER_ALPHANUMERIC = string.ascii_lowercase + string.digits


class Dice:
    """Repeats exactly for a given seed and order of draws."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose, guards nothing

    def reset(self) -> None:
        """Start the sequence again."""
        self._random.seed(self.seed)

    def seconds(self, low: float, high: float) -> timedelta:
        """A duration between two numbers of AWS seconds."""
        return timedelta(seconds=round(self._random.uniform(low, high), 3))

    def letters(self, length: int, alphabet: str = LOWER_ALPHANUMERIC) -> str:
        """That many characters of the alphabet."""
        return "".join(self._random.choices(alphabet, k=length))

    def digits(self, length: int) -> str:
        """A number of that many digits, the first not zero."""
        return self.letters(1, "123456789") + self.letters(length - 1, string.digits)

    def happens(self, probability: float) -> bool:
        """True with that probability."""
        return self._random.random() < probability
