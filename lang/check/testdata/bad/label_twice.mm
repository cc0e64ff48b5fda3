model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    x |> fc: Linear(4) |> fc: Linear(4) // want "the label fc is made twice"
  }
}
