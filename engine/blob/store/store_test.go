package store_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
)

// TestVectorConditions: what a Put and a Delete expect, and what they leave.
func TestVectorConditions(t *testing.T) {
	s := newStage(t, store.Options{})
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		what string
		got  blob.Done
		want blob.Code
		size int64
	}{
		{"absent, first", s.put("a", blob.Absent, "one"), blob.OK, 3},
		{"absent, again", s.put("a", blob.Absent, "two!"), blob.Mismatch, 3},
		{"version 1", s.put("a", 1, "three"), blob.OK, 5},
		{"version 1, overtaken", s.put("a", 1, "four"), blob.Mismatch, 5},
		{"any", s.put("a", blob.Any, long), blob.OK, 5000},
		{"long, absent", s.put("b.parquet", blob.Absent, long+"y"), blob.OK, 5001},
		{"no name", s.put("", blob.Any, "x"), blob.Refused, 0},
		{"a name with a space", s.put("a b", blob.Any, "x"), blob.Refused, 0},
		{"delete, overtaken", s.remove("a", 1), blob.Mismatch, 5000},
		{"delete", s.remove("a", blob.Any), blob.OK, 0},
		{"delete what is not there", s.remove("a", blob.Any), blob.Missing, 0},
		{"absent after a deletion", s.put("a", blob.Absent, "five"), blob.OK, 4},
	} {
		if c.got.Code != c.want || c.got.Info.Size != c.size {
			t.Errorf("%s: %v of %d bytes, want %v of %d", c.what, c.got.Code, c.got.Info.Size, c.want, c.size)
		}
	}
	if v := s.get("a", 0, 0).Info.Version; v <= 3 {
		t.Errorf("version %d of a name that came back was there before", v)
	}
}

// TestVectorReads: whole objects and parts, short and long, before and after a crash.
func TestVectorReads(t *testing.T) {
	s := newStage(t, store.Options{})
	long := make([]byte, 200_000)
	for i := range long {
		long[i] = byte(i * 7 >> 3)
	}
	s.put("short", blob.Absent, "hello")
	s.put("long.parquet", blob.Absent, string(long))
	for range 2 {
		for _, c := range []struct {
			name           string
			offset, length int64
			want           []byte
		}{
			{"short", 0, -1, []byte("hello")},
			{"short", 1, 3, []byte("ell")},
			{"short", 9, 3, nil},
			{"long.parquet", 0, -1, long},
			{"long.parquet", 65_530, 20, long[65_530:65_550]},
			{"long.parquet", 199_999, 100, long[199_999:]},
			{"long.parquet", 100, 0, nil},
		} {
			g := s.get(c.name, c.offset, c.length)
			if g.Code != blob.OK || !bytes.Equal(g.Data, c.want) {
				t.Errorf("%s from %d, %d bytes: %v, %d bytes", c.name, c.offset, c.length, g.Code, len(g.Data))
			}
		}
		if g := s.get("long.parquet", 0, 0); g.Info.Sum != xxh3.Hash(long) || g.Info.Size != int64(len(long)) {
			t.Errorf("info %+v", g.Info)
		}
		if g := s.get("nothing", 0, -1); g.Code != blob.Missing {
			t.Errorf("nothing: %v", g.Code)
		}
		s.restart()
	}
}

func TestVectorList(t *testing.T) {
	s := newStage(t, store.Options{})
	for _, name := range []string{"t/2", "t/10", "t/1", "u/1", "s"} {
		s.put(name, blob.Absent, name)
	}
	s.remove("t/2", blob.Any)
	for range 2 {
		if got := s.list("t/"); got != "t/1:3 t/10:4 " {
			t.Errorf("t/: %s", got)
		}
		if got := s.list(""); got != "s:1 t/1:3 t/10:4 u/1:3 " {
			t.Errorf("all: %s", got)
		}
		s.restart()
	}
}

// TestVectorFiles: a long object lies in one file, as it is; what is replaced or
// deleted goes, and the journal is begun anew now and then.
func TestVectorFiles(t *testing.T) {
	s := newStage(t, store.Options{BaseBytes: 500, SegmentBytes: 1000})
	long := strings.Repeat("abc", 1000)
	for i := range 40 {
		s.put("x.parquet", blob.Any, long[i:])
		if i%3 == 0 {
			s.put("y", blob.Any, long)
			s.remove("y", blob.Any)
		}
	}
	s.restart()
	var files, journals []string
	disk := s.Disk(storeNode)
	for _, f := range disk.Files() {
		if strings.HasPrefix(f, "blob-") {
			files = append(files, f)
		} else {
			journals = append(journals, f)
		}
	}
	if len(files) != 1 || !strings.HasSuffix(files[0], ".parquet") || disk.Size(files[0]) != 2961 {
		t.Errorf("files %v", files)
	}
	if len(journals) > 4 {
		t.Errorf("the journal has %d segments", len(journals))
	}
	s.Actor(storeNode).(*store.Store).Objects(func(name string, info blob.Info, file string) bool {
		if name != "x.parquet" || info.Size != 2961 || file != files[0] {
			t.Errorf("%s: %+v in %q", name, info, file)
		}
		return true
	})
	if d := s.put("y", blob.Absent, "1"); d.Info.Version <= 40 {
		t.Errorf("version %d came back", d.Info.Version)
	}
}

// TestVectorRace: of two long Puts that expect the same, one fails.
func TestVectorRace(t *testing.T) {
	for _, defect := range []store.Defect{store.DefectNone, store.DefectNoCompare} {
		s := newStage(t, store.Options{Defect: defect})
		long := bytes.Repeat([]byte("z"), 4000)
		ok := 0
		for _, m := range s.tell(blob.Put{Request: 1, Name: "n", Data: long}, blob.Put{Request: 2, Name: "n", Data: long[1:]}) {
			if m.(blob.Done).Code == blob.OK {
				ok++
			}
		}
		if (ok == 1) != (defect == store.DefectNone) {
			t.Errorf("defect %d: %d succeeded", defect, ok)
		}
		if n := len(s.Disk(storeNode).Files()); defect == store.DefectNone && n != 2 {
			t.Errorf("%d files are left", n)
		}
	}
}

// TestVectorTrouble: what a store does on purpose, it does, and nothing else.
func TestVectorTrouble(t *testing.T) {
	s := newStage(t, store.Options{Trouble: store.Trouble{Seed: 1, Busy: 300_000, Lose: 300_000, SlowList: 500_000, ListWait: engine.Second / 2}})
	busy, lost, done := 0, 0, 0
	for i := range 200 {
		got := s.tell(blob.Put{Request: uint64(i), Name: "n", Expect: blob.Any, Data: []byte{byte(i)}})
		switch {
		case len(got) == 0:
			lost++
		case got[0].(blob.Done).Code == blob.Busy:
			busy++
		default:
			done++
		}
	}
	if busy < 30 || lost < 20 || done < 60 {
		t.Errorf("%d busy, %d lost, %d done", busy, lost, done)
	}
}
