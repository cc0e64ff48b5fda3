package golden

import (
	"math"
	"testing"

	"mmc/interop/tensor"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The variational autoencoder's training, written out here in float64 with its gradient, must meet losses, gradients and the
// weights after ten steps of Adam within 1e-9.
func TestTrainingByHand(t *testing.T) {
	c := Open(t, "train_vae")
	initial, err := c.WeightMap()
	require.NoError(t, err)
	v := vae(floats(t)(initial, nil))
	opt := adam{lr: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-8}
	require.Len(t, c.Steps(), 10)
	for i, step := range c.Steps() {
		in := floats(t)(c.Step(step))
		loss, grads := v.step(in["images"], in["noise"])
		require.NoError(t, c.CompareLoss("loss", i, loss, Float64))
		require.Error(t, c.CompareLoss("loss", i, loss*(1+1e-6), Direct), "a wrong loss must be seen")
		if i == 0 {
			checkGradients(t, c, shaped(grads, initial))
		}
		opt.update(v, grads)
	}
	after := shaped(v, initial)
	reports, err := c.CompareAfter(after, Float64)
	require.NoError(t, err)
	assert.Len(t, reports, 30)

	// A weight that stopped moving is still within a percent of where it should be: only the movement shows it.
	after["fc4.weight"] = initial["fc4.weight"]
	_, err = c.CompareAfter(after, Direct)
	assert.ErrorContains(t, err, "movement of fc4.weight")
	delete(after, "fc4.weight")
	_, err = c.CompareAfter(after, Direct)
	assert.ErrorContains(t, err, "fc4.weight after training: is missing")
}

func checkGradients(t *testing.T, c *Case, grads map[string]*tensor.Tensor) {
	reports, err := c.CompareGradients(grads, Float64)
	require.NoError(t, err)
	assert.Len(t, reports, 20)
	bias := grads["fc22.bias"].Data.([]float64)
	old := bias[c.gradient("fc22.bias").Index[3]]
	bias[c.gradient("fc22.bias").Index[3]] *= 1.001
	_, err = c.CompareGradients(grads, Direct)
	assert.ErrorContains(t, err, "gradient of fc22.bias")
	bias[c.gradient("fc22.bias").Index[3]] = old
}

func (c *Case) gradient(name string) Digest {
	for _, g := range c.Gradients() {
		if g.Name == name {
			return g
		}
	}
	return Digest{}
}

func TestZeroGradientsAreLeftOut(t *testing.T) {
	c := Open(t, "train_wgan_gp")
	require.True(t, c.gradient("D.fc.bias").Zero)
	weights, err := c.WeightMap()
	require.NoError(t, err)
	reports, err := c.CompareGradients(weights, Direct) // weights are no gradients: everything differs
	require.Error(t, err)
	for _, r := range reports {
		assert.NotContains(t, r.What, "D.fc.bias")
	}
	_, err = c.CompareAfter(weights, Direct)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "D.fc.bias")
	assert.NoError(t, c.CompareNumber("mean_slope_norm", 1, 0.7638570666313171, Direct), "PyTorch's own float32")
	assert.Error(t, c.CompareNumber("mean_slope_norm", 1, 0.7639, Direct))
	assert.ErrorContains(t, c.CompareLoss("loss", 0, 1, Direct), "has no loss of step 0")
	assert.NoError(t, c.CompareLoss("d_loss", 2, -1.2511570453643799, Direct))
}

func shaped(values map[string][]float64, like map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	out := map[string]*tensor.Tensor{}
	for name, v := range values {
		out[name] = &tensor.Tensor{Shape: like[name].Shape, Data: v}
	}
	return out
}

// vae maps the parameters' names to their values.
type vae map[string][]float64

// step returns the loss of a batch and the gradient of all parameters.
func (p vae) step(images, noise []float64) (float64, map[string][]float64) {
	const pixels = 784
	n := float64(len(images) / pixels)
	h1 := relu(dense(images, p["fc1.weight"], p["fc1.bias"]))
	mu := dense(h1, p["fc21.weight"], p["fc21.bias"])
	logvar := dense(h1, p["fc22.weight"], p["fc22.bias"])
	z := make([]float64, len(mu))
	for i := range z {
		z[i] = mu[i] + noise[i]*math.Exp(logvar[i]/2)
	}
	h3 := relu(dense(z, p["fc3.weight"], p["fc3.bias"]))
	logits := dense(h3, p["fc4.weight"], p["fc4.bias"])

	loss := 0.0
	dlogits := make([]float64, len(logits))
	for i, l := range logits {
		loss += (math.Max(l, 0) - l*images[i] + math.Log1p(math.Exp(-math.Abs(l)))) / n
		dlogits[i] = (1/(1+math.Exp(-l)) - images[i]) / n
	}
	g := map[string][]float64{}
	dh3 := p.backward(g, "fc4", h3, dlogits)
	dz := p.backward(g, "fc3", z, masked(dh3, h3))
	dmu, dlogvar := make([]float64, len(mu)), make([]float64, len(mu))
	for i := range dz {
		loss -= (1 + logvar[i] - mu[i]*mu[i] - math.Exp(logvar[i])) / 2 / n
		dmu[i] = dz[i] + mu[i]/n
		dlogvar[i] = dz[i]*noise[i]*math.Exp(logvar[i]/2)/2 + (math.Exp(logvar[i])-1)/2/n
	}
	dh1 := p.backward(g, "fc21", h1, dmu)
	for i, d := range p.backward(g, "fc22", h1, dlogvar) {
		dh1[i] += d
	}
	p.backward(g, "fc1", images, masked(dh1, h1))
	return loss, g
}

// backward stores the gradient of a dense layer's weight and bias and returns that of its input.
func (p vae) backward(g map[string][]float64, layer string, x, dy []float64) []float64 {
	w := p[layer+".weight"]
	out := len(p[layer+".bias"])
	in := len(w) / out
	dw, db, dx := make([]float64, len(w)), make([]float64, out), make([]float64, len(x))
	for row := range len(x) / in {
		for o := range out {
			d := dy[row*out+o]
			if d == 0 {
				continue
			}
			db[o] += d
			for i := range in {
				dw[o*in+i] += d * x[row*in+i]
				dx[row*in+i] += d * w[o*in+i]
			}
		}
	}
	g[layer+".weight"], g[layer+".bias"] = dw, db
	return dx
}

func relu(x []float64) []float64 {
	for i, v := range x {
		x[i] = math.Max(v, 0)
	}
	return x
}

// masked is the gradient through a relu whose result is y.
func masked(dy, y []float64) []float64 {
	for i := range dy {
		if y[i] == 0 {
			dy[i] = 0
		}
	}
	return dy
}

type adam struct {
	lr, b1, b2, eps float64
	t               int
	m, v            map[string][]float64
}

func (a *adam) update(params, grads map[string][]float64) {
	if a.m == nil {
		a.m, a.v = map[string][]float64{}, map[string][]float64{}
		for name, g := range grads {
			a.m[name], a.v[name] = make([]float64, len(g)), make([]float64, len(g))
		}
	}
	a.t++
	c1, c2 := 1-math.Pow(a.b1, float64(a.t)), 1-math.Pow(a.b2, float64(a.t))
	for name, grad := range grads {
		m, v := a.m[name], a.v[name]
		for i, g := range grad {
			m[i] = a.b1*m[i] + (1-a.b1)*g
			v[i] = a.b2*v[i] + (1-a.b2)*g*g
			params[name][i] -= a.lr * m[i] / c1 / (math.Sqrt(v[i]/c2) + a.eps)
		}
	}
}
