model M() {
  graph g(x: [N, 4]) -> [N, 4] { x |> fc{x}: Linear(4) } // want "a name can hold an int or a string, not a tensor"
}
