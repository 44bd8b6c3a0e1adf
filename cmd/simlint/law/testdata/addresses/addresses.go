package addresses // want package:"not deterministic: "

import "unsafe"

func number(p *int) uintptr {
	return uintptr(unsafe.Pointer(p)) // want "turns a pointer into a number"
}

func bytes(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

func size() uintptr { return uintptr(8) + unsafe.Sizeof(0) }
