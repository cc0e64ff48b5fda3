// Parts that networks of images share.

// Convolution, batch normalisation, ReLU: what torchvision calls BasicConv2d.
block ConvBN(out: int, kernel: ints, stride: ints = 1, pad: ints = 0, eps: float = 1e-3)(x: [N, C, H, W]) {
  x |> conv: Conv2d(out, kernel, stride: stride, pad: pad, bias: false) |> bn: BatchNorm2d(eps: eps) |> relu
}

// Two 3x3 convolutions of equal width, each with batch normalisation and ReLU.
block DoubleConv(width: int)(x: [N, C, H, W]) -> [N, width, H, W] {
  x
    |> conv1: Conv2d(width, 3, pad: 1, bias: false) |> bn1: BatchNorm2d() |> relu
    |> conv2: Conv2d(width, 3, pad: 1, bias: false) |> bn2: BatchNorm2d() |> relu
}

// Channels become pixels: each group of factor**2 channels is a square of factor x factor pixels, row by row.
fn pixel_shuffle(x: [N, C, H, W], factor: int) -> [N, C / factor**2, factor * H, factor * W] where C % factor**2 == 0 {
  rearrange(x, "n (c p q) h w -> n c (h p) (w q)", p: factor, q: factor)
}

// Pixels become channels: the inverse of pixel_shuffle.
fn pixel_unshuffle(x: [N, C, H, W], factor: int) -> [N, C * factor**2, H / factor, W / factor]
  where H % factor == 0, W % factor == 0
{
  rearrange(x, "n c (h p) (w q) -> n (c p q) h w", p: factor, q: factor)
}

// RGB in 0..1 to luminance and two colour differences in 0..1, as in JPEG (ITU-R BT.601, full range).
fn rgb_to_ycbcr(x: [N, 3, H, W]) -> [N, 3, H, W] {
  r, g, b = split(x, 3, axis: 1)
  y = 0.299 * r + 0.587 * g + 0.114 * b
  concat(y, 0.5 + (b - y) / 1.772, 0.5 + (r - y) / 1.402, axis: 1)
}

// The inverse of rgb_to_ycbcr.
fn ycbcr_to_rgb(x: [N, 3, H, W]) -> [N, 3, H, W] {
  y, cb, cr = split(x, 3, axis: 1)
  r = y + 1.402 * (cr - 0.5)
  b = y + 1.772 * (cb - 0.5)
  concat(r, (y - 0.299 * r - 0.114 * b) / 0.587, b, axis: 1)
}

// The cubic convolution kernel (Keys, 1981) with a = -0.5, the one of Pillow's BICUBIC; PyTorch's interpolate has a = -0.75.
fn cubic(t: [...]) -> [...] {
  u = abs(t)
  near = (1.5 * u - 2.5) * u**2 + 1
  far = ((-0.5 * u + 2.5) * u - 4) * u + 2
  select(u < 1, near, select(u < 2, far, 0))
}

// The image enlarged by bicubic interpolation. Pixels are squares: the centre of output pixel i is at (i + 0.5) / factor - 0.5. An
// output pixel takes one of factor**2 fixed sets of weights, by its place in the input pixel, so that this is a convolution
// to factor**2 channels and a shuffle. At the border the weights that meet pixels are scaled to sum to one, as Pillow does.
fn bicubic_upscale(x: [N, C, H, W], factor: int) -> [N, C, factor * H, factor * W] {
  offset = (f32(iota(factor)) + 0.5) / factor - 0.5
  w = cubic(f32(iota(5)) - 2 - offset[:, new])
  kernel = reshape(w[:, new, :, new] * w[new, :, new, :], [factor**2, 1, 5, 5])
  planes = rearrange(x, "n c h w -> (n c) 1 h w")
  filtered = conv(planes, kernel, pad_low: [2, 2], pad_high: [2, 2])
  weight = conv(ones([1, 1, H, W]), kernel, pad_low: [2, 2], pad_high: [2, 2])
  pixel_shuffle(filtered / weight, factor) |> rearrange("(n c) 1 h w -> n c h w", c: C)
}
