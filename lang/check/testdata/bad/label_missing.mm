model M() {
  graph g(x: [N, 4]) -> [N, 4] { x |> Linear(4) } // want "Linear owns the param weight, so it needs a label"
}
