block B()(x: [N, D]) -> [N, D] {
  param w: [D] init xavier() // want "fan_in is known in the initial value of a parameter with two axes or more"
  x * w
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> b: B() } }
