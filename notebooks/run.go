package notebooks

import (
	"fmt"
	"io"
	"os"
	"strings"

	"parallax/notebooks/lesson"
)

// run is what a cell prints, and behind it what it draws.
func run(main func()) (outputs []any, err error) {
	f, err := os.CreateTemp("", "cell")
	if err != nil {
		return nil, fmt.Errorf("notebooks: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	defer func() { _ = f.Close() }()
	var pictures []string
	stdout, show := os.Stdout, lesson.Show
	os.Stdout, lesson.Show = f, func(svg string) { pictures = append(pictures, svg) }
	func() {
		defer func() { os.Stdout, lesson.Show = stdout, show }()
		main()
	}()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("notebooks: %w", err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("notebooks: %w", err)
	}
	outputs = []any{}
	if len(text) > 0 {
		outputs = append(outputs, stream{"stdout", "stream", lines(strings.TrimSuffix(string(text), "\n"))})
	}
	for _, svg := range pictures {
		outputs = append(outputs, display{map[string][]string{"image/svg+xml": lines(strings.TrimSuffix(svg, "\n"))}, map[string]any{}, "display_data"})
	}
	return outputs, nil
}
