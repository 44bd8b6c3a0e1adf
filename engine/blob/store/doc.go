// Package store is the server of package blob: an actor that keeps objects on its
// disk, under any driver.
//
// A store that runs on a real machine keeps its objects in a folder. An object longer
// than a few hundred bytes is a file of its own there, as it is, so that other programs
// can read it where it lies: blob-BOOT-NUMBER and the extension of the object's name.
// Names, versions and checksums are in a journal (package journal), which also holds
// short objects. A file is first made durable, then the journal names it; what a crash
// leaves unnamed is removed at the next start.
//
// What a store in the world does, this one does on request ([Trouble]): a request may
// be refused for the moment; its outcome may be unknown, because it was carried out and
// the reply is lost; a listing may take its time.
//
// The invariants: what a reply says is durable; an object is there whole or not at
// all, whatever crashes; of two Puts that expect the same version one fails; a listing
// is exact at one moment; damaged content is reported by name and never handed out.
package store
