package zone_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parallax/batch/manifest"
	"parallax/batch/zone"
	"parallax/engine/blob"
	"parallax/engine/commitlog/protocol"
	"parallax/engine/flow/column"
	"parallax/engine/flow/watermark"
)

// TestVectorManifestShare: commits of 1,000 rows cost at most a tenth of their data in
// manifests, everything that is ever written of those counted.
func TestVectorManifestShare(t *testing.T) {
	const commits, rows = 100, 1000
	objects, versions := map[string][]byte{}, map[string]uint64{}
	schema := zone.Schema(input)
	rng := rand.New(rand.NewPCG(1, 1))
	data, meta, frontier := int64(0), int64(0), column.NoFrontier
	for n := range uint64(commits) {
		z := zone.NewRows(schema)
		b := thousand(rng, int64(n)*rows)
		b.Frontiers = make([]int64, b.Rows)
		frontier, _ = watermark.Spec{}.Stamp(frontier, b.Times, b.Appends, b.Frontiers, nil)
		z.Append(b, nil, "")
		_, f, err := z.Encode(0, int64(n)*rows, int64(n+1)*rows)
		if err != nil {
			t.Fatal(err)
		}
		f.Name = manifest.FileName("rides", "archiver", n+1, &f)
		data += f.Bytes
		change := manifest.Change{
			Writer: "archiver", Batch: n + 1, Operation: manifest.Append, Code: "v1", Add: []manifest.File{f},
			Cut: []protocol.Cut{{Offset: f.To, Frontier: frontier}},
		}
		if n == 0 {
			change.Schema = schema
		}
		c := manifest.NewCommit("rides", change, 0)
		for m := c.Start(); m != nil; {
			switch q := m.(type) {
			case blob.Get:
				m, err = c.Answer(blob.Got{Request: q.Request, Info: blob.Info{Version: versions[q.Name]}, Data: objects[q.Name]})
			case blob.Put:
				meta += int64(len(q.Data))
				objects[q.Name] = q.Data
				versions[q.Name]++
				m, err = c.Answer(blob.Done{Request: q.Request})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	lists := 0
	for name := range objects {
		if strings.Contains(name, "/snapshots/") {
			lists++
		}
	}
	share := float64(meta) / float64(data)
	t.Logf("%d commits of %d rows: %d bytes of data each, %d of manifests: %.1f %%", commits, rows, data/commits, meta/commits, 100*share)
	if lists != commits || share > 0.1 {
		t.Errorf("%d snapshots, manifests are %.1f %% of the data", lists, 100*share)
	}
}

// thousand is a batch of 1,000 rows.
func thousand(rng *rand.Rand, offset int64) *column.Batch {
	b := &column.Batch{Schema: input, Offset: offset, Rows: 1000, Columns: make([]column.Column, len(input))}
	for i, f := range input {
		b.Columns[i].Reset(f.Type, new(column.Dict))
	}
	for i := range int64(b.Rows) {
		b.Times = append(b.Times, 1_700_000_000_000_000+(offset+i)*900+rng.Int64N(50_000))
		b.Appends = append(b.Appends, 1_700_000_000_000_000+(offset+i)*900)
		for c, f := range input {
			b.Columns[c].Append(column.Value{
				Type: f.Type, String: fmt.Sprint("city-", rng.IntN(200)), Int: rng.Int64N(1e9), Float: rng.Float64() * 100,
				Decimal: column.DecimalFromInt(rng.Int64N(1e6)),
			})
		}
	}
	return b
}
