// Package waiting is what a row path says of what it waits for: how far each
// partition has come and because of which row, which of them holds the watermark, and
// which windows are open and at which watermark each fires and is forgotten. It is data,
// made by operator.Path.Waiting and told by `parallax why`.
//
// The invariant: it follows from the path's state and what was seen of its rows, and
// making it changes nothing.
package waiting
