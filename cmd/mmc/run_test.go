package main

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mmc/internal/golden"
	"mmc/interop"
)

// picture writes a PNG of a smooth pattern.
func picture(t *testing.T, name string, w, h int) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{uint8(9 * x), uint8(11 * y), uint8(5 * (x + y)), 255})
		}
	}
	f, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, img))
	require.NoError(t, f.Close())
}

// The README's command, on a smaller picture: the weights lie beside the model, and the names tell the graph.
func TestSuperResolution(t *testing.T) {
	t.Chdir(t.TempDir())
	picture(t, "photo.png", 14, 10)
	model := filepath.Join(root(t), "examples", "superres", "superres.mm")
	well(t, "run", model, "--input", "image=photo.png", "--output", "image=sharp.png")
	sharp, _, err := interop.ReadTensor("sharp.png", interop.Want{})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 3, 30, 42}, sharp.Shape)
	well(t, "run", model, "--input", "image=photo.png", "--output", "image=exact.npy", "--eval")
	exact := floats(t, "exact.npy")
	for i, v := range floats(t, "sharp.png") {
		require.InDelta(t, exact[i], v, 0.5/255+1e-5, "a level of the picture is the nearest one")
	}
}

// What is compiled and what is evaluated draw the same weights and the same noise from a seed.
func TestRunSeeds(t *testing.T) {
	inFolder(t)
	args := []string{"run", "lin.mm", "--graph", "g", "--seed", "7", "--dim", "N=3", "--output"}
	well(t, append(args, "output=a.npy")...)
	well(t, append(args, "output=b.npy", "--eval")...)
	assert.InDeltaSlice(t, floats(t, "b.npy"), floats(t, "a.npy"), 1e-6)
	well(t, append(args, "output=c.npy", "--threads", "1")...)
	assert.Equal(t, floats(t, "a.npy"), floats(t, "c.npy"))
}

func TestRunScalarsAndSummaries(t *testing.T) {
	inFolder(t)
	array(t, "x.npy", []float32{1, 2, 3, 4}, 1, 4)
	args := []string{"run", "lin.mm", "--seed", "1", "--input", "x=x.npy"}
	assert.Regexp(t, `^output: f32\[1, 3\] \S+ \S+ \S+\n$`, well(t, args...), "f is the only graph with an argument x alone")
	well(t, append(args, "--output", "output=one.npy")...)
	well(t, append(args, "--output", "output=three.npy", "--input", "gain=3")...)
	one := floats(t, "one.npy")
	for i, v := range floats(t, "three.npy") {
		assert.InDelta(t, 3*one[i], v, 1e-5)
	}
}

// NaN is data like any other: it goes in and comes out.
func TestRunNaN(t *testing.T) {
	inFolder(t)
	put(t, "nan.mm", "model M { graph f(x: [N]) -> (y: [N]) { 2 * x } }\n")
	nan := float32(0)
	array(t, "x.npy", []float32{1, nan / nan, 3}, 3)
	out := well(t, "run", "nan.mm", "--seed", "1", "--input", "x=x.npy")
	assert.Equal(t, "y: f32[3] 2 NaN 6\n", out)
	assert.Equal(t, "y: f64[3] 2 NaN 6\n", well(t, "run", "nan.mm", "--seed", "1", "--input", "x=x.npy", "--eval"))
}

// mistake is a wrong command line with what its message must say.
type mistake struct {
	args string
	code int
	says []string
}

