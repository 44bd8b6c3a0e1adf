package store

import (
	"slices"
	"strings"

	"parallax/engine/blob"
)

// object is what a name stands for.
type object struct {
	version uint64
	size    int64
	sum     uint64
	inline  []byte   // a short object's content
	file    string   // else where it lies
	blocks  []uint64 // and the checksums of its blocks
	gone    bool     // a record only: deleted
}

func (o *object) info() blob.Info { return blob.Info{Version: o.version, Size: o.size, Sum: o.sum} }

// index is the objects by name, ascending.
type index struct {
	names   []string
	objects []object
	bytes   int64
	last    uint64 // version; one counter for all names, so that a name that comes back has another
}

func (x *index) at(name string) (int, bool) { return slices.BinarySearch(x.names, name) }

// find is the object of a name, or nil.
func (x *index) find(name string) *object {
	if i, ok := x.at(name); ok {
		return &x.objects[i]
	}
	return nil
}

func (x *index) info(name string) blob.Info {
	if o := x.find(name); o != nil {
		return o.info()
	}
	return blob.Info{}
}

// allows tells whether a name is as expected.
func (x *index) allows(name string, expect uint64) bool {
	return expect == blob.Any || x.info(name).Version == expect
}

// put makes an object what a name stands for, and returns what it was.
func (x *index) put(name string, o object) (old object) {
	x.last = max(x.last, o.version)
	i, ok := x.at(name)
	if ok {
		old = x.objects[i]
		x.bytes -= old.size
	}
	switch {
	case o.gone && ok:
		x.names, x.objects = slices.Delete(x.names, i, i+1), slices.Delete(x.objects, i, i+1)
	case o.gone:
	case ok:
		x.objects[i] = o
	default:
		x.names = slices.Insert(x.names, i, strings.Clone(name))
		x.objects = slices.Insert(x.objects, i, o)
	}
	if !o.gone {
		x.bytes += o.size
	}
	return old
}

// scan calls visit for the objects of the names from one on, until it returns false.
func (x *index) scan(from string, visit func(name string, o *object) bool) {
	i, _ := x.at(from)
	for ; i < len(x.names); i++ {
		if !visit(x.names[i], &x.objects[i]) {
			return
		}
	}
}
