block Noise()(x: [N, 4]) -> [N, 4] {
  random z: [N, 4] = normal(x, 1) // want "the parameters of a distribution are compile-time numbers"
  x + z
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> n: Noise() } }
