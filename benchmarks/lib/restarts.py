"""Lines on what a broker keeps: deep queues, restarts, and declares that reach the disk.

A restart takes from the signal that ends the broker to the first channel that opens on the one
started next. Nothing that was confirmed may be missing then, out of order or changed: if it is, the
line is broken, however quick it was.
"""
from lib import amqp, brokers, disk, memory, programs
from lib.project import Broken
from lib.terms import Bound, Line, Sample, Source, alone

QUEUE = 'bench.durable.deep'
DEEP_BODY, KILLED_BODY, SET_BODY = 1024, 100, 100
SMALL_HEAP = '-Xmx256m'
NEEDS = ('programs', 'disk')

# Room on the disk for every byte of body: what is written twice, and what is not deleted yet.
ROOM = 3

DEEP = Line('deep-queue', 'MB RSS', cost=Bound('<=', 600))
DEEP_RESTART = Line('deep-queue-restart', 's', cost=Bound('<=', 3))
KILLED = Line('kill9-1m', 's', cost=Bound('<=', 1.5))
SET_STOPPED = Line('restart-10k', 's', cost=Bound('<=', 5))
SET_KILLED = Line('restart-10k-kill9', 's', cost=Bound('<=', 5))
DECLARES = Line('declares-durable', '', rate=Bound('>=', 2000))

def _restarted(broker, kill):
    """Restarts: a sample of the seconds in all, which states its parts."""
    ending, starting = broker.restart(kill)
    return Sample(ending + starting, None, {'to its end, s': ending,
                                            'from there to the first channel, s': starting})


def _expect_count(broker, messages):
    found = amqp.queue_count(broker.port, QUEUE)
    if found != messages:
        has = 'is gone' if found is None else f'has {found:,} messages'
        raise Broken(f'after the restart of {broker.label} the queue {has}; '
                     f'{messages:,} were confirmed')


def _fill(broker, messages, size):
    writes = disk.Writes(broker)
    filled = programs.durable(broker, 'fill', '--queue', QUEUE, '--messages', messages, '--size',
                              size)
    return {'fill /s': filled['rate'], **writes.stated(messages, size), **writes.grown(messages)}


def _drain(broker, messages, size):
    writes = disk.Writes(broker)
    drained = programs.durable(broker, 'drain', '--queue', QUEUE, '--messages', messages, '--size',
                               size)
    written = writes.stated(messages, size)['written B/message']
    return {'drain /s': drained['rate'], 'written while draining B/message': written,
            'data folder after it, MB': disk.used_bytes(broker.data) / 1e6}


def _deep_queue(broker, _, options):
    n = options.deep_messages
    disk.require(n * DEEP_BODY * ROOM)
    with memory.Watch(broker, 'filling') as watch:
        filled = _fill(broker, n, DEEP_BODY)
        watch.phase('restarting')
        restart = _restarted(broker, kill=False)
        _expect_count(broker, n)
        watch.phase('draining')
        drained = _drain(broker, n, DEEP_BODY)
    return {DEEP.name: Sample(watch.peak() / 1e6, None,
                              {**watch.stated(), **filled, **drained}),
            DEEP_RESTART.name: restart}


def _killed(broker, _, options):
    n = options.kill9_messages
    disk.require(n * KILLED_BODY * ROOM)
    filled = _fill(broker, n, KILLED_BODY)
    restart = _restarted(broker, kill=True)
    _expect_count(broker, n)
    drained = _drain(broker, n, KILLED_BODY)
    return Sample(restart.cost, None, {**restart.stated, **filled, **drained})


def _queue_set(broker, _, options):
    queues, messages = options.restart_queues, options.restart_messages
    disk.require(queues * messages * SET_BODY * ROOM)
    words = ('--queues', queues, '--messages', messages, '--size', SET_BODY)
    writes = disk.Writes(broker)
    filled = programs.durable(broker, 'fill-queues', *words)
    stated = {'fill /s': filled['rate'], 'declares /s': filled['declare_rate'],
              **writes.stated(queues * messages, SET_BODY), **writes.grown(queues * messages)}
    stopped = _restarted(broker, kill=False)
    programs.durable(broker, 'check-queues', *words)
    killed = _restarted(broker, kill=True)
    programs.durable(broker, 'check-queues', *words, '--delete')
    return {SET_STOPPED.name: Sample(stopped.cost, None, {**stopped.stated, **stated}),
            SET_KILLED.name: killed}


def _declares(broker, warm, options):
    found = programs.durable(broker, 'declare', '--queues', options.declares, '--rounds',
                             options.pairs, '--warm', warm)
    return Sample(None, found['rate'], {'slowest round /s': found['slowest'],
                                        'fastest round /s': found['fastest']})


def _small():
    return brokers.Warren(jvm_options=SMALL_HEAP)


SOURCES = (
    Source((DEEP, DEEP_RESTART), 'own', _deep_queue, make=_small, needs=NEEDS,
           sizes=('deep_messages',)),
    alone(KILLED, 'own', _killed, needs=NEEDS, sizes=('kill9_messages',)),
    Source((SET_STOPPED, SET_KILLED), 'own', _queue_set, needs=NEEDS,
           sizes=('restart_queues', 'restart_messages')),
    alone(DECLARES, 'own', _declares, needs=NEEDS, sizes=('declares',)),
)