func TestMistakes(t *testing.T) {
	inFolder(t)
	put(t, "two.mm", "model A(n: int) { graph f(x: [n]) -> [n] { x } }\nmodel B = A(n: 3)\n")
	put(t, "empty.mm", "")
	put(t, "empty.npy", "")
	put(t, "half.mm", "model H { graph h(x: [N]) -> [N] where N % 2 == 0 { x } }\n")
	require.NoError(t, os.Mkdir("folder.npy", 0o777))
	array(t, "x.npy", []float32{1, 2, 3, 4}, 1, 4)
	array(t, "five.npy", make([]float32, 5), 1, 5)
	array(t, "flat.npy", make([]float32, 4), 4)
	array(t, "none.npy", []float32{}, 0, 4)
	array(t, "text.npy", []int64{1 << 40, 0, 0, 0}, 1, 4)
	before := listing(t)
	for _, m := range []mistake{
		{"runn", exitUsage, []string{`"run"`}},
		{"run", exitUsage, []string{"file is missing", "mmc run --help"}},
		{"run lin.mm --modle x", exitUsage, []string{`"--model"`}},
		{"run lin.mm --seed x", exitUsage, []string{"--seed"}},
		{"run none.mm", exitUser, []string{"none.mm", "no such file"}},
		{"run .", exitUser, []string{"folder"}},
		{"run empty.mm", exitUser, []string{"no model"}},
		{"run two.mm", exitUsage, []string{"--model", "A, B"}},
		{"run two.mm --model C", exitUsage, []string{"no model C", "A, B"}},
		{"run two.mm --model A", exitUser, []string{"needs n"}},
		{"run lin.mm", exitUsage, []string{"--graph", "graph f(x: [N, 4], gain: f32[] = 1) -> (output: [N, 3])", "train step("}},
		{"run lin.mm --graph ff", exitUsage, []string{"no graph ff (did you mean f?)"}},
		{"run lin.mm --graph step", exitUsage, []string{"train graph", "mmc build", "mmc bench"}},
		{"run lin.mm --graph f --seed 1", exitUsage, []string{"argument x is missing", "--input x=FILE"}},
		{"run lin.mm --graph f --seed 1 --input y=x.npy", exitUsage, []string{"--input y", "did you mean x?"}},
		{"run lin.mm --seed 1 --input y=x.npy", exitUsage, []string{"no graph has these arguments", "none has --input y (did you mean x?)"}},
		{"run lin.mm --seed 1 --output outptu=y.npy", exitUsage, []string{"none has --output outptu (did you mean output?)"}},
		{"run lin.mm --seed 1 --input gian=2 --dim N=2", exitUsage, []string{"none has --input gian (did you mean gain?)"}},
		{"run lni.mm", exitUser, []string{"lni.mm: no such file or directory (did you mean lin.mm?)"}},
		{"check lin", exitUser, []string{"lin: no such file or directory (did you mean lin.mm?)"}},
		{"run lin.mm --graph f --input x=x.npy", exitUsage, []string{"no weights", "--weights", "--seed", "lin.safetensors"}},
		{"run lin.mm --graph f --input x=x.npy --weights none.safetensors", exitUser, []string{"no file none.safetensors"}},
		{"run lin.mm --graph f --input x=x.npy --weights x.npy", exitUser, []string{"x.npy", "not a safetensors file"}},
		{"run lin.mm --graph f --seed 1 --input x=none.png", exitUser, []string{"no file none.png"}},
		{"run lin.mm --graph f --seed 1 --input x=lin.mm", exitUser, []string{"ending", ".npy"}},
		{"run lin.mm --graph f --seed 1 --input x=five.npy", exitUser, []string{"[1, 5]", "[N, 4]"}},
		{"run lin.mm --graph f --seed 1 --input x=flat.npy", exitUser, []string{"[4]", "[N, 4]"}},
		{"run lin.mm --graph f --seed 1 --input x=text.npy", exitUser, []string{"text.npy", "f32"}},
		{"run lin.mm --graph f --seed 1 --input x=x.npy --input gain=loud", exitUser, []string{"gain", "loud"}},
		{"run lin.mm --graph f --seed 1 --input x=x.npy --dim N=2", exitUser, []string{"N=2"}},
		{"run lin.mm --graph f --seed 1 --input x=none.npy", exitUser, []string{"[0, 4]", "[N, 4]", "N is at least 1"}},
		{"run lin.mm --graph g --seed 1 --dim N=0", exitUsage, []string{"N=0", "at least 1"}},
		{"run lin.mm --graph g --seed 1", exitUser, []string{"N", "--dim N="}},
		{"run lin.mm --graph g --seed 1 --dim M=2", exitUsage, []string{"--dim M", "did you mean N?"}},
		{"run lin.mm --graph g --seed 1 --dim N=-1", exitUsage, []string{"N=-1"}},
		{"run lin.mm --graph g --seed 1 --dim N=1e18", exitUsage, []string{"--dim", "1e18"}},
		{"run lin.mm --graph g --seed 1 --dim N=1000000000000000000", exitUsage, []string{"at most"}},
		{"run lin.mm --graph g --seed 1 --dim N=99999999999999999999", exitUsage, []string{"--dim"}},
		{"run lin.mm --graph g --seed 1 --dim N=2 --output out=y.npy", exitUsage, []string{"--output out", "output: [N, 3]"}},
		{"run lin.mm --graph g --seed 1 --dim N=2 --output output=y.gif", exitUsage, []string{"y.gif", ".png"}},
		{"run lin.mm --graph g --seed 1 --dim N=2 --output output=no/y.npy", exitUser, []string{"no folder no"}},
		{"run lin.mm --graph g --seed 1 --dim N=2 --output output=y.txt", exitUser, []string{"y.txt"}},
		{"run lin.mm --graph f --set oot=3", exitUser, []string{"no parameter oot", "did you mean out?"}},
		{"run lin.mm --graph f --set out=2.5", exitUser, []string{"must be an int, not 2.5"}},
		{"run lin.mm --graph f --set out=-5", exitUser, []string{"negative"}},
		{"run lin.mm --graph f --set out=((", exitUser, []string{"cannot be read"}},
		{"run lin.mm --set out", exitUsage, []string{"--set"}},
		{"run lin.mm --graph f --seed 1 --input x=x.npy --input x=five.npy", exitUsage, []string{"--input", "x is given twice"}},
		{"run lin.mm --graph f --seed 1 --input x=", exitUsage, []string{"NAME=FILE"}},
		{"run lin.mm --graph f --seed 1 --input =x.npy", exitUsage, []string{"NAME=FILE"}},
		{"run lin.mm --graph f --seed 1 --input", exitUsage, []string{"NAME=FILE is missing"}},
		{"run lin.mm --graph f --seed 1 --input x=folder.npy", exitUser, []string{"folder.npy is a folder"}},
		{"run lin.mm --graph f --seed 1 --input x=empty.npy", exitUser, []string{"empty.npy", "is empty"}},
		{"run lin.mm --graph f --seed -1", exitUsage, []string{"--seed=-1"}},
		{"run lin.mm --graph f --seed=-1", exitUsage, []string{"--seed", "whole number from 0"}},
		{"run lin.mm --graph f --seed 1 --input x=x.npy --threads=-1", exitUsage, []string{"--threads=-1"}},
		{"run lin.mm --graph g --seed 1 --dim N=1 --dim N=2", exitUsage, []string{"N is given twice"}},
		{"run lin.mm --graph g --seed 1 --dim N=1.5", exitUsage, []string{"N=1.5", "whole number"}},
		{"run lin.mm --graph f --input x=x.npy --weights folder.npy", exitUser, []string{"folder.npy"}},
		{"run lin.mm --weights", exitUsage, []string{"--weights: its value is missing"}},
		{"run lin.mm --set out=", exitUsage, []string{"NAME=VALUE"}},
		{"run lin.mm --graph f --set out=abc", exitUser, []string{"--set out: error: abc is not known"}},
		{"check", exitUsage, []string{"files are missing"}},
		{"stats lin.mm --dim N=0", exitUsage, []string{"N=0", "at least 1"}},
		{"stats half.mm --dim N=3", exitUsage, []string{"where N % 2 == 0", "graph h("}},
		{"bench lin.mm --graph f --seed 1 --dim N=2147483647 --repeat 1", exitUser, []string{"x: these sizes need 128.0 GiB"}},
		{"check none.mm", exitUser, []string{"none.mm"}},
		{"check .", exitUser, []string{"nothing that mmc generated", "mmc check *.mm"}},
		{"build lin.mm --out=", exitUsage, []string{"--out", "empty"}},
		{"fmt none.mm", exitUser, []string{"none.mm"}},
		{"stats lin.mm --dim Q=1", exitUsage, []string{"--dim Q", "there are N"}},
		{"stats lin.mm --graph q", exitUsage, []string{"no graph q"}},
		{"show lin.mm --stage sst", exitUsage, []string{"ast", "asm"}},
		{"show lin.mm --after simplfy", exitUsage, []string{"did you mean simplify?"}},
		{"show lin.mm --stage plan --after simplify", exitUsage, []string{"--after"}},
		{"show lin.mm --stage ast --graph f", exitUsage, []string{"--graph"}},
		{"build lin.mm", exitUsage, []string{"--out"}},
		{"build lin.mm -o lin.mm", exitUser, []string{"is a file"}},
		{"build lin.mm -o p --package func", exitUsage, []string{"func"}},
		{"build lin.mm -o p --embed none.safetensors", exitUser, []string{"none.safetensors"}},
		{"build lin.mm -o p --embed x.npy", exitUser, []string{"x.npy", "not a safetensors file"}},
		{"bench", exitUsage, []string{"--peak"}},
		{"bench lin.mm --graph f --seed 1", exitUsage, []string{"x is [N, 4]", "--dim"}},
		{"bench lin.mm --graph f --seed 1 --dim N=1 --repeat 0", exitUsage, []string{"--repeat"}},
	} {
		o := mmc(t, strings.Fields(m.args)...)
		assert.Equal(t, m.code, o.code, "mmc %s: %s", m.args, o.err)
		for _, part := range m.says {
			assert.Contains(t, o.err, part, "mmc %s", m.args)
		}
		assert.NotContains(t, o.err, "goroutine", m.args)
		assert.NotContains(t, o.err, "internal error", m.args)
		assert.Equal(t, before, listing(t), "mmc %s leaves nothing behind", m.args)
	}
}

