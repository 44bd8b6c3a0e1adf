package concurrency // want package:"not deterministic: "

type Queue struct {
	ready chan int // want "uses a channel type"
}

func spawn(f func()) {
	go f() // want "starts a goroutine"
}

func send(q *Queue) {
	q.ready <- 1 // want "sends to a channel"
}

func receive(q *Queue) int {
	return <-q.ready // want "receives from a channel"
}

func drain(q *Queue) (n int) {
	for range q.ready { // want "receives from a channel"
		n++
	}
	return n
}

func choose() {
	select { // want "chooses at random"
	default:
	}
}

func stop(q *Queue) {
	close(q.ready) // want "closes a channel"
}

func wait() {
	_ = make(chan bool) // want "uses a channel type"
}

func shout() {
	println("x") // want "writes to standard error"
	print("x")   // want "writes to standard error"
}

// A function of that name is nothing special.
func polite() {
	println := func(string) {}
	println("x")
}
