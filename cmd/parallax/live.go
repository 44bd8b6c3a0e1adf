//go:build linux

package main

import (
	"errors"

	"github.com/spf13/cobra"

	"parallax/scenarios"
)

// runLive needs processes that end with their parent, which this system does not
// promise.
func (f *runFlags) runLive(*cobra.Command, *scenarios.Job) error {
	return errors.New("parallax run: --live needs Linux: elsewhere processes may outlive what started them")
}
