model M() {
  graph g(x: [N, 4]) -> [N, 2] { x |> fc: Linear(2) }
  alias head.weight = fd.weight // want "there is no parameter fd.weight"
}
