// unet.mm: U-Net (Ronneberger et al., 2015), any depth. Compile-time `for` and lists; blocks may also recurse.
import "std/vision"

model UNet(classes: int = 2, width: int = 64, depth: int = 4) {
  graph segment(image: [N, C, H, W]) -> [N, classes, H, W]
    where H % 2**depth == 0, W % 2**depth == 0
  {
    x = image; skips = []
    for d in 0..depth {
      x = x |> enc{d + 1}: DoubleConv(width * 2**d)
      skips = skips + [x]
      x = max_pool2d(x, 2)
    }
    x = x |> mid: DoubleConv(width * 2**depth)
    for d in reverse(0..depth) {
      x = x |> up{d + 1}: ConvTranspose2d(width * 2**d, kernel: 2, stride: 2)
      x = concat(skips[d], x, axis: 1) |> dec{d + 1}: DoubleConv(width * 2**d)
    }
    x |> head: Conv2d(classes, kernel: 1)
  }

  train step(image: [N, C, H, W], mask: i32[N, H, W])
    where H % 2**depth == 0, W % 2**depth == 0
  {
    minimize loss = cross_entropy(segment(image), mask, axis: 1) using adam(lr: 1e-3)
  }
}
