#!/usr/bin/env bash
# The long runs. Variables:
#
#   PARALLAX_SEEDS=A..B  seeds of the fault runs, both ends included
#   RAPID_CHECKS=N       cases per property
#   RAPID_SEED=N         seed of the properties; by default another one each time
#
# Tests see PARALLAX_SOAK=1 and PARALLAX_SEEDS; nothing else decides what is tested. A
# failure prints the seed that reproduces it.
set -euo pipefail
cd "$(dirname "$0")/.."

export PARALLAX_SOAK=1
export PARALLAX_SEEDS=${PARALLAX_SEEDS:-1..20000}
seed=${RAPID_SEED:-$(date +%s)}
checks=${RAPID_CHECKS:-5000}
echo "PARALLAX_SEEDS=$PARALLAX_SEEDS RAPID_SEED=$seed RAPID_CHECKS=$checks make soak"
RAPID="-rapid.seed=$seed -rapid.checks=$checks" scripts/gotest.sh -count=1 -timeout 24h
