model M() {
  graph g(x: [N, 4]) -> [N, 4] { x |> rellu } // want "rellu is not known here"
}
