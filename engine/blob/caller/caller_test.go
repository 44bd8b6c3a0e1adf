package caller_test

import (
	"errors"
	"fmt"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/caller"
)

// A request is repeated until it is answered, and an answer counts once.
func Example() {
	c := caller.Caller{Store: 9}
	fx := &engine.Effects{}
	c.Ask(blob.Get{Request: c.Next(), Name: "head", Length: -1}, fx)
	timer := fx.Timers[0].Msg.(caller.Again)

	c.Again(timer, fx)
	fmt.Println(len(fx.Sends), "times asked")
	fmt.Println(c.Answers(blob.Got{Request: 1, Code: blob.Busy}, fx), c.Answers(blob.Got{Request: 1}, fx), c.Answers(blob.Got{Request: 1}, fx))
	// Output:
	// 2 times asked
	// false true false
}

// TestVectorOld: neither an old answer nor an old timer is taken for a new one.
func TestVectorOld(t *testing.T) {
	c := caller.Caller{Store: 9, Timer: 3}
	fx := &engine.Effects{}
	c.Ask(blob.Put{Request: c.Next(), Name: "a"}, fx)
	old := fx.Timers[0].Msg.(caller.Again)
	c.Ask(blob.Delete{Request: c.Next(), Name: "a"}, fx)
	fx.Reset()
	if c.Again(old, fx); len(fx.Sends) != 0 {
		t.Error("an old timer asks")
	}
	if c.Answers(blob.Done{Request: 1}, fx) || !c.Answers(blob.Done{Request: 2}, fx) {
		t.Error("the answer is to the second request")
	}
	c.Ask(blob.List{Request: c.Next()}, fx)
	if !c.Answers(blob.Listed{Request: 3}, fx) {
		t.Error("a listing is an answer")
	}
}

// TestVectorWritten: what is there already must be the same.
func TestVectorWritten(t *testing.T) {
	for _, c := range []struct {
		answer  engine.Message
		already bool
		want    error
	}{
		{blob.Done{}, false, nil},
		{blob.Done{Code: blob.Mismatch, Info: blob.Info{Sum: 7, Size: 3}}, true, nil},
		{blob.Done{Code: blob.Mismatch, Info: blob.Info{Sum: 8, Size: 3}}, false, caller.ErrContent},
		{blob.Done{Code: blob.Mismatch, Info: blob.Info{Sum: 7, Size: 4}}, false, caller.ErrContent},
	} {
		if already, err := caller.Written(c.answer, "o", 7, 3); already != c.already || !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, %v", c.answer, already, err)
		}
	}
	if _, err := caller.Written(blob.Done{Code: blob.Refused}, "o", 7, 3); err == nil {
		t.Error("a refusal is taken for a success")
	}
}
