#!/usr/bin/env bash
# Runs go test over all packages. The flags in RAPID go only to packages whose
# tests link pgregory.net/rapid: the others do not know them and would fail.
#
#   RAPID='-rapid.seed=1' scripts/gotest.sh [flags of go test]
set -euo pipefail
cd "$(dirname "$0")/.."

all=$(go list ./...)
with_rapid=$(go list -test -f '{{range .Deps}}{{if eq . "pgregory.net/rapid"}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}' ./... |
	sed -n 's/\.test$//p' | sort -u)
without_rapid=$(comm -23 <(sort -u <<<"$all") <(echo "$with_rapid"))

failed=0
# Word splitting is wanted: one package, or one flag, per word.
# shellcheck disable=SC2086
if [[ -n $without_rapid ]]; then
	go test "$@" $without_rapid || failed=1
fi
# shellcheck disable=SC2086
if [[ -n $with_rapid ]]; then
	go test "$@" $with_rapid ${RAPID:-} || failed=1
fi
exit $failed
