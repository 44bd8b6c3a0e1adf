#!/usr/bin/env bash
# The long runs. Variables:
#
#   scripts/soak.sh [PACKAGE [REGEXP]]
#
# Without a package all of them, one behind the other; with one, its tests whose names
# match, and their progress as they go. For example, the Lambda deployment's seeds:
#
#   scripts/soak.sh ./sim/cluster/lambda LambdaSeeds
#
#   PARALLAX_SEEDS=A..B  seeds of the fault runs, both ends included
#   FUZZ_SEEDS=A..B      seeds of drawn clusters that `parallax fuzz` plays, no mistake built in
#   RAPID_CHECKS=N       cases per property
#   RAPID_SEED=N         seed of the properties; by default another one each time
#
# Tests see PARALLAX_SOAK=1 and PARALLAX_SEEDS; nothing else decides what is tested. A
# failure prints the seed that reproduces it.
set -euo pipefail
cd "$(dirname "$0")/.."

export PARALLAX_SOAK=1
export PARALLAX_SEEDS=${PARALLAX_SEEDS:-1..20000}
fuzz=${FUZZ_SEEDS:-1..100000}
if [[ $# -gt 0 ]]; then
	exec go test -v -count=1 -timeout 24h -run "${2:-.}" "$1"
fi
seed=${RAPID_SEED:-$(date +%s)}
checks=${RAPID_CHECKS:-5000}
echo "PARALLAX_SEEDS=$PARALLAX_SEEDS FUZZ_SEEDS=$fuzz RAPID_SEED=$seed RAPID_CHECKS=$checks make soak"
failed=0
RAPID="-rapid.seed=$seed -rapid.checks=$checks" scripts/gotest.sh -count=1 -timeout 24h || failed=1
go run ./cmd/parallax fuzz --seeds "$fuzz" --keep-going --coverage --out out/fuzz || failed=1
exit $failed
