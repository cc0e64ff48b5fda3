// Layers. Parameters have the names and layouts of PyTorch's.

// Initial values: variance scaled by the numbers of inputs and outputs (Glorot and Bengio, 2010; He et al., 2015).
fn xavier(gain: float = 1.0) { a = gain * sqrt(6 / (fan_in() + fan_out())); uniform(-a, a) }
fn kaiming() { a = sqrt(6 / fan_in()); uniform(-a, a) }
fn lecun() { a = 1 / sqrt(fan_in()); uniform(-a, a) }

// ---- Dense

block Linear(out: int, bias: bool = true)(x: [..., D]) -> [..., out] {
  param weight: [out, D] init uniform(-1 / sqrt(D), 1 / sqrt(D))
  y = x @ weight.T
  if not bias { return y }
  param bias: [out] init uniform(-1 / sqrt(D), 1 / sqrt(D))
  y + bias
}

// Linear with the weight transposed, as GPT-2 stores it.
block Conv1D(out: int)(x: [..., D]) -> [..., out] {
  param weight: [D, out] init normal(0, 0.02)
  param bias: [out] init 0
  x @ weight + bias
}

// Rows of a table.
block Embedding(count: int, width: int)(ids: any) {
  param weight: [count, width] init normal()
  gather(weight, ids)
}

// ---- Convolutions

