// GoogLeNet (Szegedy et al., 2014) as torchvision has it: with batch normalisation, and with 3x3 convolutions in the branch
// that the paper has 5x5 in. The auxiliary classifiers, which served training alone, are left out.
import "std/vision"

// The paper's table lists a block's widths by column: 1x1, 3x3 after its reduction, 5x5 after its reduction, pooled.
block Inception(one: int, three: [int], five: [int], pooled: int)(x: [N, C, H, W]) {
  a = x |> branch1: ConvBN(one, 1)
  b = x |> branch2.0: ConvBN(three[0], 1) |> branch2.1: ConvBN(three[1], 3, pad: 1)
  c = x |> branch3.0: ConvBN(five[0], 1) |> branch3.1: ConvBN(five[1], 3, pad: 1)
  d = x |> max_pool2d(3, stride: 1, pad: 1) |> branch4.1: ConvBN(pooled, 1)
  concat(a, b, c, d, axis: 1)
}

model GoogLeNet(classes: int = 1000, dropout: float = 0.2) {
  // The scores of the classes, for pixels normalised as ImageNet's, at any size.
  graph classify(image: [N, 3, H, W]) -> [N, classes] {
    x = image |> conv1: ConvBN(64, 7, stride: 2, pad: 3) |> max_pool2d(3, stride: 2, ceil: true)
    x = x |> conv2: ConvBN(64, 1) |> conv3: ConvBN(192, 3, pad: 1) |> max_pool2d(3, stride: 2, ceil: true)
    x = x
      |> inception3a: Inception(64, [96, 128], [16, 32], 32)
      |> inception3b: Inception(128, [128, 192], [32, 96], 64)
      |> max_pool2d(3, stride: 2, ceil: true)
      |> inception4a: Inception(192, [96, 208], [16, 48], 64)
      |> inception4b: Inception(160, [112, 224], [24, 64], 64)
      |> inception4c: Inception(128, [128, 256], [24, 64], 64)
      |> inception4d: Inception(112, [144, 288], [32, 64], 64)
      |> inception4e: Inception(256, [160, 320], [32, 128], 128)
      |> max_pool2d(2, ceil: true)
      |> inception5a: Inception(256, [160, 320], [32, 128], 128)
      |> inception5b: Inception(384, [192, 384], [48, 128], 128)
    x |> mean(axes: [2, 3]) |> dropout: Dropout(dropout) |> fc: Linear(classes)
  }
  expect params(classify) == 6_624_904
}
