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
    refused = window.values['refused']
    return Sample(window.cpu / published * 1e6, published / window.values['seconds'],
                  {'nacked %': refused / published * 100} if refused else {})


def _source(name):
    line = Line(name, 'CPU s/M', cost_ratio=Bound('<=', 0.25))
    return alone(line, 'warm', functools.partial(_run, name), needs=('programs',))


SOURCES = tuple(map(_source, NAMES))
