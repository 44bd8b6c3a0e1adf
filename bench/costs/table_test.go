package costs

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestVectorCommitted: the committed table is read whole, is written as it stands, and
// its hash is the one that results of its version have.
func TestVectorCommitted(t *testing.T) {
	table := Default()
	var b bytes.Buffer
	if err := table.Write(&b); err != nil || !bytes.Equal(b.Bytes(), committed) {
		t.Errorf("written again it is\n%s%v", b.String(), err)
	}
	if h := table.World().Hash(); table.Version != 2 || h != 0xb850def108e2e141 {
		t.Errorf("version %d, hash %#x: a table with other prices has another version", table.Version, h)
	}
}

// TestVectorMistakes: what is no table is refused with the reason.
func TestVectorMistakes(t *testing.T) {
	text := string(committed)
	for _, c := range []struct{ text, why string }{
		{strings.Replace(text, `"version": 2`, `"version": 0`, 1), "no version"},
		{strings.Replace(text, `"byte_ps"`, `"bite_ps"`, 1), "bite_ps"},
		{strings.Replace(text, `: 800,`, `: -800,`, 1), "below 0"},
		{"[]", "cannot unmarshal"},
	} {
		if _, err := Parse([]byte(c.text)); !errors.Is(err, errTable) || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%q: %v", c.why, err)
		}
	}
}