// Damaged files of every kind are named, and told what they are not.
func TestDamagedInputs(t *testing.T) {
	inFolder(t)
	picture(t, "ok.png", 8, 8)
	array(t, "ok.npy", make([]float32, 4), 1, 4)
	array(t, "ok.npz", make([]float32, 4), 1, 4)
	array(t, "ok.safetensors", make([]float32, 4), 1, 4)
	array(t, "ok.wav", make([]float32, 400), 1, 1, 400)
	for _, ending := range []string{".png", ".npy", ".npz", ".safetensors", ".wav"} {
		whole, err := os.ReadFile("ok" + ending)
		require.NoError(t, err)
		for cut, data := range map[string][]byte{"nothing": nil, "half": whole[:len(whole)/2], "most": whole[:len(whole)-1], "junk": []byte(strings.Repeat("\xffjunk", 50))} {
			put(t, "bad"+ending, string(data))
			for _, how := range []string{"--threads=1", "--eval"} {
				o := mmc(t, "run", "lin.mm", "--graph", "f", "--seed", "1", "--input", "x=bad"+ending, how)
				if ending == ".wav" && cut == "most" { // an odd byte at the end of sound is no damage: the shape is wrong
					assert.Equal(t, exitUser, o.code)
					continue
				}
				assert.Equal(t, exitUser, o.code, "%s of %s", cut, ending)
				assert.Contains(t, o.err, "bad"+ending, cut)
				assert.NotContains(t, o.err, "internal error")
			}
		}
	}
}

