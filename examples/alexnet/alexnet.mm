// AlexNet (Krizhevsky, 2014: "One weird trick for parallelizing convolutional neural networks"), the one-tower form.
// The labels are torchvision's.
model AlexNet(classes: int = 1000, dropout: float = 0.5) {
  // The scores of the classes, for pixels normalised as ImageNet's.
  graph classify(image: [N, 3, 224, 224]) -> [N, classes] {
    x = image
      |> features.0: Conv2d(64, 11, stride: 4, pad: 2) |> relu |> max_pool2d(3, stride: 2)
      |> features.3: Conv2d(192, 5, pad: 2) |> relu |> max_pool2d(3, stride: 2)
      |> features.6: Conv2d(384, 3, pad: 1) |> relu
      |> features.8: Conv2d(256, 3, pad: 1) |> relu
      |> features.10: Conv2d(256, 3, pad: 1) |> relu |> max_pool2d(3, stride: 2)
      |> rearrange("n c h w -> n (c h w)")
    x
      |> classifier.0: Dropout(dropout) |> classifier.1: Linear(4096) |> relu
      |> classifier.3: Dropout(dropout) |> classifier.4: Linear(4096) |> relu
      |> classifier.6: Linear(classes)
  }
  expect params(classify) == 61_100_840
}
