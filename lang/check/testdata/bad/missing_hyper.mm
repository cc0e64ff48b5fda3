model M() {
  graph g(x: [N, 4]) -> [N, 2] { x |> fc: Linear() } // want "Linear needs out"
}
