package source

import (
	"math/rand/v2"
	"os"
	"testing"
)

// TestLawParquetDamage: whatever bytes of a Parquet file are changed, cut out or
// cut off, there is an error or a batch that holds together.
func TestLawParquetDamage(t *testing.T) {
	data, err := os.ReadFile(writeParquet(t, mixedRows(20)))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(20, 26))
	for range 250 {
		d := append([]byte{}, data...)
		for range r.IntN(6) + 1 {
			switch at := r.IntN(len(d)); r.IntN(4) {
			case 0:
				d[at] = byte(r.Uint32())
			case 1:
				d[at] ^= 0x80
			case 2:
				d = append(d[:at], d[min(len(d), at+r.IntN(4)):]...)
			case 3:
				if r.IntN(5) == 0 {
					d = d[:max(at, 1)]
				}
			}
		}
		readAll(t, "f.parquet", d, r.IntN(2) == 0)
	}
}
