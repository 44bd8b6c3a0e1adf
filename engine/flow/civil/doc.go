// Package civil cuts time into days, weeks and months as people in a time zone count
// them.
//
// A day begins at the first instant at which clocks show its date, or a later one,
// and a window ends where the next begins. So windows are intervals whatever clocks
// did: a day has 23 or 25 hours where they changed, begins at one o'clock where
// midnight was skipped, keeps for itself the hour that clocks show twice, and is no
// window at all where the whole date was skipped. Weeks and months begin with their
// first day.
//
// The invariant: windows tile time. Every time lies in one, and the edges that its
// window has are its neighbours' too; only at the ends of the int64 range are edges
// held, and what lies between such an edge and the next is no window.
package civil
