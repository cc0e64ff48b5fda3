// Sizes that the run tests at the door: pieces and gradients rely on them.
model M {
  param w: [1] init 1
  graph crop(x: [N, 3, H, W]) -> [N, 4, floor(H / 2) - 2, W - 4] {
    y = x |> c: Conv2d(4, 5)
    y[:, :, 0 : 2 * (floor(H / 2) - 2) : 2]
  }
  graph m(x: [N, M]) -> [N, M] { x }  // a dim of the model's name
  train tail(x: [N - 3], y: [N]) { minimize loss = sum(concat(x * w, y * w, axis: 0)**2) using sgd(lr: 0.1) }
  train third(x: [N]) { minimize loss = sum((x * w)[1 : N : 3]) using sgd(lr: 0.1) }
  train rows(x: [N, 3, H, W]) { minimize loss = sum(concat(c(x), c(x), axis: 2)) using sgd(lr: 0.1) }
  train pieces(x: [N, 3, H, W]) {
    y = x |> d: Conv2d(4, 5)
    minimize loss = sum(concat(y[:, :, ::3], y[:, :, ::2], axis: 2)) using sgd(lr: 0.1)
  }
}
