"""No turn is long: how long one client waits for answers while others have the broker do much.

The probe of `turns.Turns` in benchmarks.jar declares and gets every 10 ms: first by itself, which is
the control, then beside the case. The broker is one of its own that logs its collections.
"""
import functools
import os
import re

from lib import brokers, programs
from lib.project import Failure
from lib.terms import Bound, Line, Sample, alone

OVER_CONTROL = "worst, over the control's, ms"
# The cases, each with the options its size depends on.
CASES = {'fanout': (), 'requeue': ('turns_messages',), 'purge': ('turns_messages',),
         'get-nack': (), 'consumers': (), 'topics': (), 'transaction': ()}

# It runs with -XX:-UsePerfData, so jstat sees nothing: what it prints has to tell.
LOG_COLLECTIONS = '-Xlog:gc'
PAUSE = re.compile(r'GC\(\d+\) Pause .* ([\d.]+)ms$', re.MULTILINE)


class Collections:
    """The broker's collections in the windows that a program announces by `NAME-start` and
    `NAME-end`, as the broker's log has them."""

    def __init__(self, log):
        self.log = log
        self.began = 0
        self.pauses = {}

    def see(self, text):
        name, _, mark = text.rpartition('-')
        if mark == 'start':
            self.began = os.path.getsize(self.log)
        elif mark == 'end' and name:
            with open(self.log, 'rb') as file:
                file.seek(self.began)
                said = file.read().decode(errors='replace')
            self.pauses.setdefault(name, []).extend(map(float, PAUSE.findall(said)))

    def stated(self):
        found = {}
        for name, pauses in self.pauses.items():
            found[f'collections, {name}'] = len(pauses)
            found[f'collections, {name}, ms in all'] = sum(pauses)
            found[f'longest collection, {name}, ms'] = max(pauses, default=0)
        return found


def _run(name, broker, warm, options):
    collections = Collections(broker.log())
    what = f'turns {name} on {broker.label}'
    printed = programs.run(what, 'turns.Turns', (
        name, '--port', broker.port, '--warm', warm, '--seconds', options.seconds, '--messages',
        options.turns_messages), collections.see, heap='3g')
    if 'turns-' + name not in printed:
        raise Failure(f'{what} printed no result')
    return sample(printed['turns-' + name], collections.stated())


def sample(values, collections):
    """What a result line says: the 99th percentile is judged, and the worst against the control's."""
    stated = {OVER_CONTROL: values['over_control_ms']}
    for key, value in values.items():
        if key.endswith('_ms') and key not in ('p99_ms', 'over_control_ms'):
            stated[key.removesuffix('_ms').replace('_', ' ') + ' ms'] = value
    stated.update(rounds=values['rounds'], events=values['events'], answers=values['answers'])
    return Sample(values['p99_ms'], None, {**stated, **collections})


def _logging():
    return brokers.Warren(jvm_options=LOG_COLLECTIONS)


def _source(name, sizes):
    line = Line('turns-' + name, 'ms p99', cost=Bound('<', 50),
                beside={OVER_CONTROL: Bound('<=', 50)})
    return alone(line, 'own', functools.partial(_run, name), make=_logging, needs=('programs',),
                 sizes=sizes)


SOURCES = tuple(_source(name, sizes) for name, sizes in CASES.items())
