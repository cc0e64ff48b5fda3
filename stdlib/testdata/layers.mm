// One graph for each layer or function of the library whose numbers are tested against formulas.
model Layers() {
  // ---- Dense, tables
  graph linear(x: [N, 3]) -> any { x |> fc: Linear(4) }
  graph linear_turned(x: [N, 3]) -> any { x |> turned: Conv1D(4) }
  graph embedding(ids: i32[N, 2]) -> any { ids |> table: Embedding(5, 3) }

  // ---- Convolutions
  graph conv1d(x: [N, 4, T]) -> any { x |> c1: Conv1d(6, 3, stride: 2, pad: 2, dilation: 2, groups: 2) }
  graph conv2d(x: [N, 3, H, W]) -> any { x |> c2: Conv2d(4, [3, 2], stride: [1, 2], pad: [1, 0]) }
  graph conv3d(x: [N, 2, L, H, W]) -> any { x |> c3: Conv3d(3, [2, 3, 1], stride: [1, 2, 1], pad: [1, 1, 0]) }
  graph conv_transpose(x: [N, 3, H, W]) -> any { x |> ct: ConvTranspose2d(2, 3, stride: 2, pad: 1, extra: 1) }

  // ---- Normalisation
  graph layer_norm(x: [N, 7]) -> any { x |> ln: LayerNorm() }
  graph rms_norm(x: [N, 7]) -> any { x |> rms: RMSNorm() }
  graph group_norm(x: [N, 6, H, W]) -> any { x |> gn: GroupNorm(3) }
  graph instance_norm(x: [N, C, H, W]) -> any { InstanceNorm2d()(x) }

  // ---- Element by element
  graph functions(x: [N]) -> (
    relu: any, relu6: any, leaky_relu: any, elu: any, silu: any, gelu: any, gelu_tanh: any, softplus: any, clamp: any
  )
  {
    (
      relu(x), relu6(3 * x), leaky_relu(x, slope: 0.2), elu(x, alpha: 0.5), silu(x), gelu(x), gelu_tanh(x), softplus(8 * x),
      clamp(x, -0.5, 1)
    )
  }
  graph pairs(a: [N], b: [N]) -> (ema: any, lerp: any) { (ema(a, b, 0.9), lerp(a, b, 0.25)) }
  graph rows(x: [N, D]) -> (softmax: any, log_softmax: any, logsumexp: any, l2norm: any, variance: any) {
    (softmax(x), log_softmax(x), logsumexp(x), l2norm(x), variance(x, axes: [1]))
  }
  graph reversed(x: [N]) -> any { grad(sum(grad_reverse(x, 0.5)**2), x) }
  graph straight(x: [N]) -> (value: any, slope: any) {
    y = straight_through(round(x), 3 * x)
    (y, grad(sum(y), x))
  }

  // ---- Losses
  graph losses(x: [N, C], y: [N, C], labels: i32[N]) -> (
    cross_entropy: any, cross_entropy_sum: any, cross_entropy_none: any, bce: any, bce_logits: any, mse: any, l1: any
  )
  {
    (
      cross_entropy(x, labels, axis: 1), cross_entropy(x, labels, axis: 1, reduce: sum), cross_entropy(x, labels, axis: 1, reduce: none),
      bce(sigmoid(x), sigmoid(y)), bce_logits(x, sigmoid(y)), mse(x, y), l1(x, y)
    )
  }

  // ---- Windows and places
  graph pools(x: [N, C, H, W]) -> (maxima: any, means: any, back: any, whole: any) where H >= 3, W >= 3 {
    y, taps = max_pool2d_indices(x, 2)
    (max_pool2d(x, 3, stride: 2, pad: 1), avg_pool2d(x, 3, stride: 2, pad: 1), max_unpool2d(y, taps, 2, H, W), global_avg_pool(x))
  }
  graph larger(x: [N, C, H, W]) -> any { upsample_nearest(x, 2) }
  graph hot(ids: i32[N]) -> any { one_hot(ids, 5) }
}

// The weight of one optimiser, and its loss, half the squared distance from x.
block Point()(x: [3]) -> [] {
  param w: [3] init 0
  sum((w - x)**2) / 2
}

// One graph for each optimiser.
model Optimisers() {
  train sgd_plain(x: [3]) { minimize loss = x |> plain: Point() using sgd(lr: 0.1) }
  train sgd_decay(x: [3]) { minimize loss = x |> decay: Point() using sgd(lr: 0.1, decay: 0.01) }
  train sgd_momentum(x: [3]) { minimize loss = x |> momentum: Point() using sgd(lr: 0.1, momentum: 0.9, decay: 0.01) }
  train sgd_nesterov(x: [3]) { minimize loss = x |> nesterov: Point() using sgd(lr: 0.1, momentum: 0.9, nesterov: true) }
  train adam_decay(x: [3]) { minimize loss = x |> adam1: Point() using adam(lr: 0.05, beta1: 0.8, beta2: 0.9, eps: 1e-3, decay: 0.1) }
  train adam_apart(x: [3]) { minimize loss = x |> adam2: Point() using adamw(lr: 0.05, beta1: 0.8, beta2: 0.9, eps: 1e-3, decay: 0.1) }
  train rms_step(x: [3]) { minimize loss = x |> rms: Point() using rmsprop(lr: 0.05, alpha: 0.9, eps: 1e-3) }
  train clipped(x: [3]) { minimize loss = x |> clip: Point() using sgd(lr: 0.1) clip norm(0.5) }
}

model Noise() {
  graph calm(x: [N]) -> [N] { x |> drop: Dropout(0.25) }
  train noisy(x: [N]) {
    y = drop(x)
    report kept = y
  }
}
