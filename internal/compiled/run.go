package compiled

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// grace is how long a program has to end after an interrupt before it is killed.
const grace = 3 * time.Second

// Run executes a program that prints its own errors in plain words: those become the error. Notes go to notes.
func Run(ctx context.Context, binary string, args []string, out, notes io.Writer) error {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = out, &stderr
	err := cmd.Run()
	text := strings.TrimSpace(stderr.String())
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return failure(err, text)
	case text != "":
		_, err = fmt.Fprintln(notes, text)
	}
	return err
}

// failure is why a program ended: in its own words, or for it if it had no time for any.
func failure(err error, text string) error {
	var exit *exec.ExitError
	switch {
	case !errors.As(err, &exit):
		return err
	case strings.Contains(text, "fatal error: runtime: out of memory"), strings.Contains(text, "cannot allocate memory"):
		return errors.New("the memory of this machine does not suffice for a call of this size")
	case !exit.Exited():
		return fmt.Errorf("the program was ended from outside (%w): perhaps for want of memory", err)
	case exit.ExitCode() != 1:
		return crash(text)
	case text == "":
		return err
	}
	return errors.New(text)
}

// crash is a bug of generated code or of the runtime. The trace goes to a file: it is for those who will mend it.
func crash(text string) error {
	first, _, _ := strings.Cut(text, "\n")
	file, err := os.CreateTemp("", "mmc-crash-*.txt")
	if err != nil {
		return fmt.Errorf("internal error: %s: please report\n%s", first, text)
	}
	defer file.Close()
	if _, err := io.WriteString(file, text); err != nil {
		return fmt.Errorf("internal error: %s: please report\n%s", first, text)
	}
	return fmt.Errorf("internal error: %s: please report, with %s", first, file.Name())
}
