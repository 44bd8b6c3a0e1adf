package scenarios

import (
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
	w := watermark.Spec{AheadMax: int64(doc.AheadMax), Millionths: int32(doc.Percentile)}
	if doc.Bounded != nil {
		w.Bounded = int64(*doc.Bounded)
	}
	punctuated := at.get("punctuated")
	switch percentile := at.get("percentile") != nil; {
	case doc.Monotonic && doc.Bounded != nil:
		return at.errorf("bounded and monotonic exclude each other")
	case doc.Monotonic && (punctuated != nil || percentile), punctuated != nil && percentile:
		return at.errorf("monotonic, punctuated and percentile exclude each other")
	case percentile:
		w.Kind = watermark.Percentile
	case punctuated != nil:
		w.Kind = watermark.Punctuated
		e, err := expr.Parse(doc.Punctuated)
		if err != nil {
			return placeExpr(punctuated, err)
		}
		j.Pipeline.Marker = e
	case doc.Bounded == nil:
		w.Kind = watermark.Monotonic
	}
	if doc.Across == "own" {
		w.Across = watermark.Own
	}
	j.Pipeline.Watermark = w
	return nil
}

// checkStrategy refuses, for a run as a cluster, strategies whose promise its log
// does not know.
func (j *Job) checkStrategy() error {
	switch kind := j.Pipeline.Watermark.Kind; kind {
	case watermark.BoundedDisorder, watermark.Monotonic:
		return nil
	default:
		return j.refuse("watermark."+kind.String(), "a run as a cluster goes by the greatest event time, "+
			"which is what a partition's log carries from segment to segment; use bounded or monotonic")
	}
}
