model M() {
  graph g(x: [N, 4]) -> [N, 4] { y = x |> fc: Linear(4); y + fc } // want "a tensor is needed, not an instance"
}
