// Residual networks (He et al., 2015), 18 to 152 layers deep. The labels are torchvision's. As there, a bottleneck's stride is
// on its 3x3 convolution.

// Two 3x3 convolutions and a way around them.
block BasicBlock(width: int, stride: int = 1)(x: [N, C, H, W]) {
  y = x
    |> conv1: Conv2d(width, 3, stride: stride, pad: 1, bias: false) |> bn1: BatchNorm2d() |> relu
    |> conv2: Conv2d(width, 3, pad: 1, bias: false) |> bn2: BatchNorm2d()
  skip = x
  if stride != 1 or C != width {
    skip = x |> downsample.0: Conv2d(width, 1, stride: stride, bias: false) |> downsample.1: BatchNorm2d()
  }
  relu(y + skip)
}

// A 3x3 convolution between two 1x1 ones, of which the second widens fourfold.
block Bottleneck(width: int, stride: int = 1)(x: [N, C, H, W]) {
  out = 4 * width
  y = x
    |> conv1: Conv2d(width, 1, bias: false) |> bn1: BatchNorm2d() |> relu
    |> conv2: Conv2d(width, 3, stride: stride, pad: 1, bias: false) |> bn2: BatchNorm2d() |> relu
    |> conv3: Conv2d(out, 1, bias: false) |> bn3: BatchNorm2d()
  skip = x
  if stride != 1 or C != out {
    skip = x |> downsample.0: Conv2d(out, 1, stride: stride, bias: false) |> downsample.1: BatchNorm2d()
  }
  relu(y + skip)
}

model ResNet(unit: block = Bottleneck, depths: [int] = [3, 4, 6, 3], classes: int = 1000, lr: float = 0.1) {
  // The scores of the classes, for pixels normalised as ImageNet's, at any size.
  graph classify(image: [N, 3, H, W]) -> [N, classes] {
    x = image |> conv1: Conv2d(64, 7, stride: 2, pad: 3, bias: false) |> bn1: BatchNorm2d() |> relu |> max_pool2d(3, stride: 2, pad: 1)
    for s, depth in depths {
      for b in 0..depth {
        x = x |> layer{s + 1}.{b}: unit(64 * 2**s, stride: if b == 0 and s > 0 { 2 } else { 1 })
      }
    }
    x |> mean(axes: [2, 3]) |> fc: Linear(classes)
  }

  // One step of stochastic gradient descent on the cross entropy.
  train step(images: [N, 3, H, W], labels: i32[N]) {
    minimize loss = cross_entropy(classify(images), labels, axis: 1) using sgd(lr: lr, momentum: 0.9, decay: 1e-4)
  }
  expect params(classify) == 25_557_032
}
model ResNet18 = ResNet(unit: BasicBlock, depths: [2, 2, 2, 2]) { expect params(classify) == 11_689_512 }
model ResNet34 = ResNet(unit: BasicBlock) { expect params(classify) == 21_797_672 }
model ResNet50 = ResNet() { expect params(classify) == 25_557_032 }
model ResNet101 = ResNet(depths: [3, 4, 23, 3]) { expect params(classify) == 44_549_160 }
model ResNet152 = ResNet(depths: [3, 8, 36, 3]) { expect params(classify) == 60_192_808 }
