"""The brokers that are measured: started on a free port, frozen, thawed, stopped."""
import os
import random
import resource
import shlex
import shutil
import socket
import subprocess
import tempfile
import time

from lib import amqp, processes, project
from lib.project import Failure

# The first start after a build records a cache for quicker starts; that takes its time.
START_SECONDS = 180
STOP_SECONDS = 20


def raise_file_limit():
    """As many open files as the hard limit allows, for this process and those it starts."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def free_port():
    """A port nobody listens on now. RabbitMQ also takes the one 20,000 above it."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        if _is_free(port) and _is_free(port + 20000):
            return port
    raise Failure('found no free port between 20000 and 32000')


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(('127.0.0.1', port))
            return True
        except OSError:
            return False


class Broker:
    """A broker process tree; use it in a `with` statement, which starts and stops it."""
    label = ''
    pid = 0
    port = 0
    data = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def freeze(self):
        """Between its runs a broker takes no CPU, yet stays warm."""
        processes.freeze(self.pid)

    def thaw(self):
        processes.thaw(self.pid)
        amqp.await_open(self.port, 30)

    def restarting(self, folder):
        """Arguments that let the load generator stop this broker and start it again."""
        script = os.path.join(folder, 'start')
        with open(script, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\n' + self.restart_script())
        os.chmod(script, 0o755)
        return ['--start', script, '--pidfile', self.pid_file()]

    def adopt(self):
        """The load generator may have started it again: it is still ours to stop."""
        try:
            with open(self.pid_file(), encoding='utf-8') as file:
                self.pid = int(file.read())
        except FileNotFoundError:
            pass  # it has not

    def restart(self, kill=False):
        """Ends the process, with SIGTERM or kill -9, and starts it again with its data: the
        seconds from the signal to the end, and from there to the first open channel."""
        began = time.monotonic()
        if kill:
            self.kill_process()
        elif not self.end_process():
            raise Failure(f'{self.label} did not end within {2 * STOP_SECONDS} s of SIGTERM')
        ended = time.monotonic()
        self.start()
        return ended - began, time.monotonic() - ended

    def cpu_seconds(self):
        return processes.cpu_seconds(self.pid)

    def written_bytes(self):
        return processes.written_bytes(self.pid)

    def cancelled_bytes(self):
        return processes.cancelled_bytes(self.pid)

    def resident_bytes(self):
        return processes.resident_bytes(self.pid)


class Warren(Broker):
    """WarrenMQ by bin/warren, with a data folder of its own that goes with it."""

    def __init__(self, label='ours', jvm_options='', launcher=project.WARREN):
        self.label = label
        self.jvm_options = jvm_options
        self.launcher = launcher
        self.home = None
        self.process = None

    def start(self):
        """Starts it, on its old port if it had one; the seconds from the command to the first open
        channel."""
        self.home = self.home or tempfile.mkdtemp(prefix='warren-benchmark.')
        self.data = os.path.join(self.home, 'data')
        self.port = self.port or free_port()
        began = time.monotonic()
        # A session of its own: Ctrl-C is for the script, which then stops the broker.
        with open(self.log(), 'ab') as log:
            self.process = subprocess.Popen(
                self.command(), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True)
        self.pid = self.process.pid
        try:
            opened = amqp.await_open(self.port, START_SECONDS, lambda: self.process.poll() is None)
        except BaseException as problem:
            said = self.output()
            self.stop()
            if isinstance(problem, Failure):
                raise Failure(f'WarrenMQ did not start: {problem}\n{said}') from problem
            raise
        return opened - began

    def command(self):
        return [self.launcher, 'start', '--data', self.data, '--port', str(self.port),
                '--management-port', '0']

    def environment(self):
        options = os.environ.get('WARREN_JAVA_OPTS', '') + ' ' + self.jvm_options
        return dict(os.environ, WARREN_JAVA_OPTS=options.strip())

    def pid_file(self):
        return os.path.join(self.home, 'pid')

    def restart_script(self):
        command = shlex.join(self.command())
        return (f'setsid {command} >>{shlex.quote(self.log())} 2>&1 </dev/null &\n'
                f'echo $! >{shlex.quote(self.pid_file())}\n')

    def log(self):
        return os.path.join(self.home, 'log')

    def output(self):
        """The end of what it printed."""
        with open(self.log(), encoding='utf-8', errors='replace') as log:
            return log.read()[-2000:].strip()

    def end_process(self):
        """Ends the process and keeps the data folder; True if it ended when it was asked to."""
        willing = True
        if self.process:
            willing = processes.end(self.pid, STOP_SECONDS)
            self.process.wait()
            self.process = None
        return willing

    def kill_process(self):
        processes.kill(self.pid, STOP_SECONDS)
        self.process.wait()
        self.process = None

    def stop(self):
        self.end_process()
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)
            self.home = None
        self.port = 0


class Rabbit(Broker):
    """RabbitMQ in a folder prepared for it. Its store is kept: what is in it is not ours."""
    label = 'RabbitMQ'

    def __init__(self):
        self.home = project.rabbit_dir()
        self.starter = os.path.join(project.bench_dir(), 'rabbit', 'start')
        self.data = os.path.join(self.home, 'var', 'lib', 'rmq-peer')
        self.started = False

    def pid_file(self):
        return os.path.join(self.home, 'rabbit.pid')

    def command(self):
        return [self.starter, self.home, str(self.port), str(self.port + 1)]

    def restart_script(self):
        return f'KEEP=1 exec {shlex.join(self.command())}\n'

    def running_pid(self):
        """The process the folder names, if it is a RabbitMQ that runs."""
        try:
            with open(self.pid_file(), encoding='utf-8') as file:
                pid = int(file.read())
        except (OSError, ValueError):
            return None
        alive = processes.is_alive(pid) and 'rabbitmq' in processes.command_line(pid)
        return pid if alive else None

    def start(self):
        """Starts it; the seconds from the command to the first open channel."""
        running = self.running_pid()
        if running:
            raise Failure(f'RabbitMQ in {self.home} already runs (process {running}). It may be '
                          'in use, and idle it costs CPU: stop it before you measure.')
        self.port = self.port or free_port()
        began = time.monotonic()
        # Its output goes to a file: a pipe would stay open as long as the broker.
        with tempfile.TemporaryFile('w+') as output:
            done = subprocess.run(self.command(), env=dict(os.environ, KEEP='1'),
                                  stdin=subprocess.DEVNULL, stdout=output,
                                  stderr=subprocess.STDOUT)
            output.seek(0)
            said = output.read().strip()[-1000:]
        if done.returncode != 0:
            raise Failure('RabbitMQ did not start: ' + said)
        self.started = True
        with open(self.pid_file(), encoding='utf-8') as file:
            self.pid = int(file.read())
        try:
            opened = amqp.await_open(self.port, START_SECONDS,
                                     lambda: processes.is_alive(self.pid))
        except BaseException:
            self.stop()
            raise
        return opened - began

    def end_process(self):
        willing = True
        if self.started:
            willing = processes.end(self.pid, STOP_SECONDS)
            self.started = False
        return willing

    def kill_process(self):
        processes.kill(self.pid, STOP_SECONDS)
        self.started = False

    def stop(self):
        self.end_process()
        self.port = 0
