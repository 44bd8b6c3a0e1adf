package banned // want package:"not deterministic: "

import (
	_ "context"     // want "imports context: deadlines"
	_ "crypto/rand" // want "imports crypto/rand: use Env.Rand"
	_ "hash/maphash" // want "imports hash/maphash: its seed differs"
	_ "log"         // want "imports log: "
	_ "math/cmplx"  // want "imports math/cmplx: "
	_ "net"         // want "imports net: messages are effects"
	_ "net/url"    // want "imports net/url: messages are effects"
	"os"            // want "imports os: files are read by Env.Disk"
	_ "os/exec"   // want "imports os/exec: "
	_ "path/filepath" // want "imports path/filepath: "
	_ "runtime"     // want "imports runtime: "
	_ "runtime/debug" // want "imports runtime/debug: "
	"sync"          // want "imports sync: an actor is single-threaded"
	_ "sync/atomic" // want "imports sync/atomic: an actor is single-threaded"
	_ "syscall"     // want "imports syscall: "
	_ "unique"      // want "imports unique: "
)

// One report, at the import, is enough.
type state struct{ sync.Mutex }

func (s *state) home() string {
	s.Lock()
	defer s.Unlock()
	return os.Getenv("HOME")
}
