package journal

import (
	"fmt"
	"testing"

	"parallax/engine"
)

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{100, 4096} {
		b.Run(fmt.Sprintf("record=%dB", size), func(b *testing.B) {
			j, _, err := recovered(memory{}, 1, Options{})
			if err != nil {
				b.Fatal(err)
			}
			var fx engine.Effects
			record := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for range b.N {
				j.Append(&fx, record)
				j.pending = nil // as if it were durable
				fx.Reset()
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, size := range []int{100, 4096} {
		b.Run(fmt.Sprintf("record=%dB", size), func(b *testing.B) {
			m := memory{}
			j, _, err := recovered(m, 1, Options{})
			if err != nil {
				b.Fatal(err)
			}
			var fx engine.Effects
			record := make([]byte, size)
			const total = 64 << 20
			for written := 0; written < total; written += size {
				j.Append(&fx, record)
				m.apply(&fx)
			}
			b.SetBytes(total)
			for b.Loop() {
				if _, err := Open(m, 2, "state", Options{}, func(Record) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
