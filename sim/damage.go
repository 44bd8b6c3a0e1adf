package sim

import (
	"fmt"
	"io/fs"
)

// Damage inverts the given bits of one durable byte of a file, as bit rot does:
// whoever reads it next gets the wrong byte and no error. It is the caller's to
// choose a byte at rest; an actor that keeps in memory what it wrote does not
// notice before it starts again.
func (d *Disk) Damage(name string, at int64, bits byte) error {
	f := d.find(name)
	if f == nil || !f.visible() || at < 0 || at >= int64(f.durable) {
		return fmt.Errorf("sim: damage %q at %d: %w", name, at, fs.ErrNotExist)
	}
	f.data[at] ^= bits
	return nil
}
