model M() {
  graph g(x: [N, 4]) -> [4, N] { rearrange(x, "a b -> b c") } // want "a stands on the left alone"
}
