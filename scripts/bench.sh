#!/usr/bin/env bash
# Runs the benchmarks and keeps their output, so that two runs can be compared:
#
#   go tool benchstat out/bench/OLD.txt out/bench/NEW.txt
#
# Variables: BENCH (a regular expression, default all), BENCHTIME (default 1s).
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(grep -rlE '^func Benchmark' --include='*_test.go' . | xargs -r -n1 dirname | sort -u)
if [[ -z $packages ]]; then
	echo "no benchmarks"
	exit 0
fi
mkdir -p out/bench
file=out/bench/$(date -u +%Y%m%dT%H%M%SZ).txt
# shellcheck disable=SC2086
go test -run '^$' -bench "${BENCH:-.}" -benchtime "${BENCHTIME:-1s}" -benchmem $packages | tee "$file"
echo "kept in $file"
