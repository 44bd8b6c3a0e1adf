package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"parallax/scenarios/dataset"
)

// outputs runs the program, which is to succeed, and returns what it printed.
func outputs(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(args, &stdout, &stderr); code != exitPass {
		t.Fatalf("%v: exit code %d: %s", args, code, &stderr)
	}
	return stdout.String()
}

// listed is a listing as the command prints it.
func listed(t *testing.T, args ...string) (list dataset.Listing) {
	t.Helper()
	if err := json.Unmarshal([]byte(outputs(t, append([]string{"files", "--json"}, args...)...)), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// columnsOf reads columns of Parquet files, each row as text, sorted.
func columnsOf(t *testing.T, files []string, names ...string) (rows []string) {
	t.Helper()
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, group := range f.RowGroups() {
			lines := make([]string, group.NumRows())
			for _, column := range names {
				leaf, ok := f.Schema().Lookup(column)
				if !ok {
					t.Fatalf("%s has no column %s", name, column)
				}
				for i, v := range valuesOf(t, group.ColumnChunks()[leaf.ColumnIndex]) {
					lines[i] += v + " "
				}
			}
			rows = append(rows, lines...)
		}
	}
	slices.Sort(rows)
	return rows
}

func valuesOf(t *testing.T, chunk parquet.ColumnChunk) (list []string) {
	t.Helper()
	pages := chunk.Pages()
	defer pages.Close()
	for {
		page, err := pages.ReadPage()
		if err != nil {
			return list
		}
		values := make([]parquet.Value, page.NumValues())
		if n, _ := page.Values().ReadValues(values); n != len(values) {
			t.Fatalf("%d of %d values", n, len(values))
		}
		for _, v := range values {
			list = append(list, v.String())
		}
	}
}

// TestVectorArchive: what other programs read from the files that are listed is what the job
// has, rows and view, at each snapshot.
func TestVectorArchive(t *testing.T) {
	folder(t)
	outputs(t, "archive", "clicks.yaml", "--out", "lake", "--batch", "every=2s,late=same", "-q")
	for _, zone := range []string{"raw", "refined"} {
		paths := strings.Fields(outputs(t, "files", "lake", "--zone", zone, "--check"))
		got := columnsOf(t, paths, "user", "ms")
		want := []string{"ann 12 ", "ann 30 ", "ann 5 ", "ann 99 ", "bob 1 ", "bob 7 "}
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", zone, got, want)
		}
	}
	// results says: ann 0 2 42, ann 10000 1 5, bob 0 1 7, bob 5000 1 1.
	view := strings.Fields(outputs(t, "files", "lake", "--zone", "view"))
	want := []string{"ann 1 5 ", "ann 2 42 ", "bob 1 1 ", "bob 1 7 "}
	if got := columnsOf(t, view, "user", "clicks", "total_ms"); !slices.Equal(got, want) {
		t.Errorf("the view holds %q, want %q", got, want)
	}

	last := listed(t, "lake")
	if last.Schema != dataset.Schema || last.Rows != 6 || len(last.Cut) != 1 || last.Cut[0].Offset < 6 || !strings.HasPrefix(last.Code, "job-") {
		t.Errorf("the last snapshot is %+v", last)
	}
	before := int64(0)
	for n := uint64(1); n <= last.Snapshot; n++ {
		list := listed(t, "lake", "--snapshot", fmt.Sprint(n))
		rows, end := int64(0), int64(0) // markers have offsets, too
		for _, f := range list.Files {
			rows += f.Rows
			if *f.To-*f.From < f.Rows || *f.From < end || *f.Partition != 0 {
				t.Errorf("snapshot %d: %+v", n, f)
			}
			end = *f.To
		}
		if list.Snapshot != n || rows != list.Rows || rows < before {
			t.Errorf("snapshot %d has %d rows behind %d: %+v", n, rows, before, list)
		}
		before = rows
	}
	if last.Snapshot < 3 || before != 6 {
		t.Errorf("%d snapshots, %d rows in the last", last.Snapshot, before)
	}
}

