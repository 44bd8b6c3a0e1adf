#!/usr/bin/env bash
# Lets DuckDB read what a batch layer keeps (interop/duckdb, a module of its own).
#
#   scripts/interop.sh          the tests
#   scripts/interop.sh bench    the benchmarks; BENCHTIME (default 5x)
#
# Where the driver cannot be had or built (it is C++, so it needs cgo), it says so and fails.
set -euo pipefail
cd "$(dirname "$0")/../interop/duckdb"

if ! CGO_ENABLED=1 go build github.com/duckdb/duckdb-go/v2 2>/tmp/interop.$$; then
	sed 's/^/  /' "/tmp/interop.$$"
	rm -f "/tmp/interop.$$"
	echo "DuckDB's driver cannot be had or built here: nothing was compared"
	exit 1
fi
rm -f "/tmp/interop.$$"
case "${1:-test}" in
bench) GOMAXPROCS=1 CGO_ENABLED=1 go test -run '^$' -bench . -benchtime "${BENCHTIME:-5x}" -timeout 60m . ;;
test) CGO_ENABLED=1 go test . ;;
*) echo "usage: scripts/interop.sh [test|bench]" && exit 2 ;;
esac
