package dataset_test

import (
	"fmt"
	"os"
	"path/filepath"

	"parallax/scenarios"
	"parallax/scenarios/dataset"
)

const job = `parallax: job/v1
name: clicks
source:
  file: clicks.csv
  event_time: {field: at, unit: ms}
watermark: {bounded: 1s}
pipeline:
  - key_by: [user]
  - window: {tumble: 5s}
  - aggregate: {clicks: count()}
`

// made is a job's layers, and the folder in which its file is.
func made(o dataset.Options) (*dataset.Layers, string, error) {
	dir, err := os.MkdirTemp("", "dataset")
	if err != nil {
		return nil, "", err
	}
	rows := "user,at\nann,1000\nbob,2500\nann,7000\nann,12000\n"
	if err := os.WriteFile(filepath.Join(dir, "clicks.csv"), []byte(rows), 0o600); err != nil {
		return nil, dir, err
	}
	j, err := scenarios.Parse(filepath.Join(dir, "clicks.yaml"), []byte(job), nil)
	if err != nil {
		return nil, dir, err
	}
	layers, err := dataset.Run(j, o)
	return layers, dir, err
}

// Four rows are archived, and a listing says which file has them all at the end.
func Example() {
	layers, dir, err := made(dataset.Options{Code: "v1"})
	defer os.RemoveAll(dir)
	if err == nil {
		err = layers.Write(filepath.Join(dir, "lake"))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	folder, err := dataset.Open(filepath.Join(dir, "lake"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, zone := range []string{dataset.Raw, dataset.View} {
		list, err := folder.List(zone, 0, true)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(zone, list.Rows, "rows by", list.Code)
	}
	// Output:
	// raw 4 rows by v1
	// view 4 rows by v1
}
