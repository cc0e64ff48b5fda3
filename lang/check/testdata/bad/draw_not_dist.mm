block Noise()(x: [N, 4]) -> [N, 4] {
  random z: [N, 4] = 3 // want "a draw needs a distribution"
  x + z
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> n: Noise() } }
