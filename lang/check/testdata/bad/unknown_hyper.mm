model M() {
  graph g(x: [N, 4, H, W]) -> [N, 2, H, W] { x |> fc: Conv2d(2, 1, padding: 1) } // want "Conv2d has no parameter padding"
}
