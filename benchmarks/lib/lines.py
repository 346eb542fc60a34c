"""The lines of the cost table: what each measures, and its bounds."""
import time
from dataclasses import dataclass
from typing import Callable, Optional

from lib import generator, topology

# A fresh broker has settled after so many seconds: its start's garbage and timers are behind it.
SETTLE_SECONDS = 3
IDLE_SECONDS = 30


@dataclass(frozen=True)
class Sample:
    """What one measurement gave: a cost, a rate, or both."""
    cost: Optional[float] = None
    rate: Optional[float] = None


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
    life: str  # warm: brokers live on between runs; fresh: each run has a new one; own: see run
    run: Callable
    cost_ratio: Optional[Bound] = None
    rate_ratio: Optional[Bound] = None
    cost: Optional[Bound] = None
    rate: Optional[Bound] = None

    def needs_rabbit(self):
        return self.cost_ratio is not None or self.rate_ratio is not None


def _workload(name, cost_ratio, rate_ratio=None):
    def run(broker, warm, options):
        row = generator.run_one(broker, name, warm, options.seconds)
        return Sample(row['cpu_per_m_pub'], row['pub_rate'])

    return Line(name, 'CPU s/M', 'warm', run, cost_ratio=Bound('<=', cost_ratio),
                rate_ratio=None if rate_ratio is None else Bound('>=', rate_ratio))


def _idle_connections(broker, _, options):
    extra = ('--conns', str(options.idle_connections))
    return Sample(generator.run_one(broker, 'idle-connections', 0, 0, extra)['kb_each'])


def _idle_cpu(broker, _, options):
    time.sleep(SETTLE_SECONDS)
    cpu, began = broker.cpu_seconds(), time.monotonic()
    time.sleep(options.idle_seconds)
    return Sample((broker.cpu_seconds() - cpu) / (time.monotonic() - began) * 100)


def _fresh_rss(broker, _, __):
    time.sleep(SETTLE_SECONDS)
    return Sample(broker.resident_bytes() / 1e6)


def _startup(broker, _, __):
    # What is built and cached at the first start is there now: this is the second one.
    broker.end_process()
    return Sample(broker.start())


def _topology(name, unit, **bounds):
    def run(broker, _, options):
        result = topology.measure(broker, [name], options)[name]
        return Sample(result.get('ratio'), result.get('rate'))

    return Line('topology-' + name, unit, 'own', run, **bounds)


LINES = [
    _workload('transient-12b', 0.25, 1.5),
    _workload('transient-1k', 0.25, 1.5),
    _workload('acks-1k', 0.25, 1.5),
    _workload('fanout-10', 0.25, 1.5),
    _workload('topic-1000', 0.25, 1.5),
    _workload('many-queues', 0.4),
    Line('idle-connections', 'kB each', 'fresh', _idle_connections, cost=Bound('<=', 40)),
    Line('idle-cpu', '% of a core', 'fresh', _idle_cpu, cost=Bound('<', 1)),
    Line('fresh-rss', 'MB', 'fresh', _fresh_rss, cost=Bound('<=', 120)),
    Line('startup', 's', 'fresh', _startup, cost=Bound('<', 2)),
    _topology('bind', '', rate=Bound('>=', 5000)),
    _topology('unbind', 'x p99', cost=Bound('<', 2)),
    _topology('drop', 'x p99', cost=Bound('<', 2)),
]
BY_NAME = {line.name: line for line in LINES}
