// Recurrences: scan with carries and yields, loop with a dim as counter, cond, a cache in decoding.
block LSTM(hidden: int, layers: int = 1)(x: [T, N, D], h0: [layers, N, hidden] = 0, c0: [layers, N, hidden] = 0)
  -> (y: [T, N, hidden], h: [layers, N, hidden], c: [layers, N, hidden])
{
  hs = []; cs = []
  for l in 0..layers {
    param weight_ih_l{l}: [4 * hidden, if l == 0 { D } else { hidden }] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    param weight_hh_l{l}: [4 * hidden, hidden] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    x = scan xt in x with h = h0[l], c = c0[l] {
      i, f, g, o = split(xt @ weight_ih_l{l}.T + h @ weight_hh_l{l}.T, 4, axis: 1)
      c = sigmoid(f) * c + sigmoid(i) * tanh(g)
      h = sigmoid(o) * tanh(c)
      yield h
    }
    hs = hs + [h]; cs = cs + [c]
  }
  (x, stack(hs), stack(cs))
}

model CharRNN(vocab: int = 65, hidden: int = 32) {
  rnn: LSTM(hidden, layers: 2)
  train tbptt(ids: i32[T, N], next: i32[T, N], h: inout [2, N, hidden], c: inout [2, N, hidden]) {
    y, h1, c1 = rnn(one_hot(ids, vocab), h, c)
    update h = h1; update c = c1
    minimize loss = cross_entropy(y |> head: Linear(vocab), next, axis: -1) using adam(lr: 2e-3) clip norm(5.0)
  }
  expect params(rnn) == 4 * 32 * (65 + 32 + 32 + 32)
}

model Sampler() {
  graph sample(noise: [N, 4] = normal(), sigmas: [S + 1]) -> [N, 4] {
    scan now, next in sigmas[:-1], sigmas[1:] with x = noise { x = x + (next - now) * x }
    x
  }
  graph newton(x: [N], limit: dim) -> [N] {
    loop i in 0..limit with y = x, done = false {
      z = y - (y * y - x) / (2 * y)
      done = all(abs(z - y) < 1e-6)
      y = z
    } until done
    y
  }
  graph halve(x: [N]) -> [N] { cond(sum(x) > 0) { x / 2 } else { x } }
}

block Window(d: int)(x: [N, C, T]) -> [N, C, T + d] {
  cache past: [N, C, d] init 0
  y = concat(past, x, axis: 2)
  update past = y[:, :, T:]
  y
}

model Stream() {
  graph step(x: [N, 3, T]) -> [N, 3, T + 2] { in decoding { x |> w: Window(2) } }
}

block Keep(max_len: int)(x: [B, T, D], pos: dim = 0) -> [B, T, D] {
  if decoding {
    cache past: [B, max_len, D]
    update past[:, pos : pos + T] = x
    x = past[:, pos : pos + T]
  }
  x |> out: Linear(D)
}

model Decoder(max_len: int = 64) {
  graph step(x: [B, T, 8], pos: dim) -> [B, T, 8] where pos + T <= max_len { in decoding { x |> keep: Keep(max_len)(pos: pos) } }
}

model Writer(vocab: int = 50, width: int = 8, max_len: int = 64) {
  graph step(ids: i32[B, T], pos: dim = 0) -> [B, vocab] where pos + T <= max_len {
    in decoding {
      h = ids |> wte: Embedding(vocab, width) |> keep: Keep(max_len)(pos: pos)
      h[:, -1] |> head: Linear(vocab)
    }
  }
  graph generate(prompt: i32[B, T], max_new: dim, eos: i32 = 0) -> i32[B, ?K <= max_new] where T + max_new <= max_len {
    first = step(prompt, pos: 0)
    tokens = loop i in 0..max_new with last = first, done = false {
      t = i32(argmax(last, axis: 1))
      yield t
      last = step(t[:, new], pos: T + i)
      done = all(t == eos)
    } until done
    tokens.T
  }
}
