model M() {
  graph g(x: [N, 4]) -> [N, 4] {
    for i in 0..3 { x = x |> fc: Linear(4) } // want "the label fc is made twice"
    x
  }
}