// The published malformed weight files: those that the format allows fail for what they hold, the others for what they are.
func TestWeightFilesOfTheCorpus(t *testing.T) {
	dir, err := golden.SharedFile("corpora", "safetensors-cases")
	golden.SkipIfAbsent(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "cases.json"))
	require.NoError(t, err)
	var cases []struct{ File, Verdict string }
	require.NoError(t, json.Unmarshal(text, &cases))
	require.Len(t, cases, 43)
	inFolder(t)
	array(t, "x.npy", make([]float32, 4), 1, 4)
	for _, c := range cases {
		for _, how := range []string{"--threads=1", "--eval"} {
			o := mmc(t, "run", "lin.mm", "--graph", "f", "--input", "x=x.npy", "--weights", filepath.Join(dir, "cases", c.File), how)
			assert.Equal(t, exitUser, o.code, c.File)
			assert.Contains(t, o.err, c.File)
			fits := strings.Contains(o.err, "the weights do not fit the model")
			assert.Equal(t, strings.HasPrefix(c.Verdict, "accept"), fits, "%s is to %s: %s", c.File, c.Verdict, o.err)
			assert.NotContains(t, o.err, "internal error", c.File)
		}
	}
}

// A device that is full, behind a name and behind the standard output.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	inFolder(t)
	require.NoError(t, os.Symlink("/dev/full", "full.npy"))
	o := mmc(t, "run", "lin.mm", "--graph", "g", "--seed", "1", "--dim", "N=2", "--output", "output=full.npy")
	assert.Equal(t, exitUser, o.code)
	assert.Contains(t, o.err, "full.npy")
	assert.Contains(t, o.err, "no space")
	for _, args := range [][]string{{"--help"}, {"version"}, {"check", "lin.mm"}, {"stats", "lin.mm", "--json"}, {"show", "lin.mm", "--stage", "go"}} {
		var errOut strings.Builder
		e := &env{ctx: t.Context(), out: full, errOut: &errOut}
		assert.Equal(t, exitUser, e.main(args), args)
		assert.Contains(t, errOut.String(), "no space", args)
	}
}

