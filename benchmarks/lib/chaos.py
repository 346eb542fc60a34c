"""Honest clients beside hostile ones: the project's ChaosTest, and what it prints of itself."""
import contextlib
import os
import subprocess

from lib import programs, project
from lib.project import Broken, Failure
from lib.terms import Bound, Line, Sample, alone

# Beside the chaos itself: the broker's start, and what is left to be delivered.
SPARE_SECONDS = 300

# It takes about 400 on two cores, which the hostile ones, the honest ones and the broker share.
LINE = Line('chaos', 'ms p99', cost=Bound('<=', 500))


def _run(_, __, options):
    seconds = options.chaos_seconds
    command = ['mvn', '-ntp', '-B', '-f', os.path.join(project.ROOT, 'pom.xml'), '-pl',
               'conformance-tests', '-am', 'test', '-Dtest=ChaosTest',
               '-Dsurefire.failIfNoSpecifiedTests=false', f'-Dchaos.seconds={seconds}',
               f'-Dtest.timeout={seconds + SPARE_SECONDS} s']
    found, said = None, []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, JAVA25_HOME=project.java_home())) as process:
        try:
            for text in process.stdout:
                said.append(text.rstrip())
                name, values = programs.parse(text)
                found = values if name == LINE.name else found
        except BaseException:
            # Asked, not killed: Maven then ends the test, and the test its broker.
            process.terminate()
            raise
    return sample(found, process.returncode, said)


def sample(found, code, said):
    """Of what the test printed; `found` are the values of its result line, if there was one."""
    if code != 0:
        # It says what it measured even when it fails; a test that did not run says nothing.
        errors = [line for line in said if 'ERROR' in line] or said[-5:]
        raise (Broken if found else Failure)('ChaosTest: ' + '\n'.join(errors[:10]))
    if not found:
        raise Failure('ChaosTest printed no result')
    return Sample(found['p99_ms'], None, {
        'confirm p50 ms': found['p50_ms'], 'worst confirm ms': found['worst_ms'],
        'confirm p99 ms, in alarms': found['alarmed_p99_ms'], 'confirmed': found['confirmed'],
        'peak RSS MB': found['rss_mb']})


SOURCES = (alone(LINE, 'own', _run, make=contextlib.nullcontext, sizes=('chaos_seconds',)),)
