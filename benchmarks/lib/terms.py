"""The terms of the cost table: samples, bounds, lines, and the sources lines are measured by."""
from dataclasses import dataclass, field
from typing import Callable, Dict, Optional, Tuple

from lib import brokers


@dataclass(frozen=True)
class Sample:
    """What one measurement gave: a cost, a rate, or both; `stated` has what else there is to say."""
    cost: Optional[float] = None
    rate: Optional[float] = None
    stated: Dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bound:
    """A limit on a value: `kind` is one of <=, < and >=."""
    kind: str
    limit: float

    def holds(self, value):
        if self.kind == '<=':
            return value <= self.limit
        return value < self.limit if self.kind == '<' else value >= self.limit

    def __str__(self):
        return f'{self.kind} {self.limit:,g}'


@dataclass(frozen=True)
class Line:
    """One row of the table. Bounds on ratios need RabbitMQ, the others do not."""
    name: str
    unit: str
    cost_ratio: Optional[Bound] = None
    rate_ratio: Optional[Bound] = None
    cost: Optional[Bound] = None
    rate: Optional[Bound] = None
    # Bounds on what is stated, by name.
    beside: Dict[str, Bound] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Source:
    """What measures one line, or several at once: `run(broker, warm, options)` gives a sample for
    each of them, by name."""
    lines: Tuple[Line, ...]
    life: str  # warm: brokers live on between runs; fresh: each run has a new one; own: see run
    run: Callable
    make: Callable = brokers.Warren  # the broker of an own source
    needs: Tuple[str, ...] = ()  # of: bench, programs, disk, against
    sizes: Tuple[str, ...] = ()  # options whose defaults the bounds are for


def alone(line, life, run, **more):
    """A source of a single line, whose function gives the sample itself."""
    def sample(broker, warm, options):
        return {line.name: run(broker, warm, options)}

    return Source((line,), life, sample, **more)
