// resnet.mm: one file for ResNet-18 to 152; labels give torchvision's parameter names.
block Bottleneck(width: int, stride: int = 1)(x: [N, C, H, W]) {
  out = 4 * width
  y = x |> conv1: Conv2d(width, 1, bias: false)                          |> bn1: BatchNorm2d() |> relu
        |> conv2: Conv2d(width, 3, stride: stride, pad: 1, bias: false)  |> bn2: BatchNorm2d() |> relu
        |> conv3: Conv2d(out, 1, bias: false)                            |> bn3: BatchNorm2d()
  skip = x
  if stride != 1 or C != out {
    skip = x |> downsample.0: Conv2d(out, 1, stride: stride, bias: false) |> downsample.1: BatchNorm2d()
  }
  relu(y + skip)
}

model ResNet(unit: block = Bottleneck, depths: [int] = [3, 4, 6, 3], classes: int = 1000) {
  graph classify(image: [N, 3, H, W]) -> [N, classes] {
    x = image |> conv1: Conv2d(64, 7, stride: 2, pad: 3, bias: false) |> bn1: BatchNorm2d() |> relu
              |> max_pool2d(3, stride: 2, pad: 1)
    for s, depth in depths {
      for b in 0..depth {
        x = x |> layer{s + 1}.{b}: unit(64 * 2**s, stride: if b == 0 and s > 0 { 2 } else { 1 })
      }
    }
    x |> mean(axes: [2, 3]) |> fc: Linear(classes)
  }
  expect params(classify) == 25_557_032      // checked by `mmc check`, for the defaults; an alias may carry its own
}
model ResNet50  = ResNet()
model ResNet152 = ResNet(depths: [3, 8, 36, 3])
