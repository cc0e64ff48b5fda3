package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	scale "golang.org/x/image/draw"
)

// command is what begins the README's lines that call the compiler: they are run by a program that is built once.
const command = "go run ./cmd/mmc "

// workplace is a folder in which the README's lines find what they name, and the compiler.
func workplace(t *testing.T) (dir, mmc string) {
	if testing.Short() {
		t.Skip("builds and runs the compiler")
	}
	if runtime.GOOS == "windows" {
		t.Skip("links to folders")
	}
	dir = t.TempDir()
	mmc = filepath.Join(dir, "mmc")
	invoke(t, root, "go", "build", "-o", mmc, "./cmd/mmc")
	whole, err := filepath.Abs(root)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(filepath.Join(whole, "examples"), filepath.Join(dir, "examples")))
	return dir, mmc
}

// Every line of the README that a shell can run is run as it stands there, but for the tests themselves. The model of the page is
// my.mm; the picture that comes out is sharper than an interpolation, and the one that the page shows.
func TestCommandsOfTheReadme(t *testing.T) {
	dir, mmc := workplace(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "my.mm"), []byte(fenced(readme(t), "mm")[0]), 0o666))
	count := 0
	for _, block := range fenced(readme(t), "sh") {
		for line := range strings.Lines(strings.TrimSpace(block)) {
			line = strings.TrimSpace(line)
			if line == "go test ./..." {
				continue
			}
			rest, ok := strings.CutPrefix(line, command)
			require.True(t, ok, "%s: this line is not tested", line)
			invoke(t, dir, append([]string{mmc}, strings.Fields(rest)...)...)
			count++
		}
	}
	require.GreaterOrEqual(t, count, 5)
	require.FileExists(t, filepath.Join(dir, "my", "my.go"))

	photo, sharp := picture(t, filepath.Join(root, "examples/superres/photo.png")), picture(t, filepath.Join(dir, "sharp.png"))
	size := photo.Bounds().Size().Mul(3)
	require.Equal(t, size, sharp.Bounds().Size())
	bicubic := image.NewRGBA(image.Rectangle{Max: size})
	scale.CatmullRom.Scale(bicubic, bicubic.Bounds(), photo, photo.Bounds(), draw.Src, nil)
	assert.Greater(t, steepness(sharp), 1.1*steepness(bicubic), "mean gradient of the picture against that of a bicubic interpolation")
	assert.Less(t, difference(sharp, bicubic), 12.0, "the picture is another one than the photograph")

	shown := picture(t, filepath.Join(root, "docs/images/superres.png")) // the two side by side, cut out, a gap between
	width := (shown.Bounds().Dx() - 8) / 2
	left, right := cut(shown, 0, width), cut(shown, width+8, width)
	assert.Greater(t, steepness(right), 1.1*steepness(left))
	assert.True(t, within(sharp, right), "the picture of the page is not a piece of what its command makes")
}

// What the command makes of a piece of the photograph is what the evaluator makes of it, to half a level.
func TestPhotographEvaluated(t *testing.T) {
	dir, mmc := workplace(t)
	photo := picture(t, filepath.Join(root, "examples/superres/photo.png"))
	piece := image.NewRGBA(image.Rect(0, 0, 36, 24))
	draw.Draw(piece, piece.Bounds(), photo, image.Pt(80, 50), draw.Src)
	f, err := os.Create(filepath.Join(dir, "piece.png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, piece))
	require.NoError(t, f.Close())
	run := func(name string, more ...string) image.Image {
		args := []string{"run", "examples/superres/superres.mm", "--input", "image=piece.png", "--output", "image=" + name}
		cmd := exec.Command(mmc, append(args, more...)...)
		cmd.Dir = dir
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, string(text))
		return picture(t, filepath.Join(dir, name))
	}
	compiled, evaluated := run("compiled.png"), run("evaluated.png", "--eval")
	worst, differ := 0, 0
	for y := range compiled.Bounds().Dy() {
		for x := range compiled.Bounds().Dx() {
			if d := farthest(compiled.At(x, y), evaluated.At(x, y)); d > 0 {
				worst, differ = max(worst, d), differ+1
			}
		}
	}
	assert.LessOrEqual(t, worst, 1, "levels")
	assert.LessOrEqual(t, differ, 20, "pixels of %v on the two sides of a rounding", compiled.Bounds().Size())
}

func picture(t *testing.T, name string) image.Image {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return img
}

func cut(img image.Image, from, width int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, img.Bounds().Dy()))
	draw.Draw(out, out.Bounds(), img, image.Pt(from, 0), draw.Src)
	return out
}

// gray is the luminance of a pixel, 0 to 255.
func gray(img image.Image, x, y int) float64 {
	r, g, b, _ := img.At(x, y).RGBA()
	return (0.299*float64(r) + 0.587*float64(g) + 0.114*float64(b)) / 257
}

// steepness is the mean length of the gradient of the luminance.
func steepness(img image.Image) float64 {
	w, h, sum := img.Bounds().Dx(), img.Bounds().Dy(), 0.0
	for y := range h - 1 {
		for x := range w - 1 {
			at := gray(img, x, y)
			sum += math.Hypot(gray(img, x+1, y)-at, gray(img, x, y+1)-at)
		}
	}
	return sum / float64((w-1)*(h-1))
}

// difference is the root of the mean square of the differences of luminance.
func difference(a, b image.Image) float64 {
	w, h, sum := a.Bounds().Dx(), a.Bounds().Dy(), 0.0
	for y := range h {
		for x := range w {
			d := gray(a, x, y) - gray(b, x, y)
			sum += d * d
		}
	}
	return math.Sqrt(sum / float64(w*h))
}

// farthest is the largest difference of two colours in levels.
func farthest(a, b color.Color) int {
	x, y := color.RGBAModel.Convert(a).(color.RGBA), color.RGBAModel.Convert(b).(color.RGBA)
	worst := 0
	for _, d := range []int{int(x.R) - int(y.R), int(x.G) - int(y.G), int(x.B) - int(y.B)} {
		worst = max(worst, d, -d)
	}
	return worst
}

// within reports whether piece is a part of whole, to a level.
func within(whole, piece image.Image) bool {
	room := whole.Bounds().Size().Sub(piece.Bounds().Size())
	for y := range room.Y + 1 {
		for x := range room.X + 1 {
			if same(whole, piece, x, y) {
				return true
			}
		}
	}
	return false
}

func same(whole, piece image.Image, x, y int) bool {
	for j := range piece.Bounds().Dy() {
		for i := range piece.Bounds().Dx() {
			if farthest(whole.At(x+i, y+j), piece.At(i, j)) > 1 {
				return false
			}
		}
	}
	return true
}
