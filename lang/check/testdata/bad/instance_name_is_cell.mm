block B()(x: [N, 4]) -> [N, 4] {
  param w: [4] init 1
  x * w |> w: Linear(4) // want "w is already the name of a param"
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> b: B() } }