block Conv1d(out: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1, bias: bool = true)(x: [N, C, T])
  -> [N, out, floor((T + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1]
{
  param weight: [out, C / groups, kernel] init lecun()
  y = conv(x, weight, stride: [stride], pad_low: [pad], pad_high: [pad], dilation: [dilation], groups: groups)
  if not bias { return y }
  bound = 1 / sqrt(C / groups * kernel)
  param bias: [out] init uniform(-bound, bound)
  y + bias[:, new]
}

block Conv2d(out: int, kernel: ints, stride: ints = 1, pad: ints = 0, dilation: ints = 1, groups: int = 1, bias: bool = true)(x: [N, C, H, W]) {
  k = each(kernel, 2); p = each(pad, 2)
  param weight: [out, C / groups, k[0], k[1]] init lecun()
  y = conv(x, weight, stride: each(stride, 2), pad_low: p, pad_high: p, dilation: each(dilation, 2), groups: groups)
  if not bias { return y }
  bound = 1 / sqrt(C / groups * k[0] * k[1])
  param bias: [out] init uniform(-bound, bound)
  y + bias[:, new, new]
}

block Conv3d(out: int, kernel: ints, stride: ints = 1, pad: ints = 0, dilation: ints = 1, groups: int = 1, bias: bool = true)(x: [N, C, L, H, W]) {
  k = each(kernel, 3); p = each(pad, 3)
  param weight: [out, C / groups, k[0], k[1], k[2]] init lecun()
  y = conv(x, weight, stride: each(stride, 3), pad_low: p, pad_high: p, dilation: each(dilation, 3), groups: groups)
  if not bias { return y }
  bound = 1 / sqrt(C / groups * k[0] * k[1] * k[2])
  param bias: [out] init uniform(-bound, bound)
  y + bias[:, new, new, new]
}

block ConvTranspose2d(out: int, kernel: ints, stride: ints = 1, pad: ints = 0, extra: ints = 0, dilation: ints = 1, groups: int = 1, bias: bool = true)
  (x: [N, C, H, W])
{
  k = each(kernel, 2); p = each(pad, 2); s = each(stride, 2); d = each(dilation, 2); e = each(extra, 2)
  param weight: [C, out / groups, k[0], k[1]] init lecun()
  high = (H - 1) * s[0] - 2 * p[0] + d[0] * (k[0] - 1) + e[0] + 1
  wide = (W - 1) * s[1] - 2 * p[1] + d[1] * (k[1] - 1) + e[1] + 1
  y = conv_input_grad(x, weight, stride: s, pad_low: p, pad_high: p, dilation: d, groups: groups, sizes: [high, wide])
  if not bias { return y }
  bound = 1 / sqrt(out / groups * k[0] * k[1])
  param bias: [out] init uniform(-bound, bound)
  y + bias[:, new, new]
}

// ---- Windows. With ceil, a window that begins inside the image counts even where it ends outside.

fn max_pool2d(x: [N, C, H, W], kernel: ints, stride: ints = none, pad: ints = 0, ceil: bool = false) {
  k = each(kernel, 2); p = each(pad, 2)
  s = if stride == none { k } else { each(stride, 2) }
  window_max(x, kernel: k, stride: s, pad_low: p, pad_high: pool_end(p, s, ceil))
}

fn pool_end(p: [int], s: [int], ceil: bool) { if ceil { [p[0] + s[0] - 1, p[1] + s[1] - 1] } else { p } }

// Means over windows; padding counts as zeros.
fn avg_pool2d(x: [N, C, H, W], kernel: ints, stride: ints = none, pad: ints = 0) {
  k = each(kernel, 2); p = each(pad, 2)
  s = if stride == none { k } else { each(stride, 2) }
  window_sum(x, kernel: k, stride: s, pad_low: p, pad_high: p) / (k[0] * k[1])
}

// The maxima and which tap of its window each one is.
fn max_pool2d_indices(x: [N, C, H, W], kernel: ints, stride: ints = none, pad: ints = 0) {
  k = each(kernel, 2); p = each(pad, 2)
  s = if stride == none { k } else { each(stride, 2) }
  i = window_argmax(x, kernel: k, stride: s, pad_low: p, pad_high: p)
  (window_pick(x, i, kernel: k, stride: s, pad_low: p, pad_high: p), i)
}

// The inverse of max_pool2d_indices: each maximum back in its place in an image of a given size, zeros elsewhere.
fn max_unpool2d(x: [N, C, H, W], taps: any, kernel: ints, high: dim, wide: dim, stride: ints = none) {
  k = each(kernel, 2)
  s = if stride == none { k } else { each(stride, 2) }
  window_place(x, taps, kernel: k, stride: s, sizes: [high, wide])
}

fn global_avg_pool(x: [N, C, H, W]) -> [N, C] { mean(x, axes: [2, 3]) }

// Every pixel repeated.
fn upsample_nearest(x: [N, C, H, W], factor: int) -> [N, C, H * factor, W * factor] {
  reshape(broadcast(x[:, :, :, new, :, new], shape: [N, C, H, factor, W, factor]), shape: [N, C, H * factor, W * factor])
}

// ---- Normalisation

// A batch is normalised by its own moments in training, else by their running means.
fn batch_norm(x: any, m: any, v: any, weight: any, bias: any, eps: float, news: int) {
  scale = weight * rsqrt(v + eps)
  (x - channels(m, news)) * channels(scale, news) + channels(bias, news)
}

// A vector of channels with n axes of length 1 behind it.
fn channels(v: any, n: int) { reshape(v, shape: shape(v) + [1] * n) }

block BatchNorm1d(eps: float = 1e-5, momentum: float = 0.1)(x: [N, C]) -> [N, C] {
  param weight: [C] init 1; param bias: [C] init 0
  state running_mean: [C] init 0; state running_var: [C] init 1
  state num_batches_tracked: i64[] init 0
  m, v = if training { moments(x, axes: [0]) } else { (running_mean, running_var) }
  if training {
    update running_mean = (1 - momentum) * running_mean + momentum * m
    update running_var = (1 - momentum) * running_var + momentum * v * N / (N - 1)
    update num_batches_tracked = num_batches_tracked + 1
  }
  batch_norm(x, m, v, weight, bias, eps, 0)
}

block BatchNorm2d(eps: float = 1e-5, momentum: float = 0.1)(x: [N, C, H, W]) -> [N, C, H, W] {
  param weight: [C] init 1; param bias: [C] init 0
  state running_mean: [C] init 0; state running_var: [C] init 1
  state num_batches_tracked: i64[] init 0
  m, v = if training { moments(x, axes: [0, 2, 3]) } else { (running_mean, running_var) }
  if training {
    n = N * H * W
    update running_mean = (1 - momentum) * running_mean + momentum * m
    update running_var = (1 - momentum) * running_var + momentum * v * n / (n - 1)
    update num_batches_tracked = num_batches_tracked + 1
  }
  batch_norm(x, m, v, weight, bias, eps, 2)
}

block LayerNorm(eps: float = 1e-5)(x: [..., D]) -> [..., D] {
  param weight: [D] init 1; param bias: [D] init 0
  m, v = moments(x, axes: [-1], keep: true)
  (x - m) * rsqrt(v + eps) * weight + bias
}

block RMSNorm(eps: float = 1e-6)(x: [..., D]) -> [..., D] {
  param weight: [D] init 1
  x * rsqrt(mean(x**2, axes: [-1], keep: true) + eps) * weight
}

block GroupNorm(groups: int, eps: float = 1e-5)(x: [N, C, H, W]) -> [N, C, H, W] where C % groups == 0 {
  param weight: [C] init 1; param bias: [C] init 0
  g = rearrange(x, "n (g c) h w -> n g (c h w)", g: groups)
  m, v = moments(g, axes: [2], keep: true)
  y = reshape((g - m) * rsqrt(v + eps), shape: [N, C, H, W])
  y * weight[:, new, new] + bias[:, new, new]
}

block InstanceNorm2d(eps: float = 1e-5)(x: [N, C, H, W]) -> [N, C, H, W] {
  m, v = moments(x, axes: [2, 3], keep: true)
  (x - m) * rsqrt(v + eps)
}

// ---- Regularisation

block Dropout(p: float = 0.5, when: bool = training)(x: [...]) -> [...] {
  if not when { return x }
  random keep: [...] = bernoulli(1 - p)
  x * keep / (1 - p)
}
