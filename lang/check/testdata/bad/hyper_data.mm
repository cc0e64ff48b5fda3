model M() {
  graph g(x: [N, 4], k: i32) -> [N, 2] { x |> fc: Linear(k) } // want "out of Linear must be an int, not i32\[\]"
}
