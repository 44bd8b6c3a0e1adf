package store

import (
	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/engine/blob"
)

// get answers a Get.
func (s *Store) get(from engine.NodeID, m blob.Get, fx *engine.Effects) {
	o := s.index.find(m.Name)
	if o == nil {
		s.reply(from, blob.Got{Request: m.Request, Code: blob.Missing}, fx)
		return
	}
	answer := blob.Got{Request: m.Request, Info: o.info()}
	from0 := min(max(m.Offset, 0), o.size)
	to := o.size
	if m.Length >= 0 && m.Length < to-from0 {
		to = from0 + m.Length
	}
	if from0 < to {
		data, ok := s.content(o, from0, to)
		if !ok {
			s.damaged++
			answer.Code = blob.Damaged
		}
		answer.Data = data
	}
	s.reply(from, answer, fx)
}

// blockBytes is how much of an object one checksum covers.
const blockBytes = 64 << 10

// sums are the checksums of an object's blocks.
func sums(data []byte) []uint64 {
	var out []uint64
	for len(data) > 0 {
		n := min(blockBytes, len(data))
		out = append(out, xxh3.Hash(data[:n]))
		data = data[n:]
	}
	return out
}

// content reads bytes [from, to) of an object: whole blocks are read and checked, so
// that nothing damaged is handed out.
func (s *Store) content(o *object, from, to int64) (data []byte, ok bool) {
	if o.file == "" {
		return o.inline[from:to], true
	}
	first := from / blockBytes * blockBytes
	last := min((to+blockBytes-1)/blockBytes*blockBytes, o.size)
	data = make([]byte, last-first)
	if n, err := s.env.Disk.ReadAt(o.file, data, first); n < len(data) && err != nil {
		return nil, false
	}
	for at := first; at < last; at += blockBytes {
		block := data[at-first : min(at+blockBytes, last)-first]
		if xxh3.Hash(block) != o.blocks[at/blockBytes] {
			return nil, false
		}
	}
	return data[from-first : to-first], true
}
