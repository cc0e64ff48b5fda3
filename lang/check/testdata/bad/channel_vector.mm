model M() {
  param scale: [16] init 1
  graph g(x: [N, 16, H, W]) -> [N, 16, H, W] { x * scale } // want "W is not 16"
}
