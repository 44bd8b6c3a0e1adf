package counter

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"parallax/engine"
)

// entry is one counted increment.
type entry struct {
	client engine.NodeID
	id     uint64
}

const entrySize = 12 // bytes

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ledger is all that was counted, in order, and the highest id of each client.
type ledger struct {
	entries []entry
	last    []uint64 // by client
}

// highest is the greatest id of a client among the entries.
func (l *ledger) highest(client engine.NodeID) uint64 {
	if int(client) < len(l.last) {
		return l.last[client]
	}
	return 0
}

func (l *ledger) add(e entry) {
	for int(e.client) >= len(l.last) {
		l.last = append(l.last, 0)
	}
	l.last[e.client] = max(l.last[e.client], e.id)
	l.entries = append(l.entries, e)
}

func (l *ledger) end() uint64 { return uint64(len(l.entries)) }

// A ledger file is a sequence of frames, all little-endian. The first holds
// everything that its incarnation found, each further one what one step added.
//
//	0       4                     4 + 12n
//	┌───────┬───────┬─────────┬ ┄ ┬──────────────┐
//	│ n     │client │ id      │   │ CRC-32C      │
//	└───────┴───────┴─────────┴ ┄ ┴──────────────┘
//	 4 bytes 4 bytes 8 bytes, n times  4 bytes, of all before it
func appendFrame(b []byte, entries []entry) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(entries)))
	b = appendEntries(b, entries)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// parseFrame returns the entries of the first frame and the bytes behind it, or
// false if that frame is not intact.
func parseFrame(b []byte) (entries []entry, rest []byte, ok bool) {
	if len(b) < 8 {
		return nil, nil, false
	}
	n := int64(binary.LittleEndian.Uint32(b))
	end := 4 + n*entrySize
	if int64(len(b)) < end+4 || crc32.Checksum(b[:end], castagnoli) != binary.LittleEndian.Uint32(b[end:]) {
		return nil, nil, false
	}
	entries, _ = parseEntries(b[4:end])
	return entries, b[end+4:], true
}

func appendEntries(b []byte, entries []entry) []byte {
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint32(b, uint32(e.client))
		b = binary.LittleEndian.AppendUint64(b, e.id)
	}
	return b
}

func parseEntries(b []byte) ([]entry, bool) {
	if len(b)%entrySize != 0 {
		return nil, false
	}
	entries := make([]entry, 0, len(b)/entrySize)
	for ; len(b) > 0; b = b[entrySize:] {
		entries = append(entries, entry{
			client: engine.NodeID(binary.LittleEndian.Uint32(b)),
			id:     binary.LittleEndian.Uint64(b[4:]),
		})
	}
	return entries, true
}

// fileName is the ledger file of one incarnation; names ascend with boot.
func fileName(boot uint32) string { return fmt.Sprintf("ledger-%010d", boot) }

// recoverLedger reads the newest file whose first frame is intact, up to its
// first damaged frame. Older files are left over from removals that a crash
// undid, or are what is left when the newest was torn at its start.
func recoverLedger(d engine.Disk) (l ledger, raw []byte, err error) {
	files := d.Files()
	for i := len(files) - 1; i >= 0; i-- {
		raw = make([]byte, d.Size(files[i]))
		if len(raw) > 0 {
			if n, err := d.ReadAt(files[i], raw, 0); n < len(raw) {
				return ledger{}, nil, fmt.Errorf("counter: read %s: %w", files[i], err)
			}
		}
		if _, _, ok := parseFrame(raw); !ok {
			continue
		}
		for rest := raw; ; {
			var entries []entry
			var ok bool
			if entries, rest, ok = parseFrame(rest); !ok {
				return l, raw, nil
			}
			for _, e := range entries {
				l.add(e)
			}
		}
	}
	return ledger{}, nil, nil
}

// store is a ledger and the file of this incarnation that it grows in.
type store struct {
	ledger
	file string
}

// open recovers the ledger into a file of this incarnation and removes the rest.
func open(env engine.Env, fx *engine.Effects, defect Defect) (store, error) {
	old := env.Disk.Files()
	l, raw, err := recoverLedger(env.Disk)
	if err != nil {
		return store{}, err
	}
	s := store{ledger: l, file: fileName(env.Boot)}
	base := appendFrame(nil, l.entries)
	if defect == TornTail && raw != nil {
		base = raw
	}
	fx.Persist(s.file, base)
	for _, name := range old {
		fx.Remove(name)
	}
	return s, nil
}

// append adds entries and persists them as one frame; then leaves when they are
// durable.
func (s *store) append(fx *engine.Effects, entries []entry, then ...engine.Envelope) {
	for _, e := range entries {
		s.add(e)
	}
	fx.Persist(s.file, appendFrame(nil, entries), then...)
}
