// What train graphs can say: a momentum teacher, groups, schedules, several losses at once, projections, freezing.
block Head(out: int)(x: [N, D]) -> [N, out] { x |> fc: Linear(32) |> relu |> last_layer: Linear(out) }

model Teacher(out: int = 8) {
  student: Head(out); teacher: Head(out) like student
  state center: [out] init 0
  state queue: [out, 64] init normal(); state ptr: i64[] init 0
  train step(x: [N, 16], y: [N, 16]) where 64 % N == 0 {
    t = in eval { teacher(y) |> stop_gradient }
    pt = softmax(t - center, axis: 1)
    minimize loss = -mean(sum(pt * log_softmax(student(x), axis: 1), axes: [1])) over student using adamw(lr: cosine(1e-3, warmup: 10, total: 100))
      except student.last_layer when epoch < 1
    update teacher = ema(teacher, student, 0.99)
    update center = 0.9 * center + 0.1 * mean(t, axes: [0])
    update queue[:, ptr : ptr + N] = t.T
    update ptr = (ptr + N) % 64
  }
}

model Groups() {
  f: Head(4)
  train step(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(f(x), y, axis: 1)
      over params(rank >= 2) using adamw(lr: 1e-3, decay: 0.1),
      over params(rank < 2) using adamw(lr: 1e-3)
      clip norm(1.0)
  }
}

model Critic() {
  D: Head(1); G: Head(16)
  optimizer opt_d = rmsprop(lr: 5e-5) over D
  train critic(x: [N, 16], z: [N, 16] = normal()) {
    minimize d_loss = mean(D(stop_gradient(G(z)))) - mean(D(x)) using opt_d
    update D = clamp(D, -0.01, 0.01)
  }
  train generator(z: [N, 16] = normal()) { minimize g_loss = -mean(D(G(z))) over G using rmsprop(lr: 5e-5) }
}

model Together() {
  a: Head(4); b: Head(4)
  train step(x: [N, 16]) {
    p = a(x); q = b(x)
    minimize la = mean((p - q)**2) over a using sgd(lr: 0.1), lb = -mean((p - q)**2) over b using sgd(lr: 0.1)
  }
}

model Frozen() {
  freeze trunk: Head(8)
  graph features(x: [N, 16]) -> [N, 8] { trunk(x) }
  train step(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(features(x) |> head: Linear(3), y, axis: 1) using sgd(lr: 0.1)
  }
}

// A label may be made by a later graph; an alias is another name of a parameter.
model Tied(vocab: int = 11) {
  graph embed(ids: i32[B, T]) -> [B, T, vocab] { wte(ids) @ wte.weight.T }
  graph table(ids: i32[B]) -> [B, 6] { ids |> wte: Embedding(vocab, 6) }
  alias lm_head.weight = wte.weight
  const temperature: [vocab] = linspace(0.5, 2.0, vocab)
  graph warm(ids: i32[B, T]) -> [B, T, vocab] { embed(ids) / temperature }
}

// Gradients of four calls make one step.
model Slow() {
  train step(x: [N, 16], y: i32[N]) {
    minimize loss = cross_entropy(x |> f: Head(3), y, axis: 1) using adam(lr: 0.1) clip norm(1.0) accumulate 4 except f.fc when step < 10
  }
}
