package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"
)

// Sizes of the format in bytes, and its flags.
const (
	headerBytes  = 64
	headerSummed = 56
	frameBytes   = 16

	magic       = "PLXJOUR1"
	flagSealed  = 1
	flagBase    = 2
	sealedBit   = 1 << 31
	markBit     = 1 << 30
	nameDigits  = 10
	nameSuffix  = ".log"
	bytesOfName = 2*(1+nameDigits) + len(nameSuffix)
)

// RecordBytesMax is the size of the longest record.
const RecordBytesMax = 1 << 28

// id names a segment: the incarnation, and its how many-th segment. The zero id is
// no segment. Ids order segments by age.
type id struct{ boot, number uint32 }

func (a id) compare(b id) int {
	switch {
	case a == b:
		return 0
	case a.boot < b.boot || a.boot == b.boot && a.number < b.number:
		return -1
	}
	return 1
}

// name is the segment's file.
func (a id) name(prefix string) string {
	return fmt.Sprintf("%s-%010d-%010d%s", prefix, a.boot, a.number, nameSuffix)
}

// parseName is the inverse of name. Other files are none of ours.
func parseName(prefix, file string) (id, bool) {
	rest, ok := strings.CutPrefix(file, prefix)
	if !ok || len(rest) != bytesOfName {
		return id{}, false
	}
	boot, err1 := strconv.ParseUint(rest[1:1+nameDigits], 10, 32)
	number, err2 := strconv.ParseUint(rest[2+nameDigits:2+2*nameDigits], 10, 32)
	a := id{uint32(boot), uint32(number)}
	return a, err1 == nil && err2 == nil && a.name(prefix) == file && a.boot > 0 && a.number > 0
}

// key makes the checksums of one segment differ from those of all others.
type key struct {
	seed   uint64
	defect Defect
}

func (a id) key(prefix string, f Defect) key {
	return key{xxh3.HashStringSeed(prefix, uint64(a.boot)<<32|uint64(a.number)), f}
}

// header opens a segment.
type header struct {
	self, begin, pred id
	predEnd           int64
	predChain         uint64
	sealed            bool // everything before is durable
	base              bool // begins with a base, and is void without it
}

// append encodes h, and returns the start of the segment's chain as well.
func (h header) append(b []byte, k key) ([]byte, uint64) {
	start := len(b)
	b = append(b, magic...)
	for _, a := range [...]id{h.self, h.begin, h.pred} {
		b = binary.LittleEndian.AppendUint32(b, a.boot)
		b = binary.LittleEndian.AppendUint32(b, a.number)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(h.predEnd))
	b = binary.LittleEndian.AppendUint64(b, h.predChain)
	var flags uint64
	if h.sealed {
		flags |= flagSealed
	}
	if h.base {
		flags |= flagBase
	}
	b = binary.LittleEndian.AppendUint64(b, flags) // and four bytes of zeros
	sum := xxh3.HashSeed(b[start:], k.seed)
	return binary.LittleEndian.AppendUint64(b, sum), sum
}

// decodeHeader reads the header of segment self, and the start of its chain. It is
// strict: what append would not write is no header.
func decodeHeader(b []byte, self id, k key) (h header, chain uint64, ok bool) {
	if len(b) < headerBytes || string(b[:len(magic)]) != magic {
		return header{}, 0, false
	}
	le := binary.LittleEndian
	if chain = le.Uint64(b[headerSummed:]); chain != xxh3.HashSeed(b[:headerSummed], k.seed) {
		return header{}, 0, false
	}
	pair := func(at int) id { return id{le.Uint32(b[at:]), le.Uint32(b[at+4:])} }
	flags := le.Uint64(b[48:])
	h = header{
		self: pair(8), begin: pair(16), pred: pair(24),
		predEnd: int64(le.Uint64(b[32:])), predChain: le.Uint64(b[40:]),
		sealed: flags&flagSealed != 0, base: flags&flagBase != 0,
	}
	return h, chain, h.plausible(self) && flags <= flagSealed|flagBase
}

