"""The text of the files that start a run elsewhere: for accelerate, for a shell, for Slurm."""
from __future__ import annotations

from core.config import REPOSITORY
from core.runs.machines import Machines

ACCELERATE, SHELL, SLURM = "accelerate.yaml", "launch.sh", "slurm.sbatch"

# MULTI_GPU on the processor as well: it is the one kind with which accelerate starts more than one process
# itself, and the worker chooses its device by its own order.
_ACCELERATE = """\
compute_environment: LOCAL_MACHINE
debug: false
distributed_type: {kind}
downcast_bf16: 'no'
gpu_ids: all
machine_rank: 0
main_process_ip: 127.0.0.1
main_process_port: {port}
main_training_function: main
mixed_precision: 'no'
num_machines: {n}
num_processes: {n_processes}
rdzv_backend: static
same_network: true
use_cpu: false
"""

_SHELL = """\
#!/usr/bin/env bash
# Starts the share of this machine in the run that this file lies in.
#     bash launch/launch.sh [RANK HOST]    on each of {n} machines: RANK is 0 to {last}, HOST is the name of
#                                          machine 0, which is started first. Under Slurm both are known.
# VOICEWRIGHT: the folder of the app there.  PYTHON: its interpreter.  VOICEWRIGHT_PORT: where they meet.
set -euo pipefail
run="$(cd "$(dirname "${{BASH_SOURCE[0]}}")/.." && pwd)"
app="${{VOICEWRIGHT:-{app}}}"
python="${{PYTHON:-$app/.venv/bin/python}}"
rank="${{1:-${{SLURM_NODEID:-0}}}}"
host="${{2:-${{VOICEWRIGHT_HOST:-127.0.0.1}}}}"
port="${{VOICEWRIGHT_PORT:-{port}}}"
if [ ! -f "$app/core/runs/worker.py" ]; then
    echo "The app is not in $app: set VOICEWRIGHT to its folder on this machine." >&2
    exit 1
fi
cd "$app"
if [ "$rank" = 0 ]; then
    "$python" -m core.runs.launch.ready "$run"
fi
export CUDA_DEVICE_ORDER=PCI_BUS_ID PYTHONUNBUFFERED=1
exec "$python" -m accelerate.commands.launch --config_file "$run/launch/{accelerate}" \\
    --machine_rank "$rank" --main_process_ip "$host" --main_process_port "$port" \\
    --num_cpu_threads_per_process "${{OMP_NUM_THREADS:-1}}" -m core.runs.worker "$run"
"""

_SLURM = """\
#!/usr/bin/env bash
# From the run folder: sbatch launch/{slurm}
# What the cluster wants besides is said on that line (--partition, --account, --time, --cpus-per-task).
# A job that was ended early goes on from its last checkpoint when it is submitted again.
#SBATCH --job-name={run}
#SBATCH --nodes={n}
#SBATCH --ntasks-per-node=1
{gpus}#SBATCH --output=launch/slurm-%j.txt
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=TERM@120
set -euo pipefail
run="$SLURM_SUBMIT_DIR"
if [ ! -f "$run/launch/{shell}" ]; then
    echo "Submit this from the run folder: cd .../{run}; sbatch launch/{slurm}" >&2
    exit 1
fi
hosts="$(scontrol show hostnames "$SLURM_JOB_NODELIST")"
export VOICEWRIGHT_HOST="${{hosts%%$'\n'*}}"
srun --kill-on-bad-exit=1 bash "$run/launch/{shell}"
"""


def files(run: str, machines: Machines, device: str) -> dict[str, str]:
    """Name -> text of the files that start run `run` (its id) on `machines`, each with `device`."""
    kind = "MULTI_GPU" if machines.n_processes > 1 else "NO"
    gpus = "" if device == "cpu" else f"#SBATCH --gpus-per-node={machines.here}\n"
    return {
        ACCELERATE: _ACCELERATE.format(
            kind=kind, port=machines.port, n=machines.n, n_processes=machines.n_processes
        ),
        SHELL: _SHELL.format(
            n=machines.n, last=machines.n - 1, app=REPOSITORY, port=machines.port, accelerate=ACCELERATE
        ),
        SLURM: _SLURM.format(run=run, n=machines.n, gpus=gpus, slurm=SLURM, shell=SHELL),
    }
