package compiled

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/codegen"
	rt "mmc/runtime"
)

// inCache makes a fresh cache the user's; the go command keeps its own.
func inCache(t *testing.T) {
	t.Helper()
	build, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	t.Setenv("GOCACHE", strings.TrimSpace(string(build)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
}

func program(body string) []codegen.File {
	return []codegen.File{{Path: "run/main.go", Data: []byte("package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\nvar _ = time.Now\nvar _ = fmt.Print\n\nfunc main() {\n" + body + "\n\tos.Exit(0)\n}\n")}}
}

func TestBuildOnce(t *testing.T) {
	inCache(t)
	files := program(`fmt.Println("done")`)
	first, err := Build(t.Context(), files)
	require.NoError(t, err)
	made, err := os.Stat(first)
	require.NoError(t, err)
	second, err := Build(t.Context(), files)
	require.NoError(t, err)
	assert.Equal(t, first, second)
	again, err := os.Stat(second)
	require.NoError(t, err)
	assert.Equal(t, made.ModTime(), again.ModTime())
	entries, err := os.ReadDir(filepath.Dir(first))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing but the program")
	var out, notes bytes.Buffer
	require.NoError(t, Run(t.Context(), first, nil, &out, &notes))
	assert.Equal(t, "done\n", out.String())
}

// What shapes a program beside its text has a part in its name: a poisoned test makes poisoned programs, and finds no others.
func TestBuildFollowsTheProcess(t *testing.T) {
	inCache(t)
	tagged := func(condition, value string) codegen.File {
		return codegen.File{Path: "run/" + value + ".go", Data: []byte("//go:build " + condition + "\n\npackage main\n\nconst kind = \"" + value + "\"\n")}
	}
	files := append(program("fmt.Print(kind)"), tagged("mmcpoison", "poisoned"), tagged("!mmcpoison", "plain"))
	binary, err := Build(t.Context(), files)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, Run(t.Context(), binary, nil, &out, &out))
	assert.Equal(t, map[bool]string{true: "poisoned", false: "plain"}[rt.Poison], out.String())

	plain := key(files, nil, "")
	for _, other := range []string{key(files, []string{"-tags=mmcpoison"}, ""), key(files, nil, "v3"), key(files[1:], nil, "")} {
		assert.NotEqual(t, plain, other)
	}
	assert.Equal(t, filepath.Base(filepath.Dir(binary)), key(files, flags(), os.Getenv("GOAMD64")))
}

// What a program says in its last words becomes the error; a trace goes to a file instead.
func TestFailures(t *testing.T) {
	inCache(t)
	t.Setenv("TMPDIR", t.TempDir())
	binary, err := Build(t.Context(), program(`
	switch os.Args[1] {
	case "error":
		fmt.Fprintln(os.Stderr, "x.npy: wrong")
		os.Exit(1)
	case "note":
		fmt.Fprintln(os.Stderr, "note: rounded")
	case "panic":
		panic("at the bottom")
	case "memory":
		fmt.Fprintln(os.Stderr, "fatal error: runtime: out of memory")
		os.Exit(2)
	case "killed":
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		time.Sleep(time.Minute)
	case "sleep":
		time.Sleep(time.Minute)
	}`))
	require.NoError(t, err)
	fails := func(how string) string {
		err := Run(t.Context(), binary, []string{how}, new(bytes.Buffer), new(bytes.Buffer))
		require.Error(t, err, how)
		return err.Error()
	}
	assert.Equal(t, "x.npy: wrong", fails("error"))
	assert.Contains(t, fails("memory"), "memory of this machine")
	assert.Contains(t, fails("killed"), "ended from outside")
	crash := fails("panic")
	assert.Regexp(t, `^internal error: panic: at the bottom: please report, with \S+\.txt$`, crash)
	trace, err := os.ReadFile(crash[strings.LastIndex(crash, " ")+1:])
	require.NoError(t, err)
	assert.Contains(t, string(trace), "goroutine 1")

	var notes bytes.Buffer
	require.NoError(t, Run(t.Context(), binary, []string{"note"}, new(bytes.Buffer), &notes))
	assert.Equal(t, "note: rounded\n", notes.String())

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begin := time.Now()
	assert.ErrorIs(t, Run(ctx, binary, []string{"sleep"}, new(bytes.Buffer), new(bytes.Buffer)), context.DeadlineExceeded)
	assert.Less(t, time.Since(begin), 20*time.Second)
}

func TestBuildFailures(t *testing.T) {
	inCache(t)
	_, err := Build(t.Context(), program("not Go at all"))
	assert.ErrorContains(t, err, "internal error: the generated package does not compile")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Build(ctx, program(`fmt.Println("too late")`))
	assert.ErrorIs(t, err, context.Canceled)
	t.Setenv("PATH", t.TempDir())
	_, err = Build(t.Context(), program(`fmt.Println("no compiler")`))
	assert.ErrorContains(t, err, "needs the go command")
	assert.ErrorContains(t, buildError("write x: no space left on device", os.ErrInvalid), "go build failed")
}

// Where the user's cache cannot be written another place serves.
func TestNoCache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	t.Setenv("XDG_CACHE_HOME", file)
	t.Setenv("TMPDIR", t.TempDir())
	c, err := openCache()
	require.NoError(t, err)
	assert.True(t, c.writable())
}

func TestTrimKeepsWhatWasUsedLast(t *testing.T) {
	c := cache{t.TempDir()}
	at := time.Now().Add(-time.Hour)
	for i := range capacity + 5 {
		dir := filepath.Join(c.dir, "p"+string(rune('a'+i/26))+string(rune('a'+i%26)))
		require.NoError(t, os.Mkdir(dir, 0o777))
		require.NoError(t, os.Chtimes(dir, at.Add(time.Duration(i)*time.Second), at.Add(time.Duration(i)*time.Second)))
	}
	require.NoError(t, os.WriteFile(c.program("paa"), nil, 0o777))
	assert.True(t, c.use(c.program("paa")), "the oldest is used again")
	c.trim()
	entries, err := os.ReadDir(c.dir)
	require.NoError(t, err)
	assert.Len(t, entries, capacity)
	assert.DirExists(t, filepath.Join(c.dir, "paa"))
	assert.NoDirExists(t, filepath.Join(c.dir, "pab"))
}
