package scenarios

import (
	"fmt"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/expr"
	"parallax/engine/flow/watermark"
)

// share is a share of something in millionths, written as 0.99.
type share int32

func decodeShare(n *node, out *share) error {
	if n.kind != scalarNode {
		return n.errorf("%s stands where a share such as 0.99 was expected", n.kind)
	}
	millionths, err := flow.ParseShare(n.scalar)
	if err != nil {
		return n.errorf("%s", strings.TrimPrefix(err.Error(), "flow: "))
	}
	*out = share(millionths)
	return nil
}

// watermark takes in the job's strategy; at is nil where the job says nothing.
func (j *Job) watermark(doc *watermarkDoc, at *node) error {
	w := watermark.Spec{AheadMax: int64(doc.AheadMax), Millionths: int32(max(doc.Percentile, doc.Adaptive, doc.Completeness))}
	if doc.Bounded != nil {
		w.Bounded = int64(*doc.Bounded)
	}
	said := 0
	for _, s := range []struct {
		kind watermark.Kind
		is   bool
		src  string
	}{
		{watermark.Monotonic, doc.Monotonic, ""},
		{watermark.Percentile, at.get("percentile") != nil, ""},
		{watermark.Adaptive, at.get("adaptive") != nil, ""},
		{watermark.Completeness, at.get("completeness") != nil, ""},
		{watermark.Punctuated, at.get("punctuated") != nil, doc.Punctuated},
		{watermark.PerKey, at.get("per_key") != nil, doc.PerKey},
	} {
		if !s.is {
			continue
		}
		if said++; said > 1 {
			return at.errorf("monotonic, punctuated, per_key, percentile, adaptive and completeness exclude each other")
		}
		w.Kind = s.kind
		if s.kind == watermark.Punctuated || s.kind == watermark.PerKey {
			e, err := expr.Parse(s.src)
			if err != nil {
				return placeExpr(at.get(s.kind.String()), err)
			}
			j.Pipeline.Marker = e
		}
	}
	if doc.Monotonic && doc.Bounded != nil {
		return at.errorf("bounded and monotonic exclude each other")
	}
	if said == 0 && doc.Bounded == nil {
		w.Kind = watermark.Monotonic
	}
	switch doc.Across {
	case "own":
		w.Across = watermark.Own
	case "max":
		w.Across = watermark.Max
	}
	rows, every, err := doc.Batch.size(at.get("batch"))
	if err != nil {
		return err
	}
	if doc.Move == "batch" {
		w.BatchRows, w.BatchEvery = rows, every
	}
	j.Pipeline.Watermark = w
	return nil
}

// batchEvery is the period of micro-batches where nothing is said.
const batchEvery = 10_000_000 // µs

// size is what the job's micro-batches are; at is nil where it does not say.
func (d *batchDoc) size(at *node) (rows, every int64, err error) {
	switch {
	case at == nil:
		return 0, batchEvery, nil
	case d.Rows != nil && d.Every == nil && *d.Rows > 0:
		return int64(*d.Rows), 0, nil
	case d.Every != nil && d.Rows == nil && *d.Every > 0:
		return 0, int64(*d.Every), nil
	}
	return 0, 0, at.errorf("a micro-batch is {rows: 1000} or {every: 10s}, and not of nothing")
}

// checkStrategy refuses, for a run as a cluster, strategies that do not follow from
// the log.
func (j *Job) checkStrategy() error {
	switch kind := j.Pipeline.Watermark.Kind; kind {
	case watermark.BoundedDisorder, watermark.Monotonic:
		return nil
	case watermark.Punctuated, watermark.Percentile, watermark.PerKey:
		if j.IdleAfter > 0 {
			return j.unchecked("source.idle", fmt.Sprintf("a run as a cluster tells idle partitions the greatest event time "+
				"of the others, which is more than %s promises; leave idle out, or use bounded or monotonic", kind))
		}
		return nil
	default:
		return j.unchecked("watermark."+kind.String(), "the model that checks a run as a cluster does not know this strategy; "+
			"use bounded, monotonic, punctuated, percentile or per_key")
	}
}
