//go:build js || wasip1

package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"parallax/engine/flow"
	"parallax/scenarios"
)

// runLive needs processes.
func (f *runFlags) runLive(*cobra.Command, *scenarios.Job) error {
	return errors.New("parallax run: --live needs a system with processes and sockets")
}

// newNode is nothing here.
func newNode() *cobra.Command { return &cobra.Command{Use: "node", Hidden: true} }

// newCalibrate is nothing here.
func newCalibrate() *cobra.Command { return &cobra.Command{Use: "calibrate", Hidden: true} }

// goesOn is never so: there are no processes.
func goesOn(string) bool { return false }

// desk is nobody.
type desk struct{ teller }

func (*desk) close() {}

func openDesk(context.Context, string) (*flow.Plan, *desk, error) {
	return nil, nil, errors.New("parallax serve: a run that goes on needs a system with processes and sockets")
}
