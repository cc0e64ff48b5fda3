// What train graphs can say, at sizes for tests: schedules, clipping, groups, accumulation, freezing, teachers, projections,
// several losses at once, draws of every kind, tied weights, batch statistics and dropout. The graphs are called in this order,
// four times each, and step counts all of these calls.
block Head(out: int)(x: [N, D]) -> [N, out] { x |> fc: Linear(12) |> tanh |> last_layer: Linear(out) }

model Training(out: int = 8, vocab: int = 11) {
  train scheduled(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(x |> s: Head(4), y, axis: 1) using adamw(lr: cosine(1e-2, warmup: 2, total: 4), decay: 0.1) clip norm(0.5)
    report rate = cosine(1e-2, warmup: 2, total: 4)
  }

  two: Head(4)
  train groups(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(two(x), y, axis: 1)
      over params(rank >= 2) using adamw(lr: 1e-3, decay: 0.1),
      over params(rank < 2) using sgd(lr: 1e-2, momentum: 0.9, nesterov: true)
      clip norm(1.0)
  }

  train slow(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(x |> four: Head(3), y, axis: 1) using adam(lr: 0.01) clip norm(1.0) accumulate 2 except four.fc when step < 10
  }

  student: Head(out); teacher: Head(out) like student
  state center: [out] init 0
  state queue: [out, 12] init normal(); state ptr: i64[] init 0
  train distil(x: [N, 16], y: [N, 16]) where 12 % N == 0 {
    t = in eval { teacher(y) |> stop_gradient }
    pt = softmax(t - center, axis: 1)
    minimize loss = -mean(sum(pt * log_softmax(student(x), axis: 1), axes: [1])) over student using adamw(lr: 1e-3)
      except student.last_layer when step < 100
    update teacher = ema(teacher, student, 0.9)
    update center = 0.9 * center + 0.1 * mean(t, axes: [0])
    update queue[:, ptr : ptr + N] = t.T
    update ptr = (ptr + N) % 12
  }

  D: Head(1); G: Head(16)
  optimizer opt_d = rmsprop(lr: 5e-3, eps: 0.1) over D
  train critic(x: [N, 16], z: [N, 16]) {
    minimize d_loss = mean(softplus(D(stop_gradient(G(z))))) + mean(softplus(-D(x))) using opt_d
    update D = clamp(D, -0.3, 0.3)
  }
  train generator(z: [N, 16]) { minimize g_loss = mean(softplus(-D(G(z)))) over G using rmsprop(lr: 5e-3, eps: 0.1) }

  a: Head(4); b: Head(4)
  train together(x: [N, 16]) {
    p = a(x); q = b(x)
    minimize la = mean((p - q)**2) over a using sgd(lr: 0.1), lb = -mean((p - q)**2) over b using sgd(lr: 0.1)
  }

  freeze trunk: Head(8)
  graph features(x: [N, 16]) -> [N, 8] { trunk(x) }
  train frozen(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(features(x) |> head: Linear(3), y, axis: 1) using sgd(lr: 0.1)
  }

  graph embed(ids: i32[N]) -> [N, vocab] { (ids |> wte: Embedding(vocab, 6)) @ wte.weight.T }
  alias lm_head.weight = wte.weight
  const temperature: [vocab] = linspace(0.5, 2.0, vocab)
  train tied(ids: i32[N], y: i32[N]) {
    minimize loss = cross_entropy(embed(ids) / temperature, y, axis: 1) using sgd(lr: 1e-2)
  }

  train noisy(x: [N, 16], y: i32[N]) {
    random shift: [N, 16] = normal(0, 0.1)
    random keep: [N, 16] = bernoulli(0.8)
    random turn: i32[N] = permutation()
    random other: i32[N] = randint(0, 4)
    h = (x + shift) * keep |> fc: Linear(12, bias: false) |> bn: BatchNorm1d() |> relu |> drop: Dropout(0.5) |> out: Linear(4)
    minimize loss = cross_entropy(h, y, axis: 1) + 0.1 * cross_entropy(gather(h, turn), other, axis: 1) using sgd(lr: 0.1, momentum: 0.9)
  }
}
