block B()(x: [N, D]) -> [N, D] {
  param w: [D] init zeros([3]) // want "the initial value of b.w must be \[4\], not \[3\]"
  x * w
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> b: B() } }
