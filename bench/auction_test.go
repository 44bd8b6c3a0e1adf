package bench

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/bench/nexmark"
)

// TestDifferentialAuction: every query of bids is answered alike by both paths, its
// drops at the job's own delay are those of the curve, and the folder is a function of
// the seed.
func TestDifferentialAuction(t *testing.T) {
	for _, query := range nexmark.Queries {
		var folders [2]map[string]string
		for i := range folders {
			dir := t.TempDir()
			out, err := Auction(query, Options{Dir: dir, Seed: 3, Rows: 3000})
			if err != nil {
				t.Fatalf("%s: %v", query, err)
			}
			if !out.Agree || out.Counts.Rows != 3000*46/50 {
				t.Errorf("%s: %+v", query, out)
			}
			for _, d := range out.Delays {
				if d.Delay == 1000 && d.Dropped != out.Counts.PairsDropped {
					t.Errorf("%s: the engine dropped %d pairs, the curve says %d", query, out.Counts.PairsDropped, d.Dropped)
				}
			}
			if folders[i], err = contents(dir); err != nil {
				t.Fatal(err)
			}
		}
		for name, text := range folders[0] {
			if folders[1][name] != text {
				t.Errorf("%s: %s is another one the second time", query, name)
			}
		}
		if page := folders[0]["frontier.html"]; (page == "") != (query == "q11") {
			t.Errorf("%s: a page of %d bytes", query, len(page))
		}
	}
}

func contents(dir string) (map[string]string, error) {
	out := map[string]string{}
	list, err := os.ReadDir(dir)
	for _, e := range list {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		out[e.Name()] = string(text)
	}
	return out, err
}

func TestVectorAuctionMistakes(t *testing.T) {
	dir := t.TempDir()
	if _, err := Auction("q1", Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "q5") {
		t.Errorf("q1: %v", err)
	}
	if _, err := Auction("q5", Options{Dir: dir, Rows: AuctionRowsMax + 1}); !errors.Is(err, ErrRows) {
		t.Errorf("too many events: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte("# mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Auction("q5", Options{Dir: dir, Rows: 100}); !errors.Is(err, ErrEdited) {
		t.Errorf("an edited job: %v", err)
	}
	differs := AuctionOutcome{Difference: "late.csv"}
	if v := differs.Verdict(); !strings.Contains(v, "DIFFER") || !strings.Contains(v, "late.csv") {
		t.Error(v)
	}
	var b bytes.Buffer
	if err := differs.WriteJSON(&b); err != nil || !strings.Contains(b.String(), `"kappa_equals_oracle":false`) {
		t.Errorf("%v: %s", err, &b)
	}
}
