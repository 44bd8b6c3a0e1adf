//go:build !linux && !js && !wasip1

package main

import "syscall"

// childAttributes are none: elsewhere a process ends when its standard input does.
func childAttributes() *syscall.SysProcAttr { return nil }
