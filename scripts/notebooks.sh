#!/usr/bin/env bash
# Runs the notebooks by Jupyter, with a Go kernel, and compares what they print with
# what is committed. This is optional: `go test ./notebooks` runs every cell without
# Jupyter. Everything is kept under out/notebooks; nothing is installed elsewhere.
#
# It needs jupyter-nbconvert with nbclient (Debian: jupyter-nbconvert python3-nbclient),
# and builds the kernel, GoNB, and the two tools that it asks for, in these versions:
set -euo pipefail
cd "$(dirname "$0")/.."

gonb=github.com/janpfeifer/gonb@v0.11.1
gopls=golang.org/x/tools/gopls@v0.21.0

nbconvert=${NBCONVERT:-$(command -v jupyter-nbconvert || true)}
if [[ -z $nbconvert ]]; then
	echo "jupyter-nbconvert is not on this machine (Debian: apt install jupyter-nbconvert python3-nbclient);" >&2
	echo "go test ./notebooks runs every cell without it" >&2
	exit 1
fi

out=$PWD/out/notebooks
mkdir -p "$out/bin" "$out/tools" "$out/ran"
export PATH=$out/bin:$PATH JUPYTER_DATA_DIR=$out/jupyter
if [[ ! -x $out/bin/gonb || ! -x $out/bin/gopls || ! -x $out/bin/goimports ]]; then
	(
		cd "$out/tools"
		[[ -f go.mod ]] || go mod init tools
		go get "$gonb" "$gopls"
		go build -o "$out/bin/gonb" "${gonb%@*}"
		go build -o "$out/bin/gopls" "${gopls%@*}"
		go build -o "$out/bin/goimports" golang.org/x/tools/cmd/goimports
	)
fi
gonb --install
for notebook in notebooks/*.ipynb; do
	"$nbconvert" --to notebook --execute --ExecutePreprocessor.timeout=600 --output-dir "$out/ran" "$notebook"
done
PARALLAX_NOTEBOOKS=$out/ran go test ./notebooks -count=1 -run TestDifferentialKernel
