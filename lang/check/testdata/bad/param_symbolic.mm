model M() {
  graph g(x: [N, D]) -> [N, 2] { x |> fc: Linear(2) } // want "param fc.weight must have fixed dims, and D is known only when the graph runs"
}
