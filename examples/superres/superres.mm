// Super-resolution by sub-pixel convolution (Shi et al., 2016). The network enlarges the luminance; colours, to whose
// sharpness the eye is less sensitive, are enlarged by bicubic interpolation.
import "std/vision"

model SuperRes(factor: int = 3) {
  // An RGB image in 0..1 of any size, enlarged.
  graph upscale(image: [N, 3, H, W]) -> (image: [N, 3, factor * H, factor * W]) {
    ycc = rgb_to_ycbcr(image)
    y = luma(ycc[:, :1])
    c = bicubic_upscale(ycc[:, 1:], factor)
    ycbcr_to_rgb(concat(y, c, axis: 1)) |> clamp(0, 1)
  }

  // A luminance in 0..1, enlarged: the network alone.
  graph luma(y: [N, 1, H, W]) -> [N, 1, factor * H, factor * W] {
    y
      |> conv1: Conv2d(64, 5, pad: 2) |> relu
      |> conv2: Conv2d(64, 3, pad: 1) |> relu
      |> conv3: Conv2d(32, 3, pad: 1) |> relu
      |> conv4: Conv2d(factor**2, 3, pad: 1)
      |> pixel_shuffle(factor)
  }
  expect params(luma) == 59_657
}