// An interrupt ends every command at once, says so, and leaves nothing half done.
func TestInterrupt(t *testing.T) {
	inFolder(t)
	well(t, "run", "lin.mm", "--graph", "g", "--seed", "1", "--dim", "N=2") // so that the program is compiled
	before := listing(t)
	for _, line := range []string{
		"run lin.mm --graph g --seed 1 --dim N=3000000 --output output=y.npy",
		"run lin.mm --graph g --seed 1 --dim N=3000000 --output output=y.npy --eval",
		"bench lin.mm --graph f --seed 1 --dim N=1000 --repeat 1000000",
		"build lin.mm -o lin",
		"check lin.mm",
		"stats lin.mm",
		"fmt lin.mm",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		wait := time.Duration(0)
		if strings.HasPrefix(line, "bench") {
			wait = time.Second
		}
		time.AfterFunc(wait, cancel)
		if wait == 0 {
			cancel()
		}
		start := time.Now()
		o := mmcUnder(ctx, strings.Fields(line)...)
		assert.Equal(t, exitUser, o.code, line)
		assert.Equal(t, "mmc: interrupted\n", o.err, line)
		assert.Less(t, time.Since(start), 20*time.Second, line)
		assert.Equal(t, before, listing(t), line)
	}
}

func TestBench(t *testing.T) {
	inFolder(t)
	var r latency
	require.NoError(t, json.Unmarshal([]byte(well(t, "bench", "lin.mm", "--graph", "step", "--seed", "1", "--dim", "N=2", "--repeat", "9", "--json")), &r))
	assert.Equal(t, 9, r.Calls)
	assert.Positive(t, r.Median)
	assert.LessOrEqual(t, r.P10, r.Median)
	assert.LessOrEqual(t, r.Median, r.P90)
	assert.Contains(t, well(t, "bench", "lin.mm", "--graph", "f", "--seed", "1", "--dim", "N=2", "--repeat", "3"), "median")
}

// A terminal sees that something goes on once it takes long, and nothing of it stays; a file sees nothing at all.
func TestSpin(t *testing.T) {
	var text strings.Builder
	e := &env{errOut: &text}
	e.spin("compiling")()
	assert.Empty(t, text.String())
	e.terminal = true
	e.spin("compiling")()
	assert.Empty(t, text.String(), "it was quick")
	stop := e.spin("compiling")
	time.Sleep(patience + 350*time.Millisecond)
	stop()
	assert.Contains(t, text.String(), "compiling")
	assert.True(t, strings.HasSuffix(strings.TrimRight(text.String(), " "), "\r"), "the line is cleared: %q", text.String())
}

