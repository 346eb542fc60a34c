"""Where things are: this project, the load generator and the RabbitMQ to compare with.

The last two are no part of the project. They are named by environment variables:

  WARREN_BENCH   the folder that holds the load generator `bench`
                 (default: ../shared/bench, seen from the project)
  WARREN_RABBIT  a folder prepared by $WARREN_BENCH/rabbit/setup
"""
import os
import re
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
MODULE = os.path.join(ROOT, 'benchmarks')
WARREN = os.path.join(ROOT, 'bin', 'warren')
JAR = os.path.join(MODULE, 'target', 'benchmarks.jar')
MIN_JAVA = 25

# Modules that are no part of benchmarks.jar.
APART = ('build-checks', 'conformance-tests')


class Failure(Exception):
    """Something that keeps a measurement from being made; the text is for the user."""


class Broken(Failure):
    """What was measured is wrong: the broker lost, changed or reordered messages."""


def bench_dir():
    """The folder of the load generator."""
    default = os.path.join(ROOT, '..', 'shared', 'bench')
    path = os.path.realpath(os.environ.get('WARREN_BENCH') or default)
    if not os.access(os.path.join(path, 'bench'), os.X_OK):
        raise Failure(f'no load generator: {path}/bench is not there or not executable. It is no '
                      'part of this project: set WARREN_BENCH to the folder that holds it.')
    return path


def rabbit_dir():
    """The folder of the RabbitMQ to compare with."""
    path = os.environ.get('WARREN_RABBIT')
    if not path:
        raise Failure('no RabbitMQ to compare with: set WARREN_RABBIT to a folder prepared by '
                      '$WARREN_BENCH/rabbit/setup, or leave RabbitMQ out.')
    path = os.path.realpath(path)
    if not os.path.isdir(os.path.join(path, 'usr', 'lib', 'rabbitmq')):
        raise Failure(f'WARREN_RABBIT={path} holds no RabbitMQ: prepare it with '
                      f'$WARREN_BENCH/rabbit/setup {path}')
    return path


def build_broker():
    """bin/warren builds when sources have changed; any command makes it do so."""
    done = subprocess.run([WARREN, '--version'], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure('the broker does not build:\n' + done.stderr.strip())


def launcher_of(jar, folder):
    """A launcher of another jar: bin/warren as it is here, in a project that has only that."""
    if not os.path.isfile(jar):
        raise Failure(f'no such jar: {jar}')
    target = os.path.join(folder, 'broker', 'target')
    os.makedirs(target)
    os.makedirs(os.path.join(folder, 'bin'))
    shutil.copy2(jar, os.path.join(target, 'warren.jar'))
    return shutil.copy2(WARREN, os.path.join(folder, 'bin', 'warren'))


def java_home():
    """A JDK that runs the benchmarks: JAVA_HOME, PATH, then the usual folders."""
    candidates = [os.environ.get('JAVA_HOME')]
    on_path = shutil.which('java')
    if on_path:
        candidates.append(os.path.dirname(os.path.dirname(os.path.realpath(on_path))))
    folder = '/usr/lib/jvm'
    if os.path.isdir(folder):
        candidates += [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    for home in filter(None, candidates):
        try:
            with open(os.path.join(home, 'release'), encoding='utf-8') as release:
                version = re.search(r'^JAVA_VERSION="(\d+)', release.read(), re.MULTILINE)
        except OSError:
            continue
        if version and int(version.group(1)) >= MIN_JAVA:
            return home
    raise Failure(f'no JDK {MIN_JAVA} or newer in JAVA_HOME, on the PATH or in {folder}')


def benchmarks_jar():
    """benchmarks.jar, built when it is older than a source it is made of."""
    if _is_stale(JAR):
        print('building the benchmarks…', flush=True)
        command = ['mvn', '-q', '-B', '-f', os.path.join(ROOT, 'pom.xml'), '-pl', 'benchmarks',
                   '-am', '-Dmaven.test.skip=true', 'package']
        done = subprocess.run(command, capture_output=True, text=True,
                              env=dict(os.environ, JAVA25_HOME=java_home()))
        if done.returncode != 0:
            raise Failure('the benchmarks do not build:\n' + (done.stdout + done.stderr)[-3000:])
        os.utime(JAR)
    return JAR


def _is_stale(jar):
    if not os.path.exists(jar):
        return True
    built = os.path.getmtime(jar)
    return any(os.path.getmtime(source) > built for source in _sources())


def _sources():
    yield os.path.join(ROOT, 'pom.xml')
    for module in sorted(os.listdir(ROOT)):
        pom = os.path.join(ROOT, module, 'pom.xml')
        if module in APART or not os.path.exists(pom):
            continue
        yield pom
        for folder, _, names in os.walk(os.path.join(ROOT, module, 'src', 'main')):
            yield from (os.path.join(folder, name) for name in names)
