//go:build !js && !wasip1

package osenv_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"parallax/engine"
	"parallax/engine/osenv"
)

// tally counts the times that it was started, in a file per incarnation.
type tally struct{ stop context.CancelFunc }

// durable says that what was persisted is safe.
type durable struct{}

func (durable) Kind() engine.Kind { return 1 }

func (durable) AppendTo(b []byte) []byte { return b }

func (a tally) Step(ev engine.Event, _ *engine.Effects) {
	if _, ok := ev.Msg.(durable); ok {
		a.stop()
	}
}

// An actor is run twice in the same directory; it finds what it left there.
func Example() {
	dir, err := os.MkdirTemp("", "tally")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 {
		ctx, stop := context.WithCancel(context.Background())
		err := osenv.Run(ctx, osenv.Options{
			ID: 1, Dir: dir,
			Decode: func(k engine.Kind, _ []byte) (engine.Message, error) {
				if k != 1 {
					return nil, errors.New("tally: unknown kind")
				}
				return durable{}, nil
			},
		}, func(env engine.Env, fx *engine.Effects) (engine.Actor, error) {
			fmt.Printf("boot %d finds %q\n", env.Boot, env.Disk.Files())
			fx.Persist(fmt.Sprintf("started-%d", env.Boot), []byte("x"), engine.Envelope{To: env.ID, Msg: durable{}})
			return tally{stop}, nil
		})
		if err != nil {
			fmt.Println(err)
		}
		stop()
	}
	// Output:
	// boot 1 finds []
	// boot 2 finds ["started-1"]
}
