model M() {
  graph g(x: [N, 4]) -> [N, 2] { x |> fc: Linear(2) }
  expect params(g) == 11 // want "expected params\(g\) == 11, but params\(g\) is 10"
}
