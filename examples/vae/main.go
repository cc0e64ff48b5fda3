// Command vae trains the variational autoencoder of vae.mm on MNIST and draws digits of its own. The model is the generated
// package in the folder vae; `go generate` builds it anew after a change.
package main

//go:generate go run mmc/cmd/mmc build vae.mm -o vae --runtime=module

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/schollz/progressbar/v3"

	"mmc/examples/vae/vae"
	"mmc/interop"
	"mmc/interop/tensor"
)

type options struct {
	data, checkpoint, samples string
	epochs, batch, save       int
	steps                     int
	seed                      uint64
}

func main() {
	var o options
	flag.StringVar(&o.data, "data", "mnist", "folder of train-images-idx3-ubyte, which may be gzipped (.gz)")
	flag.StringVar(&o.checkpoint, "checkpoint", "vae.safetensors", "where to save the training, and to go on from if it is there")
	flag.StringVar(&o.samples, "samples", "samples.png", "where to draw digits after training")
	flag.IntVar(&o.epochs, "epochs", 10, "how often to see every digit")
	flag.IntVar(&o.batch, "batch", 128, "digits in a step")
	flag.IntVar(&o.save, "save", 500, "steps between checkpoints")
	flag.IntVar(&o.steps, "steps", 0, "stop after this step, if not 0")
	flag.Uint64Var(&o.seed, "seed", 1, "of weights, order and noise")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "vae:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	digits, err := load(o.data)
	if err != nil {
		return err
	}
	t, err := vae.NewTrainer(start(o), vae.TrainOptions{Seed: o.seed})
	if err != nil {
		return err
	}
	if err := train(ctx, t, digits, o); err != nil {
		return err
	}
	return draw(context.WithoutCancel(ctx), t, o)
}

// start is the checkpoint where there is one: everything random depends on the seed and the step alone, so that an interrupted
// training ends in the same bits as one in a single run.
func start(o options) vae.Source {
	if _, err := os.Stat(o.checkpoint); err == nil {
		return vae.File(o.checkpoint)
	}
	return vae.Init(o.seed)
}

// train runs the remaining steps and saves the training now and then, at the end, and on an interrupt.
func train(ctx context.Context, t *vae.Trainer, digits *digits, o options) error {
	perEpoch := digits.count / o.batch
	if perEpoch == 0 {
		return fmt.Errorf("%d pictures are less than a batch of %d", digits.count, o.batch)
	}
	last := o.epochs * perEpoch
	if o.steps > 0 {
		last = min(last, o.steps)
	}
	bar := progressBar(last)
	_ = bar.Set(t.Steps())
	for t.Steps() < last && ctx.Err() == nil {
		batch := digits.batch(o.seed, t.Steps()/perEpoch, t.Steps()%perEpoch, o.batch)
		r, err := t.Elbo(context.WithoutCancel(ctx), batch, vae.ElboArgs{})
		if err != nil {
			return err
		}
		bar.Describe(fmt.Sprintf("epoch %d, loss %.1f", (t.Steps()-1)/perEpoch+1, r.Loss))
		_ = bar.Set(t.Steps())
		if t.Steps()%o.save == 0 {
			if err := t.Save(o.checkpoint); err != nil {
				return err
			}
		}
	}
	_ = bar.Exit()
	if err := t.Save(o.checkpoint); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted after step %d; the same command goes on from %s", t.Steps(), o.checkpoint)
	}
	return nil
}

// progressBar shows on a terminal alone.
func progressBar(steps int) *progressbar.ProgressBar {
	info, err := os.Stderr.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return progressbar.NewOptions(steps, progressbar.OptionSetVisibility(terminal), progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionShowIts(), progressbar.OptionShowCount(), progressbar.OptionSetItsString("steps"), progressbar.OptionFullWidth())
}

// draw writes a grid of digits that the model makes of noise.
func draw(ctx context.Context, t *vae.Trainer, o options) error {
	m, err := t.Model()
	if err != nil {
		return err
	}
	pictures, err := m.NewSession(vae.Options{}).Sample(ctx, vae.SampleArgs{N: 100, Seed: o.seed})
	if err != nil {
		return err
	}
	return interop.WriteTensor(o.samples, "", &tensor.Tensor{Shape: pictures.Shape, Data: pictures.Data})
}
