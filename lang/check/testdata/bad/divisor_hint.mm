model M() {
  graph g(x: [N, 3, H, W]) -> [N, 3, H, W] {
    y = max_pool2d(x, 2) |> upsample_nearest(2)
    x + y // want "do not fit"
  }
}
