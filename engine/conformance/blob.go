package conformance

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
)

// RunBlob has an object store (package store) keep its promises on a driver whose
// nodes read messages by store.Decode: a client works through a list of requests, and
// after some of them the store crashes. On a driver with a real disk the long objects
// then lie in its folder, as they are.
func RunBlob(t *testing.T, newDriver func(t *testing.T) Driver) {
	for _, every := range []int{0, 1, 3} {
		t.Run(fmt.Sprintf("CrashEvery%d", every), func(t *testing.T) {
			blobs := &blobs{t: t, driver: newDriver(t)}
			blobs.driver.Boot(blobStore, store.Start(store.Options{BaseBytes: 400}))
			blobs.driver.Boot(blobClient, func(_ engine.Env, fx *engine.Effects) (engine.Actor, error) {
				fx.After(1, askEveryNs, blob.List{})
				return &asker{blobs}, nil
			})
			blobs.work(every)
		})
	}
}

const (
	blobStore engine.NodeID = 1 + iota
	blobClient
)

// blobs is what the client is to ask next, and what it was answered.
type blobs struct {
	t      *testing.T
	driver Driver

	mu     sync.Mutex
	next   engine.Message
	number uint64
	answer engine.Message
}

// asker asks what it is told to, again and again until it is answered.
type asker struct{ *blobs }

// askEveryNs is how often a request is repeated.
const askEveryNs = 20 * engine.Millisecond

func (a *asker) Step(ev engine.Event, fx *engine.Effects) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n, ok := answerTo(ev.Msg); ok {
		if n == a.number && a.answer == nil {
			a.answer = ev.Msg
		}
		return
	}
	if a.next != nil && a.answer == nil {
		fx.Send(blobStore, a.next)
	}
	fx.After(1, askEveryNs, blob.List{}) // its own clock: any message of the store will do
}

func answerTo(m engine.Message) (request uint64, ok bool) {
	switch m := m.(type) {
	case blob.Done:
		return m.Request, true
	case blob.Got:
		return m.Request, true
	case blob.Listed:
		return m.Request, true
	}
	return 0, false
}

// ask waits for the answer to a request.
func (b *blobs) ask(make func(request uint64) engine.Message) engine.Message {
	b.t.Helper()
	b.mu.Lock()
	b.number++
	b.next, b.answer = make(b.number), nil
	b.mu.Unlock()
	var got engine.Message
	if !b.driver.Run(func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		got = b.answer
		return got != nil
	}) {
		b.t.Fatalf("no answer to request %d", b.number)
	}
	return got
}

// work puts, swaps, deletes, lists and reads, with crashes after every so many
// requests, and wants to find what it has been told is there.
func (b *blobs) work(every int) {
	b.t.Helper()
	content := func(i int) []byte { return bytes.Repeat([]byte(fmt.Sprintf("%d,", i)), 20+400*(i%4)) }
	const objects = 12
	version := uint64(0)
	for i := range objects {
		name := fmt.Sprintf("o/%02d.parquet", i)
		d := b.put(name, blob.Absent, content(i))
		if d.Code != blob.OK && d.Code != blob.Mismatch { // a try before the crash may have succeeded
			b.t.Fatalf("%s: %v", name, d.Code)
		}
		p := b.put("pointer", version, []byte(name))
		version = p.Info.Version
		if i%5 == 4 {
			b.ask(func(n uint64) engine.Message { return blob.Delete{Request: n, Name: name, Expect: blob.Any} })
		}
		if every > 0 && i%every == 0 {
			b.driver.Crash(blobStore)
			b.driver.Boot(blobStore, store.Start(store.Options{BaseBytes: 400}))
		}
	}
	var want []string
	for i := range objects {
		name := fmt.Sprintf("o/%02d.parquet", i)
		g := b.ask(func(n uint64) engine.Message { return blob.Get{Request: n, Name: name, Length: -1} }).(blob.Got)
		if i%5 == 4 {
			if g.Code != blob.Missing {
				b.t.Errorf("%s was deleted: %v", name, g.Code)
			}
			continue
		}
		want = append(want, name)
		if g.Code != blob.OK || !bytes.Equal(g.Data, content(i)) {
			b.t.Errorf("%s: %v, %d bytes", name, g.Code, len(g.Data))
		}
	}
	l := b.ask(func(n uint64) engine.Message { return blob.List{Request: n, Prefix: "o/"} }).(blob.Listed)
	var names []string
	for _, e := range l.Entries {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != strings.Join(want, " ") {
		b.t.Errorf("listed %s, want %s", got, strings.Join(want, " "))
	}
}

func (b *blobs) put(name string, expect uint64, data []byte) blob.Done {
	b.t.Helper()
	return b.ask(func(n uint64) engine.Message {
		return blob.Put{Request: n, Name: name, Expect: expect, Data: data}
	}).(blob.Done)
}
