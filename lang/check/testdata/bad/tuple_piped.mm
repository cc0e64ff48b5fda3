model M() {
  graph g(x: [N, 4]) -> [N] { moments(x, axes: [1]) |> relu } // want "several results are never piped"
}
