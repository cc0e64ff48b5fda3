// Functions on tensors, and on compile-time lists.

// v for each of n axes: an int stands for all of them.
fn each(v: ints, n: int) { if is_list(v) { v } else { [v] * n } }

// The list from 0 to n - 1 without the element i.
fn without(n: int, i: int) {
  out = []
  for k in 0..n { if k != i { out = out + [k] } }
  out
}

// i counted from the front.
fn axis_of(x: any, i: int) { if i < 0 { rank(x) + i } else { i } }

// v in the element type of x; a number takes that anyway.
fn typed(v: any, x: any) { if is_tensor(v) { cast(v, dtype: dtype(x)) } else { v } }

// ---- Shapes

fn zeros(t: type) { fill(0, t) }
fn ones(t: type) { fill(1, t) }

// A tensor of one number.
fn fill(v: any, t: type) {
  if is_tensor(v) { broadcast(v, shape: shape(t)) } else { broadcast(cast(f32(v), dtype: dtype(t)), shape: shape(t)) }
}

// 1 on the diagonal, 0 elsewhere: n by n, or of a shape [n, m].
fn eye(n: ints, t: dtype = f32) {
  d = each(n, 2)
  cast(iota(d[0])[:, new] == iota(d[1]), dtype: t)
}

// n numbers from lo to hi, both included.
fn linspace(lo: float, hi: float, n: int) { lo + f32(iota(n)) * ((hi - lo) / (n - 1)) }

// x with a new axis of length 1.
fn unsqueeze(x: any, axis: int) {
  k = if axis < 0 { rank(x) + 1 + axis } else { axis }
  reshape(x, shape: shape(x)[:k] + [1] + shape(x)[k:])
}

// x without an axis of length 1.
fn squeeze(x: any, axis: int) {
  k = axis_of(x, axis)
  reshape(x, shape: shape(x)[:k] + shape(x)[k + 1:])
}

// Elements from to to of one axis.
fn narrow(x: any, axis: int, from: dim, size: dim) {
  k = axis_of(x, axis)
  starts = []; sizes = []; steps = []
  for i, d in shape(x) {
    starts = starts + [if i == k { from } else { 0 }]
    sizes = sizes + [if i == k { size } else { d }]
    steps = steps + [1]
  }
  slice(x, starts: starts, sizes: sizes, steps: steps)
}

// n equal pieces along an axis.
fn split(x: any, n: int, axis: int = 0) {
  size = shape(x)[axis_of(x, axis)] / n
  out = []
  for i in 0..n { out = out + [narrow(x, axis, i * size, size)] }
  out
}

// The slices along an axis, without it.
fn unstack(x: any, axis: int = 0) {
  out = []
  for i in 0..shape(x)[axis_of(x, axis)] { out = out + [squeeze(narrow(x, axis, i, 1), axis)] }
  out
}

// Tensors of one shape along a new axis.
fn stack(xs: list, axis: int = 0) {
  out = []
  for x in xs { out = out + [unsqueeze(x, axis)] }
  k = if axis < 0 { rank(xs[0]) + 1 + axis } else { axis }
  concat(out, axis: k)
}

// x with all axes from first on in one.
fn flatten(x: any, first: int = 1) { reshape(x, shape: shape(x)[:first] + [size(shape(x)[first:])]) }

// 1 at each label, 0 elsewhere; the classes are the last axis.
fn one_hot(ids: any, classes: int, t: dtype = f32) { cast(ids[..., new] == iota(classes, dtype: dtype(ids)), dtype: t) }

// ---- Reductions

fn mean(x: any, axes: [int] = none, keep: bool = false) {
  if axes == none { sum(x, keep: keep) / size(x) } else { sum(x, axes: axes, keep: keep) / axes_size(x, axes) }
}

// The number of elements along some axes.
fn axes_size(x: any, axes: [int]) {
  n = 1
  for a in axes { n = n * shape(x)[a] }
  n
}

// Mean and biased variance along some axes.
fn moments(x: any, axes: [int], keep: bool = false) {
  m = mean(x, axes: axes, keep: true)
  v = mean((x - m)**2, axes: axes, keep: keep)
  (if keep { m } else { mean(x, axes: axes) }, v)
}

fn variance(x: any, axes: [int], keep: bool = false) { mean((x - mean(x, axes: axes, keep: true))**2, axes: axes, keep: keep) }

fn softmax(x: [...], axis: int = -1) -> [...] {
  e = exp(x - stop_gradient(amax(x, axes: [axis], keep: true)))
  e / sum(e, axes: [axis], keep: true)
}

fn log_softmax(x: [...], axis: int = -1) -> [...] {
  y = x - stop_gradient(amax(x, axes: [axis], keep: true))
  y - log(sum(exp(y), axes: [axis], keep: true))
}

// log(sum(exp(x))) along an axis.
fn logsumexp(x: any, axis: int = -1, keep: bool = false) {
  m = stop_gradient(amax(x, axes: [axis], keep: true))
  y = m + log(sum(exp(x - m), axes: [axis], keep: true))
  if keep { y } else { squeeze(y, axis) }
}

// x scaled to length 1 along an axis.
fn l2norm(x: [...], axis: int = -1, eps: float = 1e-12) -> [...] {
  x * rsqrt(max(sum(x**2, axes: [axis], keep: true), eps))
}

// ---- Element by element

fn relu(x: [...]) -> [...] { max(x, 0) }
fn relu6(x: [...]) -> [...] { clamp(x, 0, 6) }
fn leaky_relu(x: [...], slope: float = 0.01) -> [...] { select(x > 0, x, slope * x) }
fn elu(x: [...], alpha: float = 1.0) -> [...] { select(x > 0, x, alpha * (exp(min(x, 0)) - 1)) }
fn silu(x: [...]) -> [...] { x * sigmoid(x) }
fn gelu(x: [...]) -> [...] { 0.5 * x * erfc(-x / sqrt(2)) }  // 1 + erf(x) loses all digits for x < -3
fn gelu_tanh(x: [...]) -> [...] { 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) }
fn clamp(x: any, lo: float, hi: float) { min(max(x, lo), hi) }

// log(1 + exp(x)), which overflows nowhere. Its derivative is declared, since max and abs have kinks at 0 that it has not.
fn softplus(x: [...]) -> [...] { max(x, 0) + log(1 + exp(-abs(x))) } gradient(d) { d * sigmoid(x) }

fn ema(old: [...], new_value: [...], decay: float) -> [...] { decay * old + (1 - decay) * new_value }
fn lerp(a: [...], b: [...], t: float) -> [...] { a + (b - a) * t }

// The value is hard's, the gradient soft's.
fn straight_through(hard: [...], soft: [...]) -> [...] { soft + stop_gradient(hard - soft) }

// The identity, whose gradient is turned round.
fn grad_reverse(x: [...], scale: float = 1.0) -> [...] { x } gradient(d) { -scale * d }
