package scenarios_test

import (
	"fmt"
	"os"
	"path/filepath"

	"parallax/scenarios"
	"parallax/scenarios/source"
)

// A job counts visits in windows of ten seconds. The visit of second 9 comes when
// second 21 has been seen, so it is too late by one second.
func Example() {
	dir, err := os.MkdirTemp("", "visits")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	rows := "page,at\nhome,3\nhome,12\nshop,21\nhome,9\n"
	if err := os.WriteFile(filepath.Join(dir, "visits.csv"), []byte(rows), 0o600); err != nil {
		panic(err)
	}
	text := `
parallax: job/v1
name: visits
source:
  file: visits.csv
  event_time: {field: at, unit: s}
watermark: {bounded: 10s}
pipeline:
  - key_by: [page]
  - window: {tumble: 10s}
  - aggregate: {visits: count()}
`
	job, err := scenarios.Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
	if err != nil {
		panic(err)
	}
	results, err := scenarios.Run(job, scenarios.Options{})
	if err != nil {
		panic(err)
	}
	if err := results.Table.Write(os.Stdout, source.CSV); err != nil {
		panic(err)
	}
	bound, _ := results.BoundEnough(job)
	fmt.Println(results.Summary.RowsDropped, "row was dropped; a bound of", bound, "would have kept it")
	// Output:
	// page,window_start_ms,window_end_ms,visits
	// home,0,10000,1
	// home,10000,20000,1
	// shop,20000,30000,1
	// 1 row was dropped; a bound of 11s1ms would have kept it
}

// The same job as a cluster that crashes and loses messages: the view is the same.
func ExampleRunCluster() {
	dir, err := os.MkdirTemp("", "visits")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "visits.csv"), []byte("page,at\nhome,3\nhome,12\nshop,21\nhome,9\n"), 0o600); err != nil {
		panic(err)
	}
	text := "parallax: job/v1\nname: visits\nsource: {file: visits.csv, event_time: {field: at, unit: s}}\n" +
		"watermark: {bounded: 10s}\npipeline: [{key_by: [page]}, {window: {tumble: 10s}}, {aggregate: {visits: count()}}]\n"
	job, err := scenarios.Parse(filepath.Join(dir, "job.yaml"), []byte(text), nil)
	if err != nil {
		panic(err)
	}
	run, err := scenarios.RunCluster(job, scenarios.ClusterOptions{Seed: 1, Faults: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(run.Verdict, "with faults:", run.Fired() > 0)
	if err := run.Results.Write(os.Stdout, source.CSV); err != nil {
		panic(err)
	}
	// Output:
	// pass with faults: true
	// page,window_start_ms,window_end_ms,visits
	// home,0,10000,1
	// home,10000,20000,1
	// shop,20000,30000,1
}

// A mistake is found where it stands.
func ExampleError() {
	text := "parallax: job/v1\nname: visits\nlate: {rule: lug}\n"
	_, err := scenarios.Parse("job.yaml", []byte(text), nil)
	fmt.Println(err)
	fmt.Print(err.(*scenarios.Error).Excerpt())
	// Output:
	// job.yaml:3:14: "lug" is not one of log, operator; did you mean "log"?
	//    3 | late: {rule: lug}
	//      |              ^^^
}
