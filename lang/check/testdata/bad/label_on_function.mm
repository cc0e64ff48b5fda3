model M() {
  graph g(x: [N, 4]) -> [N, 4] { x |> act: relu } // want "a label names an instance of a block or model, and relu is a function"
}
