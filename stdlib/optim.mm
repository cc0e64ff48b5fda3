// Optimisers, schedules and clipping. An optimiser is run for each parameter p and its gradient g, of any float type; lr may be a
// schedule.

// Stochastic gradient descent; decay is added to the gradient.
optimizer sgd(lr: float, momentum: float = 0.0, decay: float = 0.0, nesterov: bool = false)(p, g) {
  d = if decay != 0 { g + decay * p } else { g }
  if momentum != 0 {
    state v: like p init 0
    update v = momentum * v + d
    d = if nesterov { d + momentum * v } else { v }
  }
  update p = p - typed(lr, p) * d
}

// Adam (Kingma and Ba, 2015); decay is added to the gradient.
optimizer adam(lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, decay: float = 0.0)(p, g) {
  d = if decay != 0 { g + decay * p } else { g }
  state m: like p init 0; state v: like p init 0; state t: f64[] init 0
  update t = t + 1
  update m = beta1 * m + (1 - beta1) * d
  update v = beta2 * v + (1 - beta2) * d**2
  c1 = typed(1 - beta1**t, p); c2 = typed(sqrt(1 - beta2**t), p)  // in f64: close to 1 a power loses its digits
  update p = p - typed(lr, p) / c1 * m / (sqrt(v) / c2 + eps)
}

// Adam with decay apart from the gradient (Loshchilov and Hutter, 2019).
optimizer adamw(lr: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, decay: float = 0.01)(p, g) {
  state m: like p init 0; state v: like p init 0; state t: f64[] init 0
  update t = t + 1
  update m = beta1 * m + (1 - beta1) * g
  update v = beta2 * v + (1 - beta2) * g**2
  rate = typed(lr, p)
  q = p * (1 - rate * decay)
  c1 = typed(1 - beta1**t, p); c2 = typed(sqrt(1 - beta2**t), p)
  update p = q - rate / c1 * m / (sqrt(v) / c2 + eps)
}

// RMSProp (Hinton).
optimizer rmsprop(lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8)(p, g) {
  state v: like p init 0
  update v = alpha * v + (1 - alpha) * g**2
  update p = p - typed(lr, p) * g / (sqrt(v) + eps)
}

// ---- Schedules: numbers that depend on the trainer's step.

// A linear rise over warmup steps, then half a cosine down to floor at step total.
fn cosine(peak: float, warmup: int = 0, total: int = 0, least: float = 0.0) {
  done = clamp((step - warmup) / max(total - warmup, 1), 0, 1)
  down = least + (peak - least) * 0.5 * (1 + cos(pi * done))
  if warmup == 0 { down } else { select(step < warmup, peak * (step + 1) / warmup, down) }
}

// From a to b over so many steps, then b.
fn linear(a: float, b: float, steps: int) { a + (b - a) * clamp(step / steps, 0, 1) }

// a times rate for each so many steps, continuously.
fn exponential(a: float, rate: float, per: int) { a * rate**(step / per) }

// ---- Clipping: `clip norm(1.0)` calls clip_norm with the gradients of the statement.

// Gradients scaled down so that all together are no longer than limit.
fn clip_norm(gradients: list, limit: float) {
  total = 0
  for g in gradients { total = total + sum(g**2) }
  scale = min(limit / (sqrt(total) + 1e-6), 1)
  out = []
  for g in gradients { out = out + [g * scale] }
  out
}

// Each element cut off at -limit and limit.
fn clip_value(gradients: list, limit: float) {
  out = []
  for g in gradients { out = out + [clamp(g, -limit, limit)] }
  out
}
