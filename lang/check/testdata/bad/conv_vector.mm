model M() {
  graph g(x: [N, 784]) -> [N, 8] { x |> conv: Conv2d(8, 3) } // want "x of Conv2d must be \[N, C, H, W\], not \[N, 784\]: the numbers of axes differ"
}
