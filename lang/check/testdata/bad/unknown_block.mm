model M() {
  graph g(x: [N, 4]) -> [N, 8] { x |> fc: Linaer(8) } // want "Linaer is not known here"
}
