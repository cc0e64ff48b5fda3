// lstm.mm: scan is the run-time recurrence; the names after `with` are carried and keep their last value; `yield` stacks along the scanned axis.
block LSTM(hidden: int, layers: int = 1)(x: [T, N, D], h0: [layers, N, hidden] = 0, c0: [layers, N, hidden] = 0)
  -> (y: [T, N, hidden], h: [layers, N, hidden], c: [layers, N, hidden])
{
  hs = []; cs = []
  for l in 0..layers {
    param weight_ih_l{l}: [4 * hidden, if l == 0 { D } else { hidden }] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    param weight_hh_l{l}: [4 * hidden, hidden] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    param bias_ih_l{l}: [4 * hidden] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    param bias_hh_l{l}: [4 * hidden] init uniform(-1 / sqrt(hidden), 1 / sqrt(hidden))
    x = scan xt in x with h = h0[l], c = c0[l] {
      i, f, g, o = split(xt @ weight_ih_l{l}.T + bias_ih_l{l} + h @ weight_hh_l{l}.T + bias_hh_l{l}, 4, axis: 1)
      c = sigmoid(f) * c + sigmoid(i) * tanh(g)
      h = sigmoid(o) * tanh(c)
      yield h
    }
    hs = hs + [h]; cs = cs + [c]
  }
  (x, stack(hs), stack(cs))
}
