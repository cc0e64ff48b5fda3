model M() {
  graph g(x: [N, 3, H, W]) -> [N, 8] { x |> conv: Conv2d(8, 3) |> mean(axes: [2]) } // want "must be \[N, 8\], not \[N, 8, W - 2\]"
}