// plausible refuses what would send recovery astray: a chain must go back in time,
// and a segment cannot begin after itself.
func (h header) plausible(self id) bool {
	if h.self != self || h.begin.compare(self) > 0 || h.begin == (id{}) {
		return false
	}
	if h.pred == (id{}) {
		return h.begin == self && h.predEnd == 0 && h.predChain == 0
	}
	return h.pred.compare(self) < 0 && h.predEnd >= headerBytes && (!h.base || h.begin == self)
}

// mix is the finalizer of SplitMix64: a bijection in which every bit of x moves
// about half of the result's (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, OOPSLA 2014, page 459).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// sums are the two checksums of a frame whose first word is word and which starts
// at byte off of its segment.
func (k key) sums(off int64, word uint32, record []byte) (head uint32, sum uint64) {
	if k.defect == DefectBareSum {
		return 0, uint64(crc32.ChecksumIEEE(record))
	}
	at := mix(mix(k.seed+uint64(off)) ^ uint64(word))
	return uint32(at), xxh3.HashSeed(record, at)
}

// appendFrame encodes a record at byte off of its segment, and returns its sum.
func (k key) appendFrame(b []byte, off int64, record []byte, sealed bool) ([]byte, uint64) {
	word := uint32(len(record))
	if sealed {
		word |= sealedBit
	}
	head, sum := k.sums(off, word, record)
	b = binary.LittleEndian.AppendUint32(b, word)
	b = binary.LittleEndian.AppendUint32(b, head)
	b = binary.LittleEndian.AppendUint64(b, sum)
	return append(b, record...), sum
}

// appendMark encodes the mark that ends a write: a frame without a record. A crash
// leaves none without all that was written before it. So where the mark is good and
// what lies before it is not, that was damaged later: also if it is the last of all.
func (k key) appendMark(b []byte, off int64) ([]byte, uint64) {
	head, sum := k.sums(off, markBit, nil)
	b = binary.LittleEndian.AppendUint32(b, markBit)
	b = binary.LittleEndian.AppendUint32(b, head)
	return binary.LittleEndian.AppendUint64(b, sum), sum
}

// markBytesLost is how many bytes of a mark may be damaged such that it is still known
// for one. Other bytes look like that once in 2^85 places.
const markBytesLost = 4

// wasMark reports whether b, a frame's length at byte off, is a mark, or was one before
// some bytes of it were damaged. A write is torn from its end, so a crash that leaves
// most of a mark leaves all of what lies before it.
func (k key) wasMark(b []byte, off int64) bool {
	if k.defect == DefectBareSum {
		return false // its marks are all alike, and next to nothing but zeros
	}
	var room [frameBytes]byte
	mark, _ := k.appendMark(room[:0], off)
	lost := 0
	for i, c := range mark {
		if b[i] != c {
			lost++
		}
	}
	return lost <= markBytesLost
}

// frame is a decoded frame; its record is a part of the segment's bytes.
type frame struct {
	record []byte
	sum    uint64
	sealed bool
	mark   bool // no record, but the end of a write
}

// decodeFrame reads the frame that b begins with, if it is good and belongs at byte
// off of the segment. It looks at the record only if the frame's head is good.
func (k key) decodeFrame(b []byte, off int64) (frame, bool) {
	if len(b) < frameBytes {
		return frame{}, false
	}
	word := binary.LittleEndian.Uint32(b)
	length := int64(word &^ sealedBit)
	if word == markBit {
		length = 0
	}
	if length > RecordBytesMax || length > int64(len(b)-frameBytes) {
		return frame{}, false
	}
	if head, _ := k.sums(off, word, nil); head != binary.LittleEndian.Uint32(b[4:]) {
		return frame{}, false
	}
	record := b[frameBytes : frameBytes+length : frameBytes+length]
	_, sum := k.sums(off, word, record)
	f := frame{record: record, sum: sum, sealed: word&sealedBit != 0, mark: word == markBit}
	return f, sum == binary.LittleEndian.Uint64(b[8:])
}

// link carries the chain over one frame.
func link(chain, sum uint64) uint64 { return mix(chain*0x9e3779b97f4a7c15 + sum) }
