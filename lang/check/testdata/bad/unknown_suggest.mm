model M(hidden: int = 4) {
  graph g(x: [N, 4]) -> [N, 4] { x |> fc: Linear(hiden) } // want "hiden is not known here"
}
