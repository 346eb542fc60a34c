"""The load generator: one run of `bench`, and the rows it writes."""
import json
import os
import subprocess
import tempfile

from lib import project
from lib.project import Failure


def arguments(broker, workloads, warm, seconds, reps=1, extra=()):
    return [os.path.join(project.bench_dir(), 'bench'), '--label', broker.label, '--port',
            str(broker.port), '--pid', str(broker.pid), '--data', broker.data, '--workload',
            workloads, '--warm', str(warm), '--seconds', str(seconds), '--reps', str(reps),
            *extra]


def run_one(broker, workload, warm, seconds, extra=()):
    """One workload against a broker: its row, or a failure that says why there is none."""
    with tempfile.TemporaryDirectory(prefix='warren-benchmark.') as folder:
        results = os.path.join(folder, 'rows')
        command = arguments(broker, workload, warm, seconds, 1, (*extra, '--results', results))
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        rows = read_rows(results)
    if done.returncode != 0 or not rows:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise Failure(f'{workload} on {broker.label}: the load generator failed: {said}')
    return checked(rows[-1], broker.label)


def read_rows(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8') as file:
        return [json.loads(line) for line in file if line.strip()]


def checked(row, label):
    if row.get('error'):
        raise Failure(f'{row["workload"]} on {label}: {row["error"]}')
    return row
