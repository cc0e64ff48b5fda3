model M() {
  graph g(x: [N, 4]) -> [2, 4] { y = x |> fc: Linear(2); fc.wieght } // want "fc has no member wieght"
}
