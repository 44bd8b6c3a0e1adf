package dataset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"parallax/engine"
	"parallax/engine/blob"
	"parallax/engine/blob/store"
	"parallax/scenarios"
)

// ErrFolder is returned for a folder that is no archive, or a damaged one.
var ErrFolder = errors.New("not a whole archive")

// cure is what helps when an archive is not there or not whole.
const cure = "make it with parallax archive JOB --out DIR"

// LiveStore is where the folder of a live run has its object store.
var LiveStore = filepath.Join("nodes", "store")

// bootFile tells a driver of a machine which incarnation of the store the folder is from.
const bootFile = ".boot-%010d-%010d"

// Vacant refuses a place where something is already.
func Vacant(dir string) error {
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s cannot be an archive's folder: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty: an archive is made in a folder of its own; name another one or remove it", dir)
	}
	return nil
}

// Write copies the object store's disk into a folder, which must not be there or be
// empty. It is made beside its place and then renamed.
func (l *Layers) Write(dir string) (err error) {
	if err := Vacant(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	tmp, err := os.MkdirTemp(parent, filepath.Base(dir)+".*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	defer os.RemoveAll(tmp) // gone already when all went well
	if err := errors.Join(l.copyTo(tmp), os.Chmod(tmp, 0o755)); err != nil {
		return fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("%s cannot be written: %w", dir, err)
	}
	return nil
}

func (l *Layers) copyTo(dir string) error {
	from := l.world.Disk(l.nodes.store)
	for _, name := range from.Files() {
		data := make([]byte, from.Size(name))
		if n, err := from.ReadAt(name, data, 0); n < len(data) {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	recipe, err := l.recipe.AppendTo(nil)
	return errors.Join(
		err,
		os.WriteFile(filepath.Join(dir, scenarios.RecipeFile), recipe, 0o644),
		os.WriteFile(filepath.Join(dir, fmt.Sprintf(bootFile, l.nodes.store, 1)), nil, 0o644),
	)
}

// disk is a folder as a store sees it that has just been started.
type disk struct {
	dir   string
	names []string
}

// Files lists the files.
func (d *disk) Files() []string { return d.names }

// Size is a file's length in bytes, 0 if it is not there.
func (d *disk) Size(name string) int64 {
	info, err := os.Stat(filepath.Join(d.dir, name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// ReadAt reads from a file.
func (d *disk) ReadAt(name string, p []byte, off int64) (int, error) {
	f, err := os.Open(filepath.Join(d.dir, name))
	if err != nil {
		return 0, err
	}
	defer f.Close() // it was only read from
	return f.ReadAt(p, off)
}

// Folder is an archive on a disk, as it was when it was opened.
type Folder struct {
	top    string // what was opened: dir, or a live run's folder around it
	dir    string
	store  *store.Store
	places map[string]string // file of an object, "" if it is in the journal
}

// Open reads an archive's folder, or the object store's in that of a live run: which
// objects there are, and where. Nothing in it is changed.
func Open(dir string) (*Folder, error) {
	top := dir
	if info, err := os.Stat(filepath.Join(dir, LiveStore)); err == nil && info.IsDir() {
		dir = filepath.Join(dir, LiveStore)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; %s", dir, ErrFolder, errors.Unwrap(err), cure)
	}
	d := &disk{dir: dir}
	journal := false
	for _, e := range entries {
		if name := e.Name(); e.Type().IsRegular() && !strings.HasPrefix(name, ".") {
			d.names = append(d.names, name)
			journal = journal || strings.HasPrefix(name, "names")
		}
	}
	slices.Sort(d.names)
	if !journal {
		return nil, fmt.Errorf("%s: %w: there is no journal of names in it; %s", dir, ErrFolder, cure)
	}
	// A store that starts changes nothing but by effects, which nobody carries out here.
	var fx engine.Effects
	actor, err := store.Start(store.Options{})(engine.Env{ID: 1, Boot: math.MaxUint32, Disk: d}, &fx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; %s", dir, ErrFolder, err, cure)
	}
	f := &Folder{top: top, dir: dir, store: actor.(*store.Store), places: map[string]string{}}
	f.store.Objects(func(name string, _ blob.Info, file string) bool {
		f.places[name] = file
		return true
	})
	return f, nil
}

// get is an object's content, checked; nil if there is none, or if it is not whole.
func (f *Folder) get(name string) []byte {
	var fx engine.Effects
	f.store.Step(engine.Event{Msg: blob.Get{Name: name, Length: -1}}, &fx)
	for _, e := range fx.Sends {
		if got, ok := e.Msg.(blob.Got); ok && got.Code == blob.OK {
			return got.Data
		}
	}
	return nil
}

// path is where an object's content lies as a file of its own, of which the size is as
// it was written and both ends are those of Parquet.
func (f *Folder) path(name string, bytes int64) (string, error) {
	const mark = "PAR1"
	file, ok := f.places[name]
	if !ok {
		return "", fmt.Errorf("%s: %w: object %s is missing; %s", f.dir, ErrFolder, name, cure)
	}
	path := filepath.Join(f.dir, file)
	if file == "" {
		return "", fmt.Errorf("%s: %w: object %s is no file of its own, %s", f.dir, ErrFolder, name, cure)
	}
	in, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w: %w; %s", path, ErrFolder, errors.Unwrap(err), cure)
	}
	defer in.Close() // it was only read from
	size, err := in.Seek(0, io.SeekEnd)
	if err != nil || size != bytes {
		return "", fmt.Errorf("%s: %w: it has %d bytes and was written with %d; %s", path, ErrFolder, size, bytes, cure)
	}
	for _, at := range []int64{0, size - int64(len(mark))} {
		b := make([]byte, len(mark))
		if _, err := in.ReadAt(b, at); err != nil || string(b) != mark {
			return "", fmt.Errorf("%s: %w: at byte %d it is not Parquet; %s", path, ErrFolder, at, cure)
		}
	}
	return path, nil
}
