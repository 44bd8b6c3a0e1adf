//go:build js || wasip1

package main

import (
	"errors"

	"github.com/spf13/cobra"

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
