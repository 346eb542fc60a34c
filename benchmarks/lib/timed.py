"""Lines on millions of messages that wait for their time on a small heap: delayed ones, and those
that expire and become dead letters. Each has to come once, unchanged and never early; if one does
not, the line is broken."""
import functools
import time

from lib import brokers, disk, programs
from lib.terms import Bound, Line, Sample, alone

BODY = 100
NEEDS = ('programs', 'disk')
MINUTE = 60_000
# Seconds in which all are published before the first is due, per million.
LEAD = 90

DELAYED = Line('delayed-2m', 'p99 ms', cost=Bound('<=', 50))
DELAYED_KILLED = Line('delayed-2m-kill9', 's')
UNIFORM = Line('ttl-5m', 's')
MIXED = Line('ttl-mixed-1m', 's')


def _words(timing, messages, first, millis):
    return ('--timing', timing, '--messages', messages, '--size', BODY, '--first', first,
            '--millis', millis, '--patience', 300)


def _drained(broker, words, *more):
    drained = programs.durable(broker, 'drain-timed', *words, *more)
    return {'came': drained['messages'], 'twice': drained['twice'], 'p50 ms late': drained['p50_ms'],
            'worst ms late': drained['worst_ms']}, drained['p99_ms']


def _delayed(broker, killed, options):
    n = options.delayed_messages
    first = int((time.time() + LEAD * n / 1e6 + 10) * 1000)
    words = _words('delayed', n, first, MINUTE)
    filled = programs.durable(broker, 'fill-timed', *words)
    stated = {'fill /s': filled['rate']}
    if not killed:
        found, p99 = _drained(broker, words)
        return Sample(p99, None, {**found, **stated})
    # In the middle: half of them have come to the queue, the others wait.
    time.sleep(max(0, first / 1000 + MINUTE / 2000 - time.time()))
    ending, starting = broker.restart(kill=True)
    found, _ = _drained(broker, words, '--twice')
    return Sample(ending + starting, None, {**found, **stated})


def _expired(broker, timing, n, seconds):
    words = _words(timing, n, 0, seconds * 1000)
    began = time.monotonic()
    filled = programs.durable(broker, 'fill-timed', *words)
    found, p99 = _drained(broker, words)
    return Sample(time.monotonic() - began, None,
                  {'fill /s': filled['rate'], **found, 'p99 ms late': p99})


def _small():
    return brokers.Warren(jvm_options='-Xmx256m')


def _source(line, run, size):
    def measured(broker, _, options):
        disk.require(getattr(options, size) * BODY * 6)
        return run(broker, options)
    return alone(line, 'own', measured, make=_small, needs=NEEDS, sizes=(size,))


SOURCES = (
    _source(DELAYED, lambda broker, options: _delayed(broker, False, options),
            'delayed_messages'),
    _source(DELAYED_KILLED, lambda broker, options: _delayed(broker, True, options),
            'delayed_messages'),
    _source(UNIFORM, lambda broker, options: _expired(
        broker, 'uniform', options.ttl_messages, 240), 'ttl_messages'),
    _source(MIXED, lambda broker, options: _expired(
        broker, 'mixed', options.mixed_ttl_messages, 90), 'mixed_ttl_messages'),
)
