// Package caller speaks to an object store on behalf of an actor: one request at a time,
// repeated until it is answered.
//
// A store may refuse for the moment, be down, or carry a request out and lose the reply;
// to the one who asks it is all the same, and it asks again. That is safe because of how
// objects are written (package blob): content under a name of its own, or a swap by
// compare-and-set, after which one looks at what is there.
//
// The invariant: an answer is handed out once, and is to the request made last.
package caller
