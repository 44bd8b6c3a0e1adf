package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"parallax/engine/flow"
	"parallax/engine/flow/fold"
	"parallax/scenarios/dataset"
	"parallax/serving"
)

// Limits of a server, beside those that are flags.
const (
	serveHeadTimeout  = 5 * time.Second
	serveReadTimeout  = 10 * time.Second
	serveWriteTimeout = 60 * time.Second
	serveIdleTimeout  = 60 * time.Second
	serveStopTimeout  = 10 * time.Second // for answers that are on their way
	serveHeadBytes    = 16 << 10
)

// serveFlags are the flags of the command serve.
type serveFlags struct {
	sets     []string
	addr     string
	exposed  bool
	batch    string
	pace     int64
	code     string
	rows     int
	requests int
	snapshot uint64
}

func newServe() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve JOB|DIR",
		Short: "Answer questions over HTTP, from a job's batch and speed layer",
		Long: `Answer questions over HTTP about a job, until interrupted:

  GET /v1/point?key=ann&start=5000           one key, one window or all of them
  GET /v1/range?from=0&to=10000&key=ann      windows that begin in [from, to)
  GET /v1/top?by=clicks&k=10&from=…&to=…     rows with the greatest values
  GET /v1/scan?limit=100&after=…             everything, page by page

Of a job file, its batch and speed layer are run over all its rows, as parallax archive
does, and the answers are what they have come to. Of a folder that parallax archive has
made, they are what its batch view holds, or with --snapshot what the rows of an earlier
snapshot of the raw zone come to; only windows that end at or before the watermark there
are shown. Of the folder of a run with --arch lambda --live, the run's servers are asked
as long as it goes on: cut, watermark and view move while rows come, and never back.
When it is over, the folder is served as an archive's.

Times are milliseconds since 1970 or RFC 3339. key is given once for each column of the
group key, in their order; \N is a null. Every answer says which batch view it is from,
its cut and watermark, how stale it is (null without a log behind the view), which share
of the rows of its windows it counts, and the version of the code; next, if it is there,
is the after of the page behind. JSON, or with Accept: application/vnd.apache.arrow.stream
an Arrow stream, with the same in the schema's metadata. It listens on this machine alone,
unless --exposed is given: there is neither a password nor encryption.`,
		Example: `  parallax serve job.yaml
  parallax serve job.yaml --addr 127.0.0.1:0 --batch every=1h,late=same
  parallax serve lake --snapshot 3
  curl 'http://127.0.0.1:8080/v1/top?by=clicks&k=3'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("parallax serve: one job file or folder was expected, there are %d; see parallax serve --help", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.sets, "set", nil, "override a key of the job, as in watermark.bounded=5s (may be repeated)")
	flags.StringVar(&f.addr, "addr", "127.0.0.1:8080", "where to listen; port 0 takes a free one")
	flags.BoolVar(&f.exposed, "exposed", false, "allow an address that other machines can reach")
	flags.StringVar(&f.batch, "batch", "", "every=30s,late=complete, or late=same; otherwise the job's batch key decides")
	flags.Int64Var(&f.pace, "pace", 0, "stretch every period of the programs so many times; 0 chooses")
	flags.StringVar(&f.code, "code", "", "version of the code, as answers name it; otherwise a hash of the pipeline")
	flags.Uint64Var(&f.snapshot, "snapshot", 0, "of a folder: what this snapshot of the raw zone comes to; 0 is the batch view")
	flags.IntVar(&f.rows, "rows-max", 1000, "the most rows of an answer")
	flags.IntVar(&f.requests, "requests-max", 16, "the most questions at once; others are told to come again")
	return cmd
}

// check finds mistakes in the flags.
func (f *serveFlags) check() error {
	host, _, err := net.SplitHostPort(f.addr)
	if err != nil {
		return fmt.Errorf("parallax serve: --addr %q is not HOST:PORT, as in 127.0.0.1:8080", f.addr)
	}
	ip := net.ParseIP(host)
	switch {
	case !f.exposed && host != "localhost" && (ip == nil || !ip.IsLoopback()):
		return fmt.Errorf("parallax serve: --addr %s is not of this machine alone: use 127.0.0.1, or --exposed if everybody may ask", f.addr)
	case f.rows < 1 || f.rows > serving.QueryRowsMax:
		return fmt.Errorf("parallax serve: --rows-max %d is not in 1..%d", f.rows, serving.QueryRowsMax)
	case f.requests < 1:
		return fmt.Errorf("parallax serve: --requests-max %d is not more than 0", f.requests)
	case f.pace < 0:
		return fmt.Errorf("parallax serve: --pace %d is negative", f.pace)
	}
	return nil
}

func (f *serveFlags) run(cmd *cobra.Command, what string) error {
	if err := f.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	plan, from, end, err := f.open(ctx, cmd, what)
	if err != nil {
		return err
	}
	defer end()
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		return fmt.Errorf("parallax serve: %w; another --addr, or port 0, may be free", err)
	}
	if _, err := fmt.Fprintf(cmd.OutOrStdout(), "http://%s/v1/scan\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serveUntil(ctx, listener, newFront(plan, from, f.rows, f.requests))
}

// open finds out who answers: a job's layers, a folder, or a run that goes on. end is to be
// called when nobody asks any more.
func (f *serveFlags) open(ctx context.Context, cmd *cobra.Command, what string) (plan *flow.Plan, from teller, end func(), err error) {
	end = func() {}
	if info, err := os.Stat(what); err == nil && info.IsDir() {
		for _, flag := range []string{"set", "batch", "pace", "code"} {
			if cmd.Flags().Changed(flag) {
				return nil, nil, nil, fmt.Errorf("parallax serve: --%s is for a job file: the folder %s has been made already", flag, what)
			}
		}
		if run := f.running(what); run {
			plan, desk, err := openDesk(ctx, what)
			if err != nil {
				return nil, nil, nil, err
			}
			return plan, desk, desk.close, nil
		}
		kept, err := openKept(what, f.snapshot)
		if err != nil {
			return nil, nil, nil, err
		}
		return kept.Plan, kept, end, nil
	}
	if f.snapshot != 0 {
		return nil, nil, nil, errors.New("parallax serve: --snapshot is for a folder: of a job file, everything is answered")
	}
	layers, err := runLayers(cmd, "serve", what, f.sets, f.batch, dataset.Options{Pace: f.pace, Code: f.code})
	if err != nil {
		return nil, nil, nil, err
	}
	if layers.Way == fold.Neither {
		return nil, nil, nil, fmt.Errorf("parallax serve: two layers cannot answer this job, so there is no server for it: %s; parallax results %s answers it", layers.Why, what)
	}
	return layers.Plan, layers.Server(), end, nil
}

// running tells whether the head of a folder is to be had of a run that goes on in it.
func (f *serveFlags) running(dir string) bool { return f.snapshot == 0 && goesOn(dir) }

// openKept serves what a folder holds.
func openKept(dir string, snapshot uint64) (*dataset.Kept, error) {
	folder, err := dataset.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("parallax serve: %w", err)
	}
	kept, err := folder.Serve(snapshot)
	if err != nil {
		return nil, fmt.Errorf("parallax serve: %w", err)
	}
	return kept, nil
}

// serveUntil answers until ctx is done, and then what has been asked before.
func serveUntil(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: serveHeadTimeout, ReadTimeout: serveReadTimeout, WriteTimeout: serveWriteTimeout,
		IdleTimeout: serveIdleTimeout, MaxHeaderBytes: serveHeadBytes,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("parallax serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), serveStopTimeout)
	defer cancel()
	return server.Shutdown(last)
}
