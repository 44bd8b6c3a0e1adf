package callers // want package:"not deterministic: "

import (
	"io/ioutil"
	"time"

	"example.com/operators/helper"
)

func calls(f func(), m map[string]int, s *helper.Set[int]) {
	helper.Go(f)            // want "calls example.com/operators/helper.Go, which starts a goroutine .helper.go:\\d+"
	helper.Deep(f)          // want "Deep, which calls .*deeper, which calls .*helper.Go, which starts a goroutine"
	helper.Clock()          // want "Clock, which calls time.Now, which reads the clock"
	helper.Env()            // want "Env, which calls os.Getenv"
	helper.Lock()           // want "Lock, which calls .*sync.Mutex.*an actor is single-threaded"
	helper.Count()          // want "Count, which writes the package variable Counter"
	helper.Fuse(1, 2, 3)    // want "Fuse, which may fuse a float"
	helper.Sketch()         // want "Sketch, which calls example.com/sketch.New of a third-party module"
	helper.Print()          // want "Print, which calls fmt.Println, which accesses non-deterministic var os.Stdout"
	helper.Select()         // want "Select, which chooses at random"
	helper.Keys(m)          // want "Keys, which ranges over a map"
	helper.Age()            // want "Age, which "
	helper.Even(3)          // want "Even, which calls .*Odd, which calls .*Clock"
	s.Any()                 // want "Any, which ranges over a map"
	_ = helper.Started      // want "reads helper.Started, which calls time.Now"
	ioutil.ReadFile("") // want "ioutil.ReadFile, which calls os.ReadFile, which touches the machine"
	_ = helper.Sum(m)
	_ = s.Has(1)
	_ = time.Second
}
