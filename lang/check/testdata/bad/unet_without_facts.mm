model UNet(width: int = 8, depth: int = 4) {
  graph segment(image: [N, 3, H, W]) -> [N, 2, H, W] {
    x = image; skips = []
    for d in 0..depth {
      x = x |> enc{d + 1}: Conv2d(width, 3, pad: 1)
      skips = skips + [x]
      x = max_pool2d(x, 2)
    }
    for d in reverse(0..depth) {
      x = x |> up{d + 1}: ConvTranspose2d(width, 2, stride: 2)
      x = concat(skips[d], x, axis: 1) |> dec{d + 1}: Conv2d(width, 3, pad: 1) // want "concat.*"
    }
    x |> head: Conv2d(2, 1)
  }
}
