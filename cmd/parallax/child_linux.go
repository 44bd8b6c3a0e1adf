package main

import "syscall"

// childAttributes keep a terminal's signals from the process, which gets them from
// its parent, and let the system end it when its parent ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
