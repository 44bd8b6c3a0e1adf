#!/usr/bin/env bash
# Runs the benchmarks that have a limit and writes them as a table beside it, with the
# ratios to what one would write by hand, into out/bench/REPORT.md. What is missed does
# not fail; a figure whose answer was not checked does.
#
# Variables: COUNT (runs, default 5), BENCHTIME (of a benchmark, default 10x).
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p out/bench
go build -o out/bench/parallax ./cmd/parallax
pattern=$(out/bench/parallax limits --pattern)
raw=out/bench/report.txt
go test -run '^$' -bench "$pattern" -count "${COUNT:-5}" -benchtime "${BENCHTIME:-10x}" -timeout 60m \
	./engine/flow/operator ./engine/kappa ./bench/frontier ./sim/cluster | tee "$raw"
# A step takes a hundred nanoseconds: ten of them would be none.
go test -run '^$' -bench "$pattern" -count "${COUNT:-5}" ./sim | tee -a "$raw"
out/bench/parallax limits <"$raw" | tee out/bench/REPORT.md
echo "kept in out/bench/REPORT.md; $raw is for benchstat"
