"""The lines of the cost table: what each measures, and its bounds."""
import time

from lib import chaos, durable, features, generator, restarts, timed, topology, turns, unchanged
from lib.terms import Bound, Line, Sample, alone

# A fresh broker has settled after so many seconds: its start's garbage and timers are behind it.
SETTLE_SECONDS = 3
IDLE_SECONDS = 30


def _workload(name, cost_ratio, rate_ratio=None):
    def run(broker, warm, options):
        row = generator.run_one(broker, name, warm, options.seconds)
        return Sample(row['cpu_per_m_pub'], row['pub_rate'])

    line = Line(name, 'CPU s/M', cost_ratio=Bound('<=', cost_ratio),
                rate_ratio=None if rate_ratio is None else Bound('>=', rate_ratio))
    return alone(line, 'warm', run, needs=('bench',))


def _memory(name, ratio):
    """The highest resident memory of a fresh broker at default settings while a workload runs."""
    def run(broker, _, options):
        return Sample(generator.run_one(broker, name, options.warm_next, options.seconds)['rss_peak_mb'])

    return alone(Line('memory-' + name, 'MB peak', cost_ratio=Bound('<=', ratio)), 'fresh', run,
                 needs=('bench',))


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

    return alone(Line('topology-' + name, unit, **bounds), 'own', run, needs=('programs',))


def _drop(broker, _, options):
    """Judged against a sink's connections that drop: what the machine itself does is no ratio of ours."""
    result = topology.measure(broker, ['drop'], options)['drop']
    return Sample(result['against_control'], None, {
        'p99 of others ms, ours drop': result['during_p99_ms'],
        "p99 of others ms, a sink's drop": result['control_p99_ms'],
        "p99 of others ms, a stopped sink's drop": result['unanswered_p99_ms'],
        'p99 of others ms, none drop': result['before_p99_ms'],
        'ours, x none': result['ratio'],
        "a stopped sink's, x none": result['unanswered_ratio'],
        'connections': result['connections']})


def _policy(broker, _, options):
    result = topology.measure(broker, ['policy'], options)['policy']
    return Sample(result['during_p99_ms'], None, {
        'p99 of others ms, before': result['before_p99_ms'],
        'set and cleared 3 times ms': result['event_ms']})


SOURCES = [
    _workload('transient-12b', 0.25, 1.5),
    _workload('transient-1k', 0.25, 1.5),
    _workload('acks-1k', 0.25, 1.5),
    _workload('fanout-10', 0.25, 1.5),
    _workload('topic-1000', 0.25, 1.5),
    _workload('many-queues', 0.4),
    *durable.SOURCES,
    *features.SOURCES,
    alone(Line('idle-connections', 'kB each', cost=Bound('<=', 40)), 'fresh', _idle_connections,
          needs=('bench',)),
    alone(Line('idle-cpu', '% of a core', cost=Bound('<', 1)), 'fresh', _idle_cpu),
    alone(Line('fresh-rss', 'MB', cost=Bound('<=', 120)), 'fresh', _fresh_rss),
    *(_memory(name, 1) for name in ('transient-12b', 'acks-1k', 'durable-confirm-1k', 'fanout-10',
                                    'topic-1000', 'many-queues')),
    alone(Line('startup', 's', cost=Bound('<', 2)), 'fresh', _startup),
    _topology('bind', '', rate=Bound('>=', 5000)),
    _topology('unbind', 'x p99', cost=Bound('<', 2)),
    alone(Line('topology-drop', 'x control', cost=Bound('<', 2)), 'own', _drop, needs=('programs',)),
    alone(Line('topology-policy', 'ms p99 of others', cost=Bound('<', 10)), 'own', _policy,
          needs=('programs',)),
    *turns.SOURCES,
    *chaos.SOURCES,
    *restarts.SOURCES,
    *timed.SOURCES,
    *unchanged.SOURCES,
]
LINES = [line for source in SOURCES for line in source.lines]
BY_NAME = {line.name: line for line in LINES}
