#!/usr/bin/env bash
# A sweep as a Slurm job array: sbatch docs/examples/sweep-slurm.sh, on a file system all nodes see.
# A task that was preempted is requeued and goes on after its last case; a part that is there is not made again.
#SBATCH --job-name=flopsheet-sweep
#SBATCH --array=0-63
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=01:00:00
#SBATCH --requeue
set -euo pipefail

: "${FLOPSHEET:=$HOME/flopsheet}" # the checkout, after npm ci
: "${PLAN:=$PWD/plan.json}"
: "${OUT:=$PWD/sweep}"
mkdir -p "$OUT"

"$FLOPSHEET/node_modules/.bin/node" "$FLOPSHEET/src/cli/flopsheet.js" sweep "$PLAN" --db :memory: \
  --vary 'runs.r1.mfu=0.25..0.55' \
  --vary 'runs.r1.chips=1024,2048,4096,8192' \
  --points 4096 --seed 1 --samples 4096 \
  --measure runs.r1.train_days \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --out "$OUT/part-$SLURM_ARRAY_TASK_ID.parquet"

# When the array is done:
#   flopsheet sweep merge sweep/part-*.parquet --out sweep/all.parquet
#   duckdb -c "select runs_r1_chips, min(total_cost_p90) from 'sweep/all.parquet' group by 1"
