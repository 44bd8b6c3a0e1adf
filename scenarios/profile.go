package scenarios

import (
	"fmt"
	"strings"

	"parallax/engine/flow"
	"parallax/engine/flow/watermark"
)

// profileOrigin is what values from a profile say that they are from.
const profileOrigin = "profile "

func fromProfile(n *node) bool { return strings.HasPrefix(n.from.file, profileOrigin) }

// applyProfile adds what the job's profile says and the job does not. A name that is
// no profile's is for the decoder to refuse.
func applyProfile(root *node) error {
	at := root.get("profile")
	if at == nil {
		return nil
	}
	for _, p := range flow.Profiles() {
		if p.Name != at.scalar {
			continue
		}
		for _, set := range profileSets(root, p) {
			if err := overrideFrom(root, set, profileOrigin+p.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// profileSets is what a profile says and the job does not, as overrides. What it says of
// all partitions together does not go with a job that says late: {rule: log} or
// across: own, and is left out there.
func profileSets(root *node, p flow.Profile) []string {
	var sets []string
	unsaid := func(n *node) bool { return n == nil || fromProfile(n) }
	late, mark := root.get("late"), root.get("watermark")
	if late == nil || late.kind == mapNode && unsaid(late.get("rule")) {
		sets = append(sets, "late.rule="+p.Rule.String())
	} else if said := late.get("rule"); said != nil && said.scalar != flow.Operator.String() {
		p.Across, p.Batch = watermark.Min, false
	}
	if across := mark.get("across"); !unsaid(across) && across.scalar == watermark.Own.String() {
		p.Batch = false
	}
	if mark == nil || mark.kind == mapNode {
		if unsaid(mark.get("across")) {
			sets = append(sets, "watermark.across="+p.Across.String())
		}
		if unsaid(mark.get("move")) {
			sets = append(sets, "watermark.move="+p.Move())
		}
	}
	steps := root.get("pipeline")
	if steps == nil {
		return sets
	}
	for i, step := range steps.items {
		w := step.get("window")
		if w == nil || w.kind != mapNode {
			continue
		}
		at := fmt.Sprintf("pipeline.%d.window.", i)
		switch {
		case w.get("session") != nil && unsaid(w.get("merge")):
			sets = append(sets, at+"merge="+p.Merge.String())
		case (w.get("hop") != nil || w.get("tumble") != nil) && unsaid(w.get("clamp")):
			sets = append(sets, fmt.Sprintf("%sclamp=%t", at, p.Clamp))
		}
	}
	return sets
}

// ProfileSets is what a profile says of everything that the job does not say itself:
// overrides, in the same order for all profiles.
func (j *Job) ProfileSets(p flow.Profile) []string {
	if j.root == nil {
		return nil
	}
	return profileSets(j.root, p)
}
