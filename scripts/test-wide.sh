#!/usr/bin/env bash
# The same answers everywhere: all tests under the race detector, and the golden
# and determinism tests on other instruction sets. A mode that this machine
# cannot run is named and skipped; it fails nothing.
#
#   scripts/test-wide.sh [v1] [v3] [wasm] [arm64] [race]
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
skipped=()
goroot=$(go env GOROOT)
golden=$(grep -rlE '^func Test(Golden|Determinism)' --include='*_test.go' . | xargs -r -n1 dirname | sort -u)

# mode NAME COMMAND... runs one way to test and remembers whether it passed.
mode() {
	local name=$1
	shift
	echo "== $name"
	"$@" || failed+=("$name")
}

# skip NAME WHAT says which mode cannot run, and what it lacks.
skip() {
	echo "== $1: skipped, missing $2"
	skipped+=("$1")
}

# golden_tests FLAGS... runs the tests whose results are compared over machines.
golden_tests() {
	if [[ -z $golden ]]; then
		echo "no golden tests"
		return
	fi
	# shellcheck disable=SC2086
	go test -count=1 -run 'TestGolden|TestDeterminism' "$@" $golden
}

amd64() {
	local level=$1
	if [[ $(go env GOHOSTARCH) != amd64 ]]; then
		skip "GOAMD64=$level" "an amd64 machine"
	elif [[ $level == v3 ]] && ! grep -qw avx2 /proc/cpuinfo; then
		skip "GOAMD64=$level" "a processor with AVX2, BMI2 and FMA"
	else
		GOAMD64=$level mode "GOAMD64=$level" golden_tests
	fi
}

wasm() {
	local run=$goroot/lib/wasm/go_js_wasm_exec
	if ! command -v node >/dev/null; then
		skip js/wasm node
	elif [[ ! -x $run ]]; then
		skip js/wasm "$run"
	else
		# The runner copies the environment into a page of fixed size.
		GOOS=js GOARCH=wasm mode js/wasm golden_tests -exec "env -i PATH=$PATH HOME=$HOME $run"
	fi
}

arm64() {
	local qemu
	qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static || true)
	if [[ $(go env GOHOSTARCH) == arm64 ]]; then
		mode arm64 golden_tests
	elif [[ -z $qemu ]]; then
		skip arm64 "qemu-aarch64 or qemu-aarch64-static (package qemu-user)"
	else
		# An emulated process cannot start another one of its kind by name.
		GOOS=linux GOARCH=arm64 CGO_ENABLED=0 mode arm64 golden_tests -skip TestDeterminismProcesses -exec "$qemu"
	fi
}

race() {
	if [[ $(go env CGO_ENABLED) != 1 ]] || ! command -v "$(go env CC)" >/dev/null; then
		skip race "a C compiler (the race detector needs cgo)"
	else
		RAPID='-rapid.seed=1' mode race scripts/gotest.sh -race -timeout 60m
	fi
}

modes=("$@")
((${#modes[@]})) || modes=(v1 v3 wasm arm64 race)
for m in "${modes[@]}"; do
	case $m in
	v1 | v3) amd64 "$m" ;;
	wasm | arm64 | race) "$m" ;;
	*)
		echo "no mode $m" >&2
		exit 2
		;;
	esac
done

echo "== skipped: ${skipped[*]:-nothing}"
echo "== failed: ${failed[*]:-nothing}"
((${#failed[@]} == 0))
