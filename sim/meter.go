package sim

// meter is the disk as an actor sees it: durable bytes, every read charged.
type meter struct {
	disk  *Disk
	costs *Costs
	step  *bool // the actor reads, and not somebody who looks at it
	ns    int64 // charged and not yet taken
	bytes uint64
}

// Files costs one seek.
func (m *meter) Files() []string {
	if *m.step {
		m.ns += m.costs.ReadNs
	}
	return m.disk.Files()
}

// Size is free: it comes with the listing.
func (m *meter) Size(file string) int64 { return m.disk.Size(file) }

// ReadAt costs one seek and the bytes.
func (m *meter) ReadAt(file string, p []byte, off int64) (int, error) {
	n, err := m.disk.ReadAt(file, p, off)
	if !*m.step {
		return n, err
	}
	m.ns += m.costs.ReadNs + bytesNs(n, m.costs.ReadBytePs)
	m.bytes += uint64(n)
	return n, err
}

// take returns the time charged since the last call.
func (m *meter) take() int64 {
	ns := m.ns
	m.ns = 0
	return ns
}
