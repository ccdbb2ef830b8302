"""Work that ends the process it is done in: once, or whenever it meets some numbers."""

import os
import signal


class Doubling:
    """Doubles numbers, and tells in which process."""

    def __init__(self) -> None:
        self.batches = 0

    def __call__(self, numbers):
        self.batches += 1
        return [(2 * number, os.getpid()) for number in numbers]


def die():
    os.kill(os.getpid(), signal.SIGKILL)


class DyingOnce(Doubling):
    """Dies of one number, but only the first time."""

    def __init__(self, number, traces):
        super().__init__()
        self.number, self.trace = number, traces / "died"

    def __call__(self, numbers):
        if self.number in numbers and not self.trace.exists():
            self.trace.touch()
            die()
        return super().__call__(numbers)


class DyingAlways(Doubling):
    """Dies of some numbers, whenever it meets them."""

    def __init__(self, *deadly):
        super().__init__()
        self.deadly = set(deadly)

    def __call__(self, numbers):
        if self.deadly & set(numbers):
            die()
        return super().__call__(numbers)
