package commitlog_test

import (
	"fmt"

	"parallax/engine"
	"parallax/engine/commitlog"
	"parallax/engine/commitlog/protocol"
	"parallax/sim"
)

// client appends one batch and reads it back, asking one broker after the other.
type client struct {
	at    protocol.PartitionID
	tries engine.NodeID
	acked bool
}

func startClient(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
	c := &client{at: protocol.PartitionID{Topic: "clicks"}}
	c.ask(fx)
	return c, nil
}

func (c *client) ask(fx *engine.Effects) {
	leader := 1 + c.tries%3
	c.tries++
	if c.acked {
		fx.Send(leader, protocol.Fetch{Partition: c.at, Credit: 1 << 20})
	} else {
		fx.Send(leader, protocol.Produce{Partition: c.at, Producer: 7, Count: 3, TimeMax: 11_000_000, Payload: []byte("three rows")})
	}
	fx.After(0, engine.Second, protocol.Lookup{}) // any message will do for a timer
}

func (c *client) Step(ev engine.Event, fx *engine.Effects) {
	switch m := ev.Msg.(type) {
	case protocol.Lookup:
		c.ask(fx)
	case protocol.Produced:
		if m.Code == protocol.OK && !c.acked {
			fmt.Println("committed at", m.Base)
			c.acked = true
			c.tries--
			c.ask(fx)
		}
	case protocol.Fetched:
		for _, b := range m.Batches {
			fmt.Printf("%d rows: %s; the log ends at %d\n", b.Count, b.Payload, m.End)
		}
		if len(m.Batches) > 0 {
			fx.Cancel(0)
		}
	}
}

// Three brokers in a world, a batch appended and fetched.
func Example() {
	opts := commitlog.Options{
		Brokers: []engine.NodeID{1, 2, 3},
		Topics:  []commitlog.Topic{{Name: "clicks", Partitions: 1}},
	}
	world := sim.New(sim.Options{Seed: 1})
	for i := range opts.Brokers {
		world.Boot(fmt.Sprintf("broker-%d", i), commitlog.Start(opts), commitlog.Decode)
	}
	world.Boot("client", startClient, commitlog.Decode)
	if err := world.RunFor(10 * engine.Second); err != nil {
		fmt.Println(err)
	}
	// Output:
	// committed at 0
	// 3 rows: three rows; the log ends at 3
}
