// Package story holds runs as plain data, and draws them from seeds.
//
// The idea. A [Story] is everything that decides a run of a deployment: the
// pipeline, the rows and when they arrive, the sizes of the deployment, and what
// breaks. Whoever runs it (package sim/cluster), writes it to a file (package
// scenarios) or takes pieces out of it (package sim/shrink) needs nothing else; no
// generator stands between a story and its run. So a story goes on failing when
// [Draw] has long changed what it makes of a seed.
//
// The invariant: [Draw] is a function of its seed, and every story that it draws can
// be planned, has an answer, and fits the limits of what runs it.
//
// What is drawn, each in a file of its own: pipelines; how event times lie
// (disorder, bursts, gaps exactly as long as a window, times before 1970, days of 23
// hours); keys (few, hot, empty, huge) and values (NaN, infinities, -0, numbers whose
// sums no float64 holds); sizes, so small that segments, retention and checkpoints
// come round often; verbs (what the client asks, who is restarted, when nobody has
// anything to say), each off or on and weighted; where checkpoints are kept; and, by [sim.Swarm], which families of
// faults strike.
package story
