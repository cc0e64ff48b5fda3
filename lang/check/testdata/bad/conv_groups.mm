model M() {
  graph g(x: [N, 6, H, W]) -> [N, 8, H, W] { x |> conv: Conv2d(8, 1, groups: 4) } // want "3 / 2 is not whole"
}
