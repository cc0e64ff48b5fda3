block B()(x: [N, 4]) -> [N, 4] {
  param w: [4] init 0
  param w: [4] init 0 // want "b.w is declared twice"
  x * w
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> b: B() } }
