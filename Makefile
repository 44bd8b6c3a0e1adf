# Every target is described by the comment behind it; `make help` lists them.
.PHONY: help build test test-wide soak bench interop interop-bench fmt lint demo fuzz zoo zones notebooks calibrate bench-report
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## compile every package
	go build ./...

test: build lint ## build, lint, then all tests with pinned seeds
	RAPID='-rapid.seed=1' scripts/gotest.sh

test-wide: ## the race detector, GOAMD64 v1 and v3, js/wasm, arm64: whatever this machine can run
	scripts/test-wide.sh

soak: ## long fault runs: PARALLAX_SEEDS=A..B (default 1..20000), FUZZ_SEEDS=A..B (default 1..100000), RAPID_CHECKS=N (5000)
	scripts/soak.sh

fuzz: ## look for runs that fail: FUZZ='--for 10m', or any arguments of parallax fuzz
	go run ./cmd/parallax fuzz $(FUZZ)

zoo: ## look for every mistake of the zoo, and keep the table and the scenarios
	go run ./cmd/parallax zoo run --out scenarios/zoo | tee scenarios/zoo/TABLE.txt

bench: ## benchmarks, also kept under out/bench; BENCHTIME=1s, BENCH=regexp
	scripts/bench.sh

interop: ## DuckDB re-reads every file of an archive and a view (a module of its own; needs cgo)
	scripts/interop.sh

interop-bench: ## the batch fold against DuckDB, one thread each, on one Parquet file of 10 M rows
	scripts/interop.sh bench

bench-report: ## the benchmarks that have a limit, as a table beside it (out/bench/REPORT.md)
	scripts/bench-report.sh

fmt: ## format all Go files
	go tool gofumpt -l -w .

lint: ## gofumpt, vet, staticcheck, and the determinism law (simlint)
	scripts/lint.sh

zones: ## pack the time zones that come with Go anew (engine/flow/zone/zones.bin)
	go generate ./engine/flow/zone

demo: ## the main job on generated data: results, what was late and why, a report folder
	go run ./cmd/parallax demo

calibrate: ## measure this machine and propose a table of costs (out/costs.json); nothing is changed by it
	go run ./cmd/parallax calibrate --out out/costs.json

notebooks: ## run the lessons by Jupyter and compare (optional: builds the GoNB kernel in out/; needs jupyter-nbconvert)
	scripts/notebooks.sh
