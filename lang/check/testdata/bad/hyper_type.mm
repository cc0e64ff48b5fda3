model M() {
  graph g(x: [N, 4]) -> [N, 2] { x |> fc: Linear("two") } // want "out of Linear must be an int, not \"two\""
}