// TestVectorArchiveRefined: nobody can read a column that is anonymous, and the same archive
// is made again byte for byte.
func TestVectorArchiveRefined(t *testing.T) {
	folder(t)
	if err := os.WriteFile("key", []byte("salt"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"one", "two"} {
		outputs(t, "archive", "clicks.yaml", "--out", dir, "--columns", "user,ms", "--anonymous", "user", "--secret", "key", "-q")
	}
	paths := strings.Fields(outputs(t, "files", "one", "--zone", "refined"))
	for _, line := range columnsOf(t, paths, "user") {
		if len(line) != 33 {
			t.Errorf("%q is no hash", line)
		}
	}
	all, err := os.ReadDir("one")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		a, _ := os.ReadFile(filepath.Join("one", e.Name()))
		b, err := os.ReadFile(filepath.Join("two", e.Name()))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is another: %v", e.Name(), err)
		}
	}
}

// TestVectorArchiveSessions: a job that is not answered by adding has a view as well: what is
// shown at the cut. The state beside it is no Parquet, and is not listed.
func TestVectorArchiveSessions(t *testing.T) {
	folder(t)
	outputs(t, "archive", "clicks.yaml", "--out", "lake", "--set", "pipeline.1.window={session: 2s}")
	if list := listed(t, "lake"); list.Rows != 6 {
		t.Errorf("%+v", list)
	}
	list := listed(t, "lake", "--zone", "view")
	if list.Late != "same" || list.Rows == 0 || len(list.Files) != 1 || !strings.HasSuffix(list.Files[0].Object, ".parquet") {
		t.Errorf("%+v", list)
	}
	transcript, code := command("archive", "clicks.yaml", "--out", "other", "--set", "pipeline.1.window={session: 2s}", "--batch", "late=complete")
	if code != exitInvalid || !strings.Contains(transcript, "use late=same") {
		t.Error(transcript)
	}
}

// TestVectorArchiveRefused: what is missing or damaged is refused by its path, with the cure.
func TestVectorArchiveRefused(t *testing.T) {
	folder(t)
	outputs(t, "archive", "clicks.yaml", "--out", "lake", "-q")
	paths := strings.Fields(outputs(t, "files", "lake"))
	file := paths[0]
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		transcript, code := command(args...)
		if code != exitInvalid || !strings.Contains(transcript, want) {
			t.Errorf("want exit 2 and %q:\n%s", want, transcript)
		}
	}
	put := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(whole[:len(whole)-1])
	refused(file+": not a whole archive: it has", "files", "lake")
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-2] ^= 1
	put(flipped)
	refused(file+": not a whole archive: at byte", "files", "lake")
	flipped = bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	put(flipped)
	outputs(t, "files", "lake") // its ends are good
	refused("its content is not what was written; make it with parallax archive", "files", "lake", "--check")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	refused(file+": not a whole archive: no such file", "files", "lake")
	refused("has no snapshot 99: they are 1 to", "files", "lake", "--snapshot", "99")
	refused("only the last one is kept", "files", "lake", "--zone", "view", "--snapshot", "1")
	refused("nowhere: not a whole archive: no such file", "files", "nowhere")
	if err := os.Mkdir("empty", 0o700); err != nil {
		t.Fatal(err)
	}
	refused("there is no journal of names in it", "files", "empty")
	refused("lake is not empty", "archive", "clicks.yaml", "--out", "lake")
	refused("needs --secret FILE", "archive", "clicks.yaml", "--out", "other", "--anonymous", "user")
	refused(`no column "town"`, "archive", "clicks.yaml", "--out", "other", "--columns", "town")
	refused("--out DIR is missing", "archive", "clicks.yaml")
	refused("every=", "archive", "clicks.yaml", "--out", "other", "--batch", "every=1ms")
	refused("nothing to archive", "archive", "clicks.yaml", "--out", "other", "--set", "source.file=empty.csv")
	if _, err := os.Stat("other"); err == nil {
		t.Error("a refused archive has left a folder")
	}

	names, err := filepath.Glob("lake/names*")
	if err != nil || len(names) == 0 {
		t.Fatalf("no journal: %v", err)
	}
	content, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/3] ^= 1
	if err := os.WriteFile(names[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("lake: not a whole archive: store: ", "files", "lake")
}
