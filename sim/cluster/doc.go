// Package cluster runs whole deployments in one simulated world and checks them.
//
// A [Deployment] is a producer, brokers, a worker, a view server and a client that
// asks at random instants. A run has two phases: first the world does its worst,
// and after every event a model tells whether anything anyone could see was wrong;
// then the world is calm, and everything must catch up in bounded time. At the end
// the view is compared with the oracle.
//
// The model keeps the log as the brokers have committed it, and the answers that
// belong to the cut at which the view stands. It classifies rows and assigns
// windows by itself; it shares with the engine the expressions and accumulators,
// which have laws and oracles of their own.
//
// The invariants, each in its own file:
//
//   - the log: what one broker has applied, every broker that has applied it has
//     alike; no batch is in it twice or out of its producer's order; nothing that
//     was acknowledged is missing, also not from what a new leader serves; the
//     worker reads committed records only;
//   - the view: its content is the exact answer at its cut, and its cut never goes
//     back;
//   - the client: every answer is that of the cut it states, and cuts never go
//     back for it.
package cluster
