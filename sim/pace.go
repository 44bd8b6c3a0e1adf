package sim

// Stretched is a world in which everything takes n times as long: delays, syncs,
// processors, wires, the slots of faults and how long they last. It is for data
// whose own time goes on for years: the nodes live through it at a pace at which
// a run is short. Rates stay, because slots stretch too.
func (o Options) Stretched(n int64) Options {
	o.fill()
	for _, ns := range [...]*int64{&o.Network.DelayMin, &o.Network.DelayMax, &o.Slot} {
		*ns *= n
	}
	o.Faults = o.Faults.Stretched(n)
	o.Costs = o.Costs.stretched(n)
	return o
}

// stretched is the price list n times dearer.
func (c Costs) stretched(n int64) Costs {
	for _, price := range [...]*int64{
		&c.MessageNs, &c.BytePs, &c.NetworkBytePs, &c.FsyncNs, &c.WriteBytePs, &c.ReadNs, &c.ReadBytePs, &c.StartNs, &c.WorkPs,
	} {
		*price *= n
	}
	return c
}
