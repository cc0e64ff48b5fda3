package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"

	"mmc/examples/vae/vae"
	"mmc/interop/idx"
	"mmc/interop/tensor"
)

const pixels = 28 * 28

// digits are MNIST's pictures, a byte a pixel.
type digits struct {
	count  int
	bytes  []uint8
	values []float32 // of the batch at hand
	order  []int     // of the epoch at hand
	epoch  int
}

// load reads the training pictures from the folder of MNIST's files.
func load(dir string) (*digits, error) {
	path := filepath.Join(dir, "train-images-idx3-ubyte")
	t, err := idx.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t, err = idx.ReadFile(path + ".gz")
	}
	if err != nil {
		return nil, err
	}
	bytes, err := tensor.Data[uint8](t)
	if err != nil || len(bytes)%pixels != 0 {
		return nil, fmt.Errorf("%s holds no pictures of 28x28 bytes, but %s", path, t)
	}
	return &digits{count: len(bytes) / pixels, bytes: bytes, epoch: -1}, nil
}

// batch returns some digits of an epoch, which goes through all of them in an order of its own. The result is good until the next
// call.
func (d *digits) batch(seed uint64, epoch, number, size int) vae.Tensor[float32] {
	if d.epoch != epoch {
		d.epoch, d.order = epoch, rand.New(rand.NewPCG(seed, uint64(epoch))).Perm(d.count)
	}
	d.values = d.values[:0]
	for _, which := range d.order[number*size:][:size] {
		for _, b := range d.bytes[which*pixels:][:pixels] {
			d.values = append(d.values, float32(b)/255)
		}
	}
	return vae.Tensor[float32]{Data: d.values, Shape: []int{size, 1, 28, 28}}
}
