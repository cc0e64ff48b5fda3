// U-Net (Ronneberger, Fischer and Brox, 2015): down by poolings, up by transposed convolutions, and skips across.
// UNet has padded convolutions and batch normalisation, as it is mostly built today: the mask has the size of the image.
// UNet2015 is the paper's: unpadded convolutions without normalisation, so that the mask is smaller by a border of 92 pixels.

// Two 3x3 convolutions with ReLU.
block Stack(width: int, valid: bool)(x: [N, C, H, W]) {
  for k in 1..3 {
    x = x |> conv{k}: Conv2d(width, 3, pad: if valid { 0 } else { 1 }, bias: valid)
    if not valid { x = x |> bn{k}: BatchNorm2d() }
    x = relu(x)
  }
  x
}

// The middle of x, as large as y.
fn centre(x: [N, C, H, W], y: [N, D, P, Q]) -> [N, C, P, Q] {
  top = floor((H - P) / 2)
  left = floor((W - Q) / 2)
  x[:, :, top : top + P, left : left + Q]
}

model UNet(inputs: int = 1, classes: int = 2, width: int = 64, depth: int = 4) {
  // The score of each class for each pixel.
  graph segment(image: [N, inputs, H, W]) -> [N, classes, H, W] where H % 2**depth == 0, W % 2**depth == 0 {
    x = image
    skips = []
    for d in 0..depth {
      x = x |> enc{d + 1}: Stack(width * 2**d, valid: false)
      skips = skips + [x]
      x = max_pool2d(x, 2)
    }
    x = x |> mid: Stack(width * 2**depth, valid: false)
    for d in reverse(0..depth) {
      x = x |> up{d + 1}: ConvTranspose2d(width * 2**d, 2, stride: 2)
      x = concat(skips[d], x, axis: 1) |> dec{d + 1}: Stack(width * 2**d, valid: false)
    }
    x |> head: Conv2d(classes, 1)
  }

  // One step of Adam on cross entropy plus one minus the Dice coefficient; a mask is 1 where its class is, and 0 elsewhere.
  train step(images: [N, inputs, H, W], masks: [N, classes, H, W]) where H % 2**depth == 0, W % 2**depth == 0 {
    scores = segment(images)
    p = sigmoid(scores)
    dice = (2 * sum(p * masks) + 1) / (sum(p) + sum(masks) + 1)
    minimize loss = bce_logits(scores, masks) + 1 - dice using adam(lr: 1e-3)
    report dice
  }
  expect params(segment) == 31_036_546
}

model UNet2015(inputs: int = 1, classes: int = 2, width: int = 64) {
  // The score of each class for each pixel of the inner part. Poolings need sizes like 572 that stay even on all levels.
  graph segment(image: [N, inputs, H, W]) -> [N, classes, H - 184, W - 184] where (H + 4) % 16 == 0, (W + 4) % 16 == 0, H > 184, W > 184 {
    x = image
    skips = []
    for d in 0..4 {
      x = x |> enc{d + 1}: Stack(width * 2**d, valid: true)
      skips = skips + [x]
      x = max_pool2d(x, 2)
    }
    x = x |> mid: Stack(width * 16, valid: true)
    for d in reverse(0..4) {
      x = x |> up{d + 1}: ConvTranspose2d(width * 2**d, 2, stride: 2)
      x = concat(centre(skips[d], x), x, axis: 1) |> dec{d + 1}: Stack(width * 2**d, valid: true)
    }
    x |> head: Conv2d(classes, 1)
  }
  expect params(segment) == 31_030_658
}
