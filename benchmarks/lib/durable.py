"""Lines on durable messages that are measured in pairs with RabbitMQ."""
import time

from lib import disk, generator, programs, steady
from lib.project import Broken
from lib.terms import Bound, Line, Sample, Source, alone

KIB = 1024
BACKLOG_BODY = 100
# The load generator's own rate for latency-fixed is 5000/s too.
PACED_QUEUES, PACED_RATE, PACED_BODY = 200, 5_000, 100

CONFIRMED = Line('durable-confirm-1k', 'CPU s/M', cost_ratio=Bound('<=', 0.25),
                 rate_ratio=Bound('>=', 2.5))
FILL = Line('backlog-fill', 'CPU s/M', cost_ratio=Bound('<=', 0.25))
DRAIN = Line('backlog-drain', 'CPU s/M', cost_ratio=Bound('<=', 0.25))
LATENCY_COST = Line('latency-fixed', 'CPU s/M', cost_ratio=Bound('<=', 1))
LATENCY = Line('latency-fixed-p99', 'ms', cost_ratio=Bound('<=', 1))
MANY_QUEUES = Line('many-queues-durable', 'CPU s/M', cost_ratio=Bound('<=', 0.5))


def _confirmed(broker, warm, options):
    # The bytes belong to a window within the one that is measured, both in the steady state.
    seconds = max(3, options.seconds)
    with steady.workload(broker, CONFIRMED.name, warm, seconds) as running:
        running.await_steady()
        writes, began = disk.Writes(broker), time.monotonic()
        time.sleep(seconds - 2)
        window, written = time.monotonic() - began, writes.stated(1, KIB)
        row = running.row()
    messages = row['pub_rate'] * window
    stated = {what: value / messages for what, value in written.items()}
    return Sample(row['cpu_per_m_pub'], row['pub_rate'],
                  {**stated, 'confirm p99 ms': row['conf_p99_us'] / 1e3})


def _backlog(broker, warm, options):
    if warm:
        # The load generator's backlog has no warm-up of its own.
        generator.run_one(broker, CONFIRMED.name, warm, 3)
    n = options.backlog
    extra = ('--backlog', str(n))
    writes, cpu = disk.Writes(broker), broker.cpu_seconds()
    fill = generator.run_one(broker, 'backlog-fill', 0, 0, extra)
    stated = {**writes.stated(n, BACKLOG_BODY), **writes.grown(n)}
    _expect_written(broker, stated)
    writes = disk.Writes(broker)
    drain = generator.run_one(broker, 'backlog-drain', 0, 0, extra)
    # The generator stops its clock with its client. What is left to do then counts here.
    whole = (broker.cpu_seconds() - cpu) / n * 1e6
    return {FILL.name: Sample(fill['cpu_per_m'], fill['pub_rate'],
                              {**stated, 'fill, drain and the pauses after, CPU s/M': whole}),
            DRAIN.name: Sample(drain['cpu_per_m'], drain['con_rate'],
                               writes.stated(n, BACKLOG_BODY))}


def _expect_written(broker, stated):
    """A backlog that was confirmed and is on no disk would be cheap."""
    if stated['written B/message'] < 1:
        raise Broken(f'{broker.label} confirmed persistent messages and wrote nothing')


def _latency(broker, warm, options):
    row = generator.run_one(broker, LATENCY_COST.name, warm, options.seconds)
    if row['lost']:
        raise Broken(f'{LATENCY_COST.name} on {broker.label}: {row["lost"]:.0f} messages lost')
    sent = row['pub_rate'] * row['secs']
    return {LATENCY_COST.name: Sample(row['cpu_s'] / sent * 1e6, row['pub_rate']),
            LATENCY.name: Sample(row['p99_us'] / 1e3, None, {
                'p50 ms': row['p50_us'] / 1e3, 'p99.9 ms': row['p999_us'] / 1e3,
                'confirm p50 ms': row['conf_p50_us'] / 1e3,
                'confirm p99 ms': row['conf_p99_us'] / 1e3})}


class _Window(programs.Window):
    """With what the broker wrote meanwhile."""

    def __init__(self, broker):
        super().__init__(broker)
        self.writes = None
        self.stated = {}

    def see(self, text):
        if text == 'window-start':
            self.writes = disk.Writes(self.broker)
        super().see(text)
        if self.values and not self.stated:
            self.stated = self.writes.stated(self.values['published'], PACED_BODY)


def _many_queues(broker, warm, options):
    window = _Window(broker)
    programs.durable(broker, 'paced', '--queues', PACED_QUEUES, '--rate', PACED_RATE, '--size',
                     PACED_BODY, '--warm', warm, '--seconds', options.seconds, on_line=window.see)
    published = window.values['published']
    return Sample(window.cpu / published * 1e6, published / window.values['seconds'],
                  window.stated)


SOURCES = (
    alone(CONFIRMED, 'warm', _confirmed, needs=('bench', 'disk')),
    Source((FILL, DRAIN), 'warm', _backlog, needs=('bench', 'disk'), sizes=('backlog',)),
    Source((LATENCY_COST, LATENCY), 'warm', _latency, needs=('bench', 'disk')),
    alone(MANY_QUEUES, 'warm', _many_queues, needs=('programs', 'disk')),
)
