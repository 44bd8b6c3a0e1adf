package lambda

import (
	"fmt"

	"parallax/batch/archive"
	"parallax/batch/job"
	"parallax/engine"
	"parallax/engine/blob/store"
	"parallax/engine/commitlog"
	"parallax/engine/kappa"
	"parallax/sim/cluster"
	"parallax/speed"
)

// Roles are a job's programs for whatever driver runs them, ascending by id from 1 on:
// brokers, store, archiver, batch job, servers, which are named server-0 and so on,
// producer, and a metronome that writes the markers given. The ids behind the last are free
// for clients. Pace is that of a world and stays 1 elsewhere.
func (j Job) Roles(o Options, markers kappa.Feed) []cluster.Role {
	o.fill()
	d := &Deployment{job: j, opts: o}
	return d.roles(markers)
}

func serverName(number int) string { return fmt.Sprint("server-", number) }

// roles are the programs, whose ids it notes.
func (d *Deployment) roles(markers kappa.Feed) (list []cluster.Role) {
	o, partitions, next := &d.opts, int32(len(d.job.Feed)), engine.NodeID(0)
	id := func() engine.NodeID { next++; return next }
	for range o.Brokers {
		d.brokers = append(d.brokers, id())
	}
	d.store, d.archive, d.batch = id(), id(), id()
	holders := []string{archive.Holder}
	for i := range o.Servers {
		d.servers, holders = append(d.servers, id()), append(holders, holder(i))
	}
	d.producer, d.markers = id(), id()

	log := o.Log
	log.Brokers = d.brokers
	log.Topics = []commitlog.Topic{{Name: topic, Partitions: partitions, Holders: holders}}
	for i, b := range d.brokers {
		list = append(list, cluster.Role{ID: b, Name: fmt.Sprint("broker-", i), Start: commitlog.Start(log), Decode: commitlog.Decode})
	}
	own := code{d.job.Pipeline, codeName, viewName}
	list = append(
		list,
		cluster.Role{ID: d.store, Name: "store", Start: store.Start(store.Options{Trouble: o.Trouble}), Decode: store.Decode},
		cluster.Role{ID: d.archive, Name: "archiver", Start: d.startArchiver(), Decode: archive.Decode},
		cluster.Role{ID: d.batch, Name: "batch", Start: d.startJob(own), Decode: job.Decode},
	)
	for i, s := range d.servers {
		list = append(list, cluster.Role{ID: s, Name: serverName(i), Start: d.startServer(i, own), Decode: speed.Decode})
	}
	feed := func(id uint64, f kappa.Feed) engine.Start {
		return kappa.StartProducer(kappa.ProducerOptions{ID: id, Topic: topic, Partitions: partitions, Brokers: d.brokers, Feed: f, Retry: producerRetry * o.Pace})
	}
	return append(
		list,
		cluster.Role{ID: d.producer, Name: "producer", Start: feed(producer, d.job.Feed), Decode: kappa.Decode},
		cluster.Role{ID: d.markers, Name: "metronome", Start: feed(metronome, markers), Decode: kappa.Decode},
	)
}

func (d *Deployment) startArchiver() engine.Start {
	return archive.Start(archive.Options{
		Log: d.reading(""), Markers: metronome, Schema: d.job.Schema, Watermark: d.job.Pipeline.Watermark, Store: d.store, Table: table,
		Code: codeName, FileRows: d.opts.Batch.FileRows, Defect: d.opts.Defects.Archive,
	})
}
