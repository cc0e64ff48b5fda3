model M() {
  D: Linear(2) // want "no graph calls D: it has no weights"
  graph g(x: [N, 4]) -> [N, 2] { x |> fc: Linear(2) }
}
