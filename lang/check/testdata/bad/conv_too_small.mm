model M() {
  graph g(x: [N, 1, 4, 4]) -> [N, 8] { x |> conv: Conv2d(8, 7) } // want "a kernel of 7 does not fit into a size of 4"
}
