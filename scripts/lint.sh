#!/usr/bin/env bash
# Formatting, vet, staticcheck, and the determinism law over the packages that
# engine/floorplan.txt puts under it.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(go tool gofumpt -l .)
if [[ -n $unformatted ]]; then
	echo "not formatted (make fmt):" >&2
	echo "$unformatted" >&2
	exit 1
fi
go vet ./...
go tool staticcheck ./...

law=$(awk '$3 == "law" { print $2 }' engine/floorplan.txt)
present=$(go list ./... | grep -Fx "$(sed "s,^,$(go list -m)/," <<<"$law")" || true)
# shellcheck disable=SC2086
go run ./cmd/simlint $present
