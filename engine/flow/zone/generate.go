//go:build ignore

// Generate writes zones.bin from the zone files that come with Go, and with the
// name of their release.
package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		log.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "lib", "time")
	table, err := build(release(dir), filepath.Join(dir, "zoneinfo.zip"))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("zones.bin", table, 0o644); err != nil {
		log.Fatal(err)
	}
}

// release is the name of the data's release, which only the script that fetched it
// knows.
func release(dir string) string {
	script, err := os.ReadFile(filepath.Join(dir, "update.bash"))
	if err != nil {
		log.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^DATA=(\w+)$`).FindSubmatch(script)
	if m == nil {
		log.Fatal("no DATA= in update.bash")
	}
	return string(m[1])
}

// build packs the files of the archive as the package's doc.go draws it. Zones that
// are links share their data.
func build(version, archive string) ([]byte, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	slices.SortFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	b := append([]byte("zones 1\n"), byte(len(version)))
	b = append(b, version...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(z.File)))
	var data []byte
	at := map[string]int{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		one, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		if len(f.Name) > 255 || len(one) > 1<<16-1 {
			return nil, fmt.Errorf("%s does not fit the format", f.Name)
		}
		if _, ok := at[string(one)]; !ok {
			at[string(one)] = len(data)
			data = append(data, one...)
		}
		b = append(append(b, byte(len(f.Name))), f.Name...)
		b = binary.LittleEndian.AppendUint32(b, uint32(at[string(one)]))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(one)))
	}
	return append(b, data...), nil
}
