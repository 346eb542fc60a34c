"""What queues do beside keeping messages, in pairs with RabbitMQ: the loads of `features.Features`
in benchmarks.jar, one line each."""
import functools

from lib import programs
from lib.terms import Bound, Line, Sample, alone

NAMES = ('expire-dead-letter', 'priority-10', 'max-length', 'reject-publish')


def _run(name, broker, warm, options):
    window = programs.Window(broker)
    programs.run(f'{name} on {broker.label}', 'features.Features', (
        name, '--port', broker.port, '--warm', warm, '--seconds', options.seconds), window.see)
    return sample(window)


def sample(window):
    """What a window says: CPU seconds per million published, and how many of them were nacked."""
    published = window.values['published']
    stated = {what: window.values[key] / published * 100
              for what, key in (('nacked %', 'refused'), ('50 ms late %', 'late'))
              if window.values.get(key)}
    return Sample(window.cpu / published * 1e6, published / window.values['seconds'], stated)


def _source(name):
    line = Line(name, 'CPU s/M', cost_ratio=Bound('<=', 0.25))
    return alone(line, 'warm', functools.partial(_run, name), needs=('programs',))


# RabbitMQ has no delayed messages of its own.
DELAYED = alone(Line('delayed-1s', 'CPU s/M'), 'own', functools.partial(_run, 'delayed-1s'),
                needs=('programs',))

SOURCES = (*map(_source, NAMES), DELAYED)