// Sizes that may turn out to be below zero are tested at the door; gradients of pieces of such sizes, and of empty ones, are no mystery.
func TestSizesAtTheDoor(t *testing.T) {
	inFolder(t)
	put(t, "sizes.mm", `model M {
  param w: [1] init 1
  graph h(x: [N, 3, H, W]) -> [N, 8, H - 4, W - 4] { y = x |> c: Conv2d(4, 5); concat(y, y, axis: 1) }
  train third(x: [N]) { minimize loss = sum((x * w)[1 : N : 3]) using sgd(lr: 0.1) }
  train rows(x: [N, 3, H, W]) {
    y = x |> d: Conv2d(4, 5)
    minimize loss = sum(concat(y[:, :, ::3], y, axis: 2)) using sgd(lr: 0.1)
  }
}
`)
	array(t, "small.npy", make([]float32, 3*3*5), 1, 3, 3, 5)
	array(t, "large.npy", make([]float32, 3*5*5), 1, 3, 5, 5)
	for _, how := range []string{"--threads=1", "--eval"} {
		o := mmc(t, "run", "sizes.mm", "--seed", "1", "--input", "x=small.npy", how)
		assert.Equal(t, exitUser, o.code)
		assert.Contains(t, o.err, "4 <= H", how)
		assert.Contains(t, well(t, "run", "sizes.mm", "--seed", "1", "--input", "x=large.npy", how), "[1, 8, 1, 1]", how)
	}
	for _, call := range []string{"third --dim N=1", "third --dim N=2", "third --dim N=9", "rows --dim N=1 --dim H=5 --dim W=5", "rows --dim N=2 --dim H=9 --dim W=6"} {
		well(t, strings.Fields("bench sizes.mm --seed 1 --repeat 1 --graph "+call)...)
	}
	o := mmc(t, strings.Fields("bench sizes.mm --seed 1 --repeat 1 --graph rows --dim N=1 --dim H=3 --dim W=5")...)
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.err, "--dim H=3: the size is at least 4")
}

// Arguments with a number as their default may be left out: scalars and tensors, of every element type.
func TestDefaults(t *testing.T) {
	inFolder(t)
	put(t, "def.mm", `model M {
  graph f(x: [N, 2], h: [2, N] = 0.5, k: i32[N] = 7, on: bool[N] = true, go: bool = true, s: f64 = 2.5, e: f64[2] = 0.1, b: u8[1] = 255)
    -> (y: [N, 2], h: [2, N], k: i32[N], on: bool[N], e: f64[2], b: u8[1]) {
    (select(go, x + 1, x), h, k, on, e * s, b)
  }
  graph only(h: [N, 2] = 1) -> [N, 2] { h * 3 }
  graph twice(x: [N, 2]) -> [N, 2] { f(x).y + sum(f(x, h: x.T).h) }
}
`)
	array(t, "x.npy", []float32{1, 2}, 1, 2)
	array(t, "h.npy", []float32{4, 5}, 2, 1)
	run := func(rest ...string) string {
		return well(t, append([]string{"run", "def.mm", "--seed", "1"}, rest...)...)
	}
	for _, how := range []string{"--threads=1", "--eval"} {
		same := func(want, got string) {
			t.Helper()
			assert.Equal(t, want, strings.NewReplacer("f64[1, 2]", "f32[1, 2]", "f64[2, 1]", "f32[2, 1]").Replace(got), how)
		}
		same("y: f32[1, 2] 2 3\nh: f32[2, 1] 0.5 0.5\nk: i32[1] 7\non: bool[1] 1\ne: f64[2] 0.25 0.25\nb: u8[1] 255\n",
			run("--graph", "f", "--input", "x=x.npy", how))
		same("y: f32[1, 2] 1 2\nh: f32[2, 1] 4 5\nk: i32[1] 7\non: bool[1] 1\ne: f64[2] 0.1 0.1\nb: u8[1] 255\n",
			run("--graph", "f", "--input", "x=x.npy", "--input", "h=h.npy", "--input", "go=false", "--input", "s=1", how))
		same("output: f32[1, 2] 3 3\n", run("--graph", "only", "--dim", "N=1", how))
		same("output: f32[1, 2] 5 6\n", run("--graph", "twice", "--input", "x=x.npy", how))
	}
	o := mmc(t, "run", "def.mm")
	assert.Contains(t, o.err, "h: [2, N] = 0.5")
	assert.Contains(t, o.err, "on: bool[N] = true")
	text := well(t, "show", "def.mm", "--stage", "go")
	assert.Regexp(t, `H +Tensor\[float32\] // \[2, N\], 0.5 where it is left out`, text)
	assert.NotContains(t, text, "Seed uint64 // of the draws", "nothing is drawn")
}
