package measure

// Work is what a role has used, over all its nodes.
type Work struct {
	Role        string
	ProcessorNs int64 // virtual
	Wrote, Read uint64
	Sent        uint64
	Stored      uint64 // at the end
	StoredPeak  uint64
}

// Plus adds another's, under the first one's name.
func (w Work) Plus(o Work) Work {
	w.ProcessorNs += o.ProcessorNs
	w.Wrote, w.Read, w.Sent = w.Wrote+o.Wrote, w.Read+o.Read, w.Sent+o.Sent
	w.Stored, w.StoredPeak = w.Stored+o.Stored, w.StoredPeak+o.StoredPeak
	return w
}
